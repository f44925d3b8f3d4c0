import type { Changes, List, Task } from '@holdfast/api/client';
import { findTouched, type Operation } from './operations.ts';
import type { BaseRow, FeedState, State } from './state.ts';
import type { StoredEntry } from './storage.ts';

type Area = 'tasks' | 'lists';
type Rows = { tasks?: readonly Task[]; lists?: readonly List[] };

/** Entries for rows of the server, unless the replica has a newer version from the same copy. */
export function toRowEntries(state: State, rows: Rows, generation = state.feed().generation): StoredEntry[] {
  const areas = ['tasks', 'lists'] as const;
  return areas.flatMap((area) =>
    (rows[area] ?? [])
      .filter((row) => {
        const known: BaseRow<Task | List> | undefined = state[area].base.get(row.id);
        return known?.generation !== generation || known.row.version <= row.version;
      })
      .map((row) => ({ area, id: row.id, value: { id: row.id, row, generation } })),
  );
}

/** Deletes a row that the server does not have, but not one that unsent work needs. */
function toRemoval(state: State, area: Area, id: string): StoredEntry[] {
  const { base, operations } = state[area];
  const known = base.get(id);
  if (known === undefined) return [];
  return [{ area, id, value: operations.has(id) ? { ...known, generation: -1 } : null }];
}

/** Entries for a page that arrived out of turn. The feed continues where it was. */
export function toEarlyEntries(state: State, page: Changes): StoredEntry[] {
  return [...toRowEntries(state, page), ...page.removed.flatMap(({ kind, id }) => toRemoval(state, `${kind}s`, id))];
}

/** Entries for the next page of the feed, with its cursor. At the end of a copy, rows that did not arrive are deleted. */
export function toPageEntries(state: State, page: Changes): StoredEntry[] {
  const before = state.feed();
  const isStart = page.isReset || before.cursor === null;
  const isCopy = isStart || before.isCopying;
  const feed: FeedState = {
    id: 'feed',
    cursor: page.cursor,
    generation: before.generation + (isStart ? 1 : 0),
    isCopying: isCopy && page.hasMore,
    isComplete: before.isComplete || !page.hasMore,
  };
  const entries = [
    ...toRowEntries(state, page, feed.generation),
    ...page.removed.flatMap(({ kind, id }) => toRemoval(state, `${kind}s`, id)),
    { area: 'meta' as const, id: 'feed', value: feed },
  ];
  if (!isCopy || page.hasMore) return entries;
  const arrived = new Set(entries.map(({ area, id }) => area + id));
  for (const area of ['tasks', 'lists'] as const) {
    for (const { id, generation } of state[area].base.values()) {
      if (generation < feed.generation && !arrived.has(area + id)) entries.push(...toRemoval(state, area, id));
    }
  }
  return entries;
}

/** Entries that take operations out of the outbox, with the rows that only they needed. */
export function toSettledEntries(state: State, ops: readonly Operation[], rows: StoredEntry[] = []): StoredEntry[] {
  const { generation, isCopying } = state.feed();
  const entries = [...rows, ...ops.map(({ id }) => ({ area: 'outbox' as const, id, value: null }))];
  const arrived = new Set(rows.map(({ area, id }) => area + id));
  if (isCopying) return entries;
  for (const op of ops) {
    const touched = findTouched(op);
    for (const area of ['tasks', 'lists'] as const) {
      const { base, operations } = state[area];
      for (const id of touched[area]) {
        const isNeeded = operations.get(id)?.some((other) => !ops.includes(other)) ?? false;
        const isGone = (base.get(id)?.generation ?? generation) < generation;
        if (isGone && !isNeeded && !arrived.has(area + id)) entries.push({ area, id, value: null });
      }
    }
  }
  return entries;
}
