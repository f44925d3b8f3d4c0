import { Gate, Gates } from '../request/gate.ts';
import { ByteBudgets } from './byte-budgets.ts';
import type { LiveStream } from './live-stream.ts';

/** Reads of one user at a time. Changes that arrive while a stream waits for its turn are read together. */
const userTurns = { runningMax: 2, waitingMax: Infinity };

/** A turn ends when the client has read the page, or after this time, in milliseconds. */
const unreadMs = 2000;

/** Pages of at least this many bytes are large. */
const largeBytesMin = 64 * 1024;

const megabyte = 1024 * 1024;

/** The large pages of all streams. They take about a sixth of the process's time. */
const allBytes = { burst: 16 * megabyte, bytesPerSecond: 8 * megabyte };

/** The pages of one user. */
const userBytes = { burst: 16 * megabyte, bytesPerSecond: 4 * megabyte };

export interface ReadTurns {
  /** Runs a read when it is the stream's turn. The turn lasts until `end`, or until the client had time to read the page. */
  run<Result>(stream: LiveStream, read: () => Promise<Result>): Promise<Result>;
  /** The client has read the page, or there is none. A user who has received much must wait for the next turn. */
  end(stream: LiveStream): void;
  /** Forgets users without streams. */
  prune(): void;
}

interface Turn {
  /** The size of the response before the read. */
  bytesBefore: number;
  timer: NodeJS.Timeout | undefined;
}

/** @param readsMax Maximum number of reads of all streams at a time. */
export function createReadTurns(readsMax: number, toFullError: () => Error): ReadTurns {
  const users = new Gates(userTurns, toFullError);
  const all = new Gate({ runningMax: readsMax, waitingMax: Infinity }, toFullError);
  const [allBudget, userBudgets] = [new ByteBudgets(allBytes), new ByteBudgets(userBytes)];
  const turns = new WeakMap<LiveStream, Turn>();

  function end(stream: LiveStream): void {
    const turn = turns.get(stream);
    if (turn === undefined) return;
    turns.delete(stream);
    clearTimeout(turn.timer);
    const { userId } = stream;
    const bytes = stream.bytesWritten - turn.bytesBefore;
    const isLarge = bytes >= largeBytesMin;
    const waitMs = Math.max(userBudgets.spend(userId, bytes), isLarge ? allBudget.spend('all', bytes) : 0);
    if (waitMs < 1) users.leave(userId);
    else setTimeout(() => users.leave(userId), waitMs).unref();
  }

  return {
    end,
    async run(stream, read) {
      const { userId, signal } = stream;
      end(stream);
      await users.enter(userId, signal);
      const turn: Turn = { bytesBefore: stream.bytesWritten, timer: undefined };
      turns.set(stream, turn);
      try {
        await all.enter(signal);
        try {
          return await read();
        } finally {
          all.leave();
        }
      } catch (error) {
        end(stream);
        throw error;
      } finally {
        if (turns.get(stream) === turn) turn.timer = setTimeout(end, unreadMs, stream).unref();
      }
    },
    prune() {
      allBudget.prune();
      userBudgets.prune();
    },
  };
}
