import type { Task } from '@holdfast/client';
import { expect, test } from 'vitest';
import type { Operation } from '../../src/replica/operations.ts';
import { toSettledEntries } from '../../src/replica/outbox.ts';
import { toPageEntries } from '../../src/replica/page-entries.ts';
import { createState, type State } from '../../src/replica/state.ts';

const toTask = (id: string, version = 1) =>
  ({ id, version, title: id, labels: [], due: null, position: 'a0', deletedAt: null }) as unknown as Task;

interface PageOptions {
  ids?: string[];
  removed?: string[];
  isReset?: boolean;
  hasMore?: boolean;
  version?: number;
}

let cursors = 0;

/** The next page of the feed arrives. */
function receive(state: State, { ids = [], removed = [], isReset = false, hasMore = false, version = 1 }: PageOptions) {
  const page = {
    tasks: ids.map((id) => toTask(id, version)),
    lists: [],
    removed: removed.map((id) => ({ kind: 'task' as const, id })),
    cursor: `cursor ${(cursors += 1)}`,
    hasMore,
    isReset,
  };
  state.store(toPageEntries(state, page));
}

const update = (id: string): Operation => ({
  id: `update ${id}`,
  path: 'task.update',
  input: { id, title: 'changed' },
  at: '2027-01-01T00:00:00.000Z',
  order: 1,
});

const ids = (state: State) =>
  state.rows.tasks
    .read()
    .map(({ id }) => id)
    .toSorted()
    .join('');

test('a new copy deletes the rows that did not arrive, at its end, but none with unsent work', () => {
  const state = createState();
  receive(state, { ids: ['a', 'b', 'c', 'd'] });
  state.add(update('c'));
  receive(state, { ids: ['a'], isReset: true, hasMore: true });
  expect(ids(state)).toBe('abcd');
  receive(state, { ids: ['d'] });
  expect(ids(state)).toBe('acd');
  expect(state.feed()).toMatchObject({ generation: 2, isCopying: false, isComplete: true });
  state.store(toSettledEntries(state, [...state.outbox.values()]));
  expect(ids(state)).toBe('ad');
});

test('a copy that begins during a copy counts only its own rows as arrived', () => {
  const state = createState();
  receive(state, { ids: ['a', 'b', 'c'] });
  receive(state, { ids: ['a', 'x'], isReset: true, hasMore: true });
  receive(state, { ids: ['b'], isReset: true, hasMore: true });
  expect(ids(state)).toBe('abcx');
  receive(state, { ids: ['c'] });
  expect(ids(state)).toBe('bc');
});

test('the first copy of a replica continues after a restart in the middle', () => {
  const state = createState();
  receive(state, { ids: ['a'], hasMore: true });
  expect(state.feed()).toMatchObject({ isCopying: true, isComplete: false });
  receive(state, { ids: ['b'] });
  expect(ids(state)).toBe('ab');
  expect(state.feed()).toMatchObject({ generation: 1, isCopying: false, isComplete: true });
});

test('a row with a lower version is accepted, because a restored database has older rows', () => {
  const state = createState();
  receive(state, { ids: ['a'], version: 7 });
  receive(state, { ids: ['a'], version: 5, isReset: true });
  expect(state.rows.tasks.read()).toMatchObject([{ id: 'a', version: 5 }]);
});

test('a removed row stays visible until the unsent work on it is settled', () => {
  const state = createState();
  receive(state, { ids: ['a', 'b'] });
  state.add(update('a'));
  receive(state, { removed: ['a', 'b'] });
  expect(ids(state)).toBe('a');
  state.store(toSettledEntries(state, [...state.outbox.values()]));
  expect(ids(state)).toBe('');
});
