import { apply, findRecords, isBroad, type Operation, type Row } from './operations.ts';
import { type State, toKey } from './state.ts';
import type { BaseRow, StoredEntry } from './storage.ts';

/** Operations that the server has accepted. They remain in the outbox until the feed has delivered their effects. */
export interface Accepted {
  has(op: Operation): boolean;
  /** `rows` are those of the response. */
  add(op: Operation, rows: readonly [record: string, Row][]): void;
  /**
   * Removes and returns the operations whose effects are in the rows of the server, with the given entries, or whose tasks were
   * deleted for good in the meantime.
   */
  settle(entries: readonly StoredEntry[]): Operation[];
  /**
   * The feed has delivered all changes up to this time, by `performance.now`. If the effects of an earlier operation are not
   * among them, the database was restored, and the operation must be sent again. Returns the operations of which that is not known.
   */
  settleUntil(time: number): Operation[];
  clear(): void;
}

interface Entry {
  versions: readonly [record: string, version: number][];
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
  let timer: ReturnType<typeof setTimeout> | undefined;

  function take(isSettled: (op: Operation, entry: Entry) => boolean): Operation[] {
    const ops = [...entries.keys()].map((key) => state.outbox.get(key)).filter((op) => op !== undefined);
    const settled = ops.filter((op) => isSettled(op, entries.get(toKey(op))!));
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
    add(op, rows) {
      entries.set(toKey(op), {
        versions: rows.map(([record, { version }]) => [record, version]),
        at: performance.now(),
      });
      arm();
    },
    settle(stored) {
      const next = new Map(stored);
      const find = (record: string) => (next.has(record) ? next.get(record) : state.base.get(record)) as BaseRow | null;
      const isGone = (record: string) => find(record)?.generation === -1;
      const read = (record: string) => (isGone(record) ? undefined : find(record)?.row);
      return take((op, { versions }) => {
        if (versions.length > 0) {
          return versions.every(
            ([record, version]) =>
              (read(record)?.version ?? 0) >= version ||
              // A task that was removed never comes back. A list can.
              (record.startsWith('task') && isGone(record)),
          );
        }
        const records = isBroad(op) ? [...state.base.keys()] : findRecords(op).changed;
        return records.every((record) => {
          const row = read(record);
          return apply(row, op, record) === row;
        });
      });
    },
    settleUntil(time) {
      const settled = take((_op, { versions, at }) => versions.length === 0 && at < time);
      const lost = [...entries].filter(([, { at }]) => at < time);
      for (const [key] of lost) entries.delete(key);
      if (lost.length > 0) onLost();
      return settled;
    },
    clear() {
      entries.clear();
      arm();
    },
  };
}
