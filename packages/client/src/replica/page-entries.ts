import type { Changes } from '@holdfast/api/client';
import { findRecords, type Operation } from './operations.ts';
import { type State, toKey } from './state.ts';
import type { FeedState, StoredEntry } from './storage.ts';

/** Entries for the next page of the feed, with its cursor. At the end of a copy, rows that did not arrive are deleted. */
export function toPageEntries({ base, writes, ...state }: State, page: Changes): StoredEntry[] {
  const { cursor, hasMore, isReset, tasks, lists, removed } = page;
  const before = state.feed();
  const isStart = isReset || before.cursor === null;
  const isCopy = isStart || before.isCopying;
  const generation = before.generation + Number(isStart);
  const rows = [
    ...tasks.map((row) => [`task ${row.id}`, row] as const),
    ...lists.map((row) => [`list ${row.id}`, row] as const),
  ];
  const arrived = new Set<string>(rows.map(([record]) => record));
  const isOld = (record: string) => base.get(record)!.generation < generation && !arrived.has(record);
  const gone = [
    ...removed.map(({ kind, id }) => `${kind} ${id}`).filter((record) => base.has(record) || writes.has(record)),
    ...(isCopy && !hasMore ? [...base.keys()].filter(isOld) : []),
  ];
  const feed: FeedState = {
    cursor,
    generation,
    isCopying: isCopy && hasMore,
    isComplete: before.isComplete || !hasMore,
  };
  return [
    ...rows.map(([record, row]): StoredEntry => [record, { row, generation }]),
    // Unsent work needs its rows.
    ...gone.map((record): StoredEntry => [
      record,
      writes.has(record) ? { ...base.get(record)!, generation: -1 } : null,
    ]),
    ['feed', feed],
  ];
}

/** The entries, and those that take operations out of the outbox, with the rows that only they needed. */
export function toSettledEntries(state: State, ops: readonly Operation[], entries: StoredEntry[] = []): StoredEntry[] {
  const next = new Map(entries);
  const { generation, isCopying } = state.feed();
  const isOrphan = (record: string) => {
    const row = (next.get(record) ?? state.base.get(record)) as { generation: number } | undefined;
    return (
      row !== undefined &&
      (row.generation === -1 || (!isCopying && row.generation < generation)) &&
      (state.writes.get(record) ?? []).every((op) => ops.includes(op))
    );
  };
  const orphans = ops.flatMap((op) => findRecords(op).changed).filter(isOrphan);
  return [...entries, ...[...orphans, ...ops.map(toKey)].map((key): StoredEntry => [key, null])];
}
