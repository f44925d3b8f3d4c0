import type { Changes } from '@holdfast/api/client';
import type { State } from './state.ts';
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

/** Entries that remove damaged rows and start a new copy. Damaged operations stay stored. */
export function toRepairEntries({ base, damaged, ...state }: State): StoredEntry[] {
  if (damaged.size === 0) return [];
  const gone = [...damaged].filter((key) => key !== 'feed' && !base.has(key));
  damaged.clear();
  const feed = state.feed();
  const generation = [...base.values()].reduce((max, row) => Math.max(max, row.generation), feed.generation);
  return [...gone.map((key): StoredEntry => [key, null]), ['feed', { ...feed, generation, cursor: null }]];
}
