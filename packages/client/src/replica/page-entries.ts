import type { Changes } from '@holdfast/api/client';
import { findRecords, type Operation, type Row } from './operations.ts';
import { type FeedState, type State, toKey } from './state.ts';
import type { StoredEntry } from './storage.ts';

/** Entries for rows of the server, unless the replica has a newer version from the same copy. */
export function toRowEntries({ base }: State, rows: [record: string, Row][], generation: number): StoredEntry[] {
  return rows
    .filter(([record, { version }]) => {
      const known = base.get(record);
      return known?.generation !== generation || known.row.version <= version;
    })
    .map(([record, row]) => [record, { row, generation }]);
}

/** Deletes rows that the server does not have, but not those that unsent work needs. */
const toRemovals = ({ base, writes }: State, records: string[]): StoredEntry[] =>
  records
    .filter((record) => base.has(record))
    .map((record) => [record, writes.has(record) ? { ...base.get(record)!, generation: -1 } : null]);

/** Entries for the rows of a page. */
export const toPageRows = (state: State, page: Changes, { generation } = state.feed()): StoredEntry[] => [
  ...toRowEntries(
    state,
    [
      ...page.tasks.map((row): [string, Row] => [`task ${row.id}`, row]),
      ...page.lists.map((row): [string, Row] => [`list ${row.id}`, row]),
    ],
    generation,
  ),
  ...toRemovals(
    state,
    page.removed.map(({ kind, id }) => `${kind} ${id}`),
  ),
];

/** Entries for the next page of the feed, with its cursor. At the end of a copy, rows that did not arrive are deleted. */
export function toPageEntries(state: State, page: Changes): StoredEntry[] {
  const { cursor, hasMore } = page;
  const before = state.feed();
  const isStart = page.isReset || before.cursor === null;
  const isCopy = isStart || before.isCopying;
  const feed: FeedState = {
    cursor,
    generation: before.generation + Number(isStart),
    isCopying: isCopy && hasMore,
    isComplete: before.isComplete || !hasMore,
  };
  const rows = toPageRows(state, page, feed);
  const arrived = new Set(rows.map(([record]) => record));
  const isOld = (record: string) => state.base.get(record)!.generation < feed.generation && !arrived.has(record);
  const gone = isCopy && !hasMore ? toRemovals(state, [...state.base.keys()].filter(isOld)) : [];
  return [...rows, ...gone, ['feed', feed]];
}

/** Entries that take operations out of the outbox, with the rows that only they needed. */
export function toSettledEntries(state: State, ops: readonly Operation[], rows: StoredEntry[] = []): StoredEntry[] {
  const { generation, isCopying } = state.feed();
  const isOrphan = (record: string) =>
    !isCopying &&
    state.base.get(record)!.generation < generation &&
    !rows.some(([other]) => other === record) &&
    (state.writes.get(record) ?? []).every((op) => ops.includes(op));
  const records = ops.flatMap((op) => findRecords(op).changed).filter((record) => state.base.has(record));
  return [...rows, ...[...records.filter(isOrphan), ...ops.map(toKey)].map((key): StoredEntry => [key, null])];
}
