import type { Socket } from 'node:net';
import type { Database } from '@holdfast/db';
import { currentOperation } from '@holdfast/operation';
import { TRPCError } from '@trpc/server';
import type { Logger } from 'pino';
import type { EndedAccess, RequestCredential } from '../auth/ended-access.ts';
import type { StopReason } from '../peers/place.ts';
import { toTooManyRequests } from '../rate-limit.ts';
import type { StreamMetrics, StreamRefusal } from '../telemetry/stream-metrics.ts';
import { LiveStream, type StreamHost } from './live-stream.ts';
import { createPoll } from './poll.ts';
import { createReadTurns } from './read-turns.ts';
import type { WakeUps } from './wake-ups.ts';

export interface StreamsOptions {
  db: Pick<Database, 'findChangedUsers'>;
  endedAccess: Pick<EndedAccess, 'refresh' | 'isInvalidated' | 'isEnded'>;
  wakeUps: WakeUps;
  logger: Logger;
  metrics: StreamMetrics;
  /** Maximum number of streams of the server. */
  max: number;
  /** Maximum number of reads of all streams at a time. */
  readsMax: number;
  /** Milliseconds after which a read ends. */
  readLimitMs: number;
  /** Milliseconds between two polls. 0 turns the poll off. */
  pollMs: number;
  /** Longest duration of a stream in milliseconds. Default: 10 minutes. */
  durationMs?: number;
}

export interface OpenOptions {
  userId: string;
  credential: RequestCredential;
  signal: AbortSignal | undefined;
  /** The connection of the stream. */
  connection: Pick<Socket, 'bytesWritten'> | null;
}

/** The streams of changes of this process. */
export interface Streams {
  /**
   * @throws TRPCError TOO_MANY_REQUESTS if the user has too many streams, SERVICE_UNAVAILABLE if the process has too many, or if
   * it stops.
   */
  open(options: OpenOptions): LiveStream;
  /**
   * Ends all streams. If this process is being replaced, further ones last only for a moment: their clients connect to another
   * worker next. Otherwise no more are opened.
   */
  close(reason: StopReason): void;
}

/** Maximum number of streams of one user. */
export const streamsPerUserMax = 20;

const defaultDurationMs = 10 * 60_000;

/** How often the streams are checked for their end, in milliseconds. */
const checkMs = 1000;

/** After so many checks, the access of each stream's user is checked as well. */
const checksPerAccessCheck = 10;

export function createStreams(options: StreamsOptions): Streams {
  const { endedAccess, wakeUps, metrics, durationMs = defaultDurationMs } = options;
  const streams = new Set<LiveStream>();
  const turns = createReadTurns(options.readsMax, toFullError);
  const poll = createPoll({ ...options, intervalMs: options.pollMs });
  let closedFor: StopReason | null = null;
  let checks = 0;
  let checking: NodeJS.Timeout | undefined;
  metrics.observeStreams(() => streams.size);

  const host: StreamHost = {
    readLimitMs: options.readLimitMs,
    recordDelivery: metrics.recordDelivery,
    inTurn: (stream, read) =>
      turns.run(stream, async () => {
        await stream.known;
        stream.known = undefined;
        // As for every request: what ended access may not read is decided before the read.
        await endedAccess.refresh();
        endIfRefused(stream);
        return read();
      }),
    endTurn: turns.end,
    remove(stream) {
      if (!streams.delete(stream)) return;
      turns.end(stream);
      wakeUps.remove(stream);
      metrics.recordEndedStream(stream.endReason ?? 'client');
      if (streams.size > 0) return;
      clearInterval(checking);
      checking = undefined;
    },
  };

  function endIfRefused(stream: LiveStream): void {
    const { userId, sessionId, openedAt: issuedAt } = stream;
    if (endedAccess.isEnded({ caller: { userId }, sessionId, issuedAt })) stream.end('access');
  }

  function check(): void {
    const now = performance.now();
    for (const stream of streams) if (stream.endsAt <= now) stream.end('duration');
    turns.prune();
    checks += 1;
    if (checks % checksPerAccessCheck === 0) void checkAccess();
  }

  /**
   * Ends idle streams. Without it, and if it fails, a stream without access still sends nothing, because access is checked before
   * each read. Without a poll, a database whose server can suspend must not be read while nothing happens.
   */
  async function checkAccess(): Promise<void> {
    if (options.pollMs === 0 && !endedAccess.isInvalidated()) return;
    try {
      await endedAccess.refresh();
    } catch {
      return;
    }
    for (const stream of streams) endIfRefused(stream);
  }

  /** Ends a stream of a user who has at least two more, so that a few users cannot keep out all others. */
  function makeRoom(userId: string): boolean {
    return wakeUps.endOneOfMost(wakeUps.countOf(userId) + 1);
  }

  function findRefusal(userId: string): Refusal | null {
    if (closedFor === 'stopped')
      return { reason: 'shutdown', error: toUnavailable('The server is shutting down. Connect again.', 1000) };
    if (wakeUps.countOf(userId) >= streamsPerUserMax) {
      const message = `More than ${streamsPerUserMax} streams at a time. Close one and try again.`;
      return { reason: 'user', error: toTooManyRequests(message, 10_000) };
    }
    if (streams.size + wakeUps.countOfOthers < options.max || makeRoom(userId)) return null;
    return { reason: 'process', error: toUnavailable('This server has too many streams. Try again later.', 5000) };
  }

  return {
    open({ userId, credential, signal = null, connection }) {
      const refusal = findRefusal(userId);
      if (refusal !== null) {
        metrics.recordRefusedStream(refusal.reason);
        throw refusal.error;
      }
      const longestMs = closedFor === null ? durationMs * (0.9 + 0.1 * Math.random()) : 0;
      const lifeMs = Math.min(credential.expiresAt - Date.now() - checkMs, longestMs);
      const endsAt = performance.now() + lifeMs;
      const { streamSessionId: sessionId } = credential;
      const stream = new LiveStream(host, {
        userId,
        sessionId,
        signal,
        endsAt,
        connection,
        operation: currentOperation(),
      });
      streams.add(stream);
      stream.known = wakeUps.add(stream);
      // A generator that never starts never ends either.
      signal?.addEventListener('abort', () => stream.close(), { once: true });
      poll.start();
      checking ??= setInterval(check, checkMs).unref();
      return stream;
    },
    close(reason) {
      closedFor = reason;
      poll.close();
      for (const stream of streams) stream.end('shutdown');
    },
  };
}

interface Refusal {
  reason: StreamRefusal;
  error: TRPCError;
}

class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  readonly isRetryable = true;
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

function toUnavailable(message: string, retryAfterMs: number): TRPCError {
  return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause: new NoRoomError(message, retryAfterMs) });
}

/** The queue of the turns has no limit, because each stream waits for one read at most. */
const toFullError = () => toUnavailable('This server has too many streams. Try again later.', 5000);
