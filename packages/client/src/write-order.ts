import type { AppRouter } from '@holdfast/api/client';
import type { Operation, OperationResultEnvelope, TRPCClientError } from '@trpc/client';

export type CallResult = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>;

/** The user who made a call. */
export interface Caller {
  /** Generation of the token source when the call started. */
  generation: number;
  /** The token of the first attempt. Null before. */
  token: string | null;
}

/** A write to a task that has not settled. */
export interface Write {
  id: string;
  op: Operation;
  caller: Caller;
  /** True while a request with this write is on its way. */
  isInFlight: boolean;
  /** Resolves when all earlier writes to the task have settled, or when another call sends this write. */
  turn: Promise<void>;
  /** The result, if another call sends this write. */
  taken: Promise<CallResult> | undefined;
  /** Hands the write over to another call, which sends it. */
  take(result: Promise<CallResult>): void;
  /** Reports that the write has settled. */
  leave(): void;
}

/** Orders the calls for each task. */
export interface WriteOrder {
  /** Adds a write behind all earlier writes to the task. */
  enter(id: string, op: Operation, caller: Caller): Write;
  /** Resolves when all writes to the task that have entered so far have settled. */
  idle(id: string): Promise<void>;
  /** Earlier writes to the task that are not on their way, in call order. */
  unsentBefore(write: Write): Write[];
  /**
   * The version to send for the caller's `ifVersion`. It includes this client's own changes since that version, of which
   * the caller of a pending write cannot know.
   */
  toVersion(id: string, ifVersion: number): number;
  /** Records the version after a successful write with this `ifVersion` of the caller. */
  recordVersion(id: string, ifVersion: number, version: number): void;
}

interface Queue {
  writes: Set<Write>;
  /** Resolves when the latest write and all earlier ones have settled. */
  tail: Promise<unknown>;
  /** The latest version by the `ifVersion` of the callers. */
  versions: Map<number, number>;
}

/** Writes to one task are sent one after the other, because requests that are sent at the same time can overtake each other. */
export function createWriteOrder(): WriteOrder {
  const queues = new Map<string, Queue>();

  return {
    enter(id, op, caller) {
      const queue = queues.get(id) ?? { writes: new Set(), tail: Promise.resolve(), versions: new Map() };
      queues.set(id, queue);
      const before = queue.tail;
      let start!: () => void;
      let end!: () => void;
      const turn = new Promise<void>((resolve) => (start = resolve));
      const ended = new Promise<void>((resolve) => (end = resolve));
      void before.then(start);
      queue.tail = ended.then(() => before);
      const write: Write = {
        id,
        op,
        caller,
        isInFlight: false,
        turn,
        taken: undefined,
        take(result) {
          write.taken = result;
          // The write can be between two attempts, and reads the result later.
          result.catch(() => {});
          start();
        },
        leave() {
          end();
          queue.writes.delete(write);
          if (queue.writes.size === 0) queues.delete(id);
        },
      };
      queue.writes.add(write);
      return write;
    },
    idle: async (id) => void (await queues.get(id)?.tail),
    unsentBefore(write) {
      const writes = [...(queues.get(write.id)?.writes ?? [])];
      return writes.slice(0, writes.indexOf(write)).filter(({ isInFlight, taken }) => !isInFlight && !taken);
    },
    toVersion: (id, ifVersion) => queues.get(id)?.versions.get(ifVersion) ?? ifVersion,
    recordVersion: (id, ifVersion, version) => void queues.get(id)?.versions.set(ifVersion, version),
  };
}
