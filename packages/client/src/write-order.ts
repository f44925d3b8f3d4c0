import type { AppRouter } from '@holdfast/api/client';
import type { Operation, OperationResultEnvelope, TRPCClientError } from '@trpc/client';
import type { Caller } from './session/caller.ts';
import type { TouchedRecords } from './touched-records.ts';

export type CallResult = OperationResultEnvelope<unknown, TRPCClientError<AppRouter>>;

/** A write that another call sends, with the token of that call. */
export interface TakenWrite {
  token: string | null;
  result: Promise<CallResult>;
}

/** A write that has not settled. */
export interface Write {
  records: TouchedRecords;
  op: Operation;
  caller: Caller;
  /** True while a request with this write is on its way. */
  isInFlight: boolean;
  /** Resolves when all earlier writes to its records have settled, or when another call sends this write. */
  turn: Promise<unknown>;
  /** Present while another call sends this write. */
  taken: TakenWrite | undefined;
  /** Hands the write over to another call, which sends it. If that fails, the write waits for its turn again. */
  take(taken: TakenWrite): void;
  /** Reports that the write has settled. */
  leave(): void;
}

/** Orders the calls for each record. */
export interface WriteOrder {
  /** Adds a write behind all earlier writes to its records. */
  enter(records: TouchedRecords, op: Operation, caller: Caller): Write;
  /** Resolves when all writes to the records that have entered so far have settled. */
  idle(records: readonly string[]): Promise<void>;
  /** Earlier writes that this write must follow and that are not on their way, in call order. */
  unsentBefore(write: Write): Write[];
  /**
   * The version to send for the caller's `ifVersion`. It includes this client's own changes since that version, of which
   * the caller of a pending write cannot know.
   */
  toVersion(record: string, ifVersion: number): number;
  /** Records the version after a successful write with this `ifVersion` of the caller. */
  recordVersion(record: string, ifVersion: number, version: number): void;
}

interface Queue {
  pending: Set<Write>;
  /** Resolves when the latest write that changes the record, and all calls before it, have settled. */
  changes: Promise<unknown>;
  /** Resolves when all calls that change or need the record have settled. */
  all: Promise<unknown>;
  /** The latest version by the `ifVersion` of the callers. */
  versions: Map<number, number>;
}

/**
 * Writes to one record are sent one after the other, because requests that are sent at the same time can overtake each
 * other. Writes that only need a record, such as the list of a new task, wait for its changes, but not for each other.
 */
export function createWriteOrder(): WriteOrder {
  const queues = new Map<string, Queue>();
  const pending = new Set<Write>();

  function openQueue(record: string): Queue {
    const settled = Promise.resolve();
    const queue = queues.get(record) ?? { pending: new Set(), changes: settled, all: settled, versions: new Map() };
    queues.set(record, queue);
    return queue;
  }

  return {
    enter(records, op, caller) {
      const changed = records.changed.map(openQueue);
      const needed = records.needed.map(openQueue);
      const before = Promise.all([...changed.map(({ all }) => all), ...needed.map(({ changes }) => changes)]);
      let start!: () => void;
      let end!: () => void;
      const turn = new Promise<void>((resolve) => (start = resolve));
      const ended = new Promise<void>((resolve) => (end = resolve));
      void before.then(start);
      const settled = ended.then(() => before);
      for (const queue of needed) queue.all = Promise.all([queue.all, settled]);
      for (const queue of changed) queue.changes = queue.all = settled;
      const write: Write = {
        records,
        op,
        caller,
        isInFlight: false,
        turn,
        taken: undefined,
        take(taken) {
          write.taken = taken;
          taken.result.catch(() => {
            write.taken = undefined;
            write.turn = before;
          });
          start();
        },
        leave() {
          end();
          pending.delete(write);
          for (const record of [...records.changed, ...records.needed]) {
            const queue = queues.get(record);
            queue?.pending.delete(write);
            if (queue?.pending.size === 0) queues.delete(record);
          }
        },
      };
      pending.add(write);
      for (const queue of [...changed, ...needed]) queue.pending.add(write);
      return write;
    },
    async idle(records) {
      await Promise.all(records.map((record) => queues.get(record)?.changes ?? Promise.resolve()));
    },
    unsentBefore(write) {
      const earlier = [...pending];
      earlier.length = earlier.indexOf(write);
      const changed = new Set(write.records.changed);
      const needed = new Set(write.records.needed);
      const found: Write[] = [];
      for (let other = earlier.pop(); other !== undefined; other = earlier.pop()) {
        const { records, isInFlight, taken } = other;
        const isBefore =
          records.changed.some((record) => changed.has(record) || needed.has(record)) ||
          records.needed.some((record) => changed.has(record));
        if (!isBefore || isInFlight || taken) continue;
        found.unshift(other);
        for (const record of records.changed) changed.add(record);
        for (const record of records.needed) needed.add(record);
      }
      return found;
    },
    toVersion: (record, ifVersion) => queues.get(record)?.versions.get(ifVersion) ?? ifVersion,
    recordVersion: (record, ifVersion, version) => void queues.get(record)?.versions.set(ifVersion, version),
  };
}
