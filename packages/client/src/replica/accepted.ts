import { apply, findRecords, isBroad, type Operation, type Row } from './operations.ts';
import { type State, toKey } from './state.ts';
import type { BaseRow, StoredEntry } from './storage.ts';

/** Operations that the server has accepted. They remain in the outbox until the feed has delivered their effects. */
export interface Accepted {
  has(op: Operation): boolean;
  /** True if the server has accepted the operation before, and it seemed to be lost. */
  isSentAgain(op: Operation): boolean;
  /** `rows` are those of the response. */
  add(op: Operation, rows: readonly [record: string, Row][]): void;
  /**
   * Removes and returns the operations whose effects are in the rows of the server, with the given entries, or whose tasks were
   * deleted for good in the meantime.
   */
  settle(entries: readonly StoredEntry[]): Operation[];
  /**
   * The feed has delivered all changes up to this time, by `performance.now`. If the effects of an earlier operation are not
   * among them, the database may have been restored, and the operation must be sent again. Returns the operations of which that
   * is not known.
   */
  settleUntil(time: number): Operation[];
  clear(): void;
}

interface Entry {
  /** Versions of the records in the response. Empty if it has none. */
  versions: readonly (readonly [record: string, version?: number])[];
  /** True if it seemed to be lost and was sent again. If its effects are still missing, something else hides them. */
  isSecond: boolean;
  at: number;
}

/** Without news from the feed, its stream may be broken. */
const waitMs = 5000;

export interface AcceptedOptions {
  state: State;
  /** Called if the feed has not delivered the effects of an operation after some seconds. */
  onOverdue(): void;
  /** Called if operations must be sent again. */
  onLost(): void;
}

export function createAccepted({ state, onOverdue, onLost }: AcceptedOptions): Accepted {
  const entries = new Map<string, Entry>();
  /** Keys of the operations that seemed to be lost. */
  const sentAgain = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** The accepted operations of the outbox that meet the condition. */
  const filter = (condition: (op: Operation, entry: Entry) => boolean) =>
    [...entries].flatMap(([key, entry]) => {
      const op = state.outbox.get(key);
      return op && condition(op, entry) ? [op] : [];
    });

  function toRecords(op: Operation, { versions }: Entry): Entry['versions'] {
    if (versions.length > 0) return versions;
    return (isBroad(op) ? [...state.base.keys()] : findRecords(op).changed).map((record) => [record]);
  }

  function take(isSettled: (op: Operation, entry: Entry) => boolean): Operation[] {
    const settled = filter(isSettled);
    for (const op of settled) entries.delete(toKey(op));
    arm();
    return settled;
  }

  function arm(): void {
    if (entries.size > 0) timer ??= setTimeout(check, waitMs);
    else {
      clearTimeout(timer);
      timer = undefined;
    }
  }

  function check(): void {
    timer = undefined;
    onOverdue();
    arm();
  }

  return {
    has: (op) => entries.has(toKey(op)),
    isSentAgain: (op) => sentAgain.has(toKey(op)),
    add(op, rows) {
      entries.set(toKey(op), {
        versions: rows.map(([record, { version }]) => [record, version]),
        isSecond: sentAgain.delete(toKey(op)),
        at: performance.now(),
      });
      arm();
    },
    settle(stored) {
      const next = new Map(stored);
      const find = (record: string) => (next.has(record) ? next.get(record) : state.base.get(record)) as BaseRow | null;
      const isGone = (record: string) => find(record)?.generation === -1;
      const read = (record: string) => (isGone(record) ? undefined : find(record)?.row);
      const isVisible = (op: Operation, record: string, version?: number) => {
        const row = read(record);
        // A task that was removed never comes back. A list can.
        if (version) return (row?.version ?? 0) >= version || (record.startsWith('task') && isGone(record));
        return apply(row, op, record) === row;
      };
      const visible = new Set(
        filter((op, entry) => toRecords(op, entry).every(([record, version]) => isVisible(op, record, version))),
      );
      // The server has made all operations on a record before the last one.
      const isLastVisible = (record: string) => visible.has(state.writes.get(record)?.at(-1) as Operation);
      return take(
        (op, entry) =>
          visible.has(op) ||
          toRecords(op, entry).every(([record, version]) => isLastVisible(record) || isVisible(op, record, version)),
      );
    },
    settleUntil(time) {
      const settled = take((_op, { versions, isSecond, at }) => (versions.length === 0 || isSecond) && at < time);
      const lost = [...entries].filter(([, { at }]) => at < time);
      for (const [key] of lost) {
        entries.delete(key);
        sentAgain.add(key);
      }
      if (lost.length > 0) onLost();
      return settled;
    },
    clear() {
      entries.clear();
      sentAgain.clear();
      arm();
    },
  };
}
