import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  createTasks,
  deleteList,
  deleteTask,
  listChanges,
  purgeTasks,
  restoreList,
  updateTask,
} from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';
import { apply, page, write } from './any-writes.ts';
import { Follower, readContents } from './follower.ts';

const { db, sql } = await openFixture();

const createScope = () => db.asUser(randomUUID());
const nothing = { tasks: [], lists: [], removed: [], hasMore: false, isReset: false };

test('the feed of a user without any change has no cursor, and the first change begins a copy', async () => {
  const scope = createScope();
  expect(await listChanges(scope, { limit: 10 })).toEqual({ ...nothing, cursor: null });
  const list = await createList(scope, { name: 'home' });
  const task = await createTask(scope, { title: 'x', listId: list.id });
  const copy = await listChanges(scope, { limit: 10 });
  expect(copy).toEqual({ ...nothing, tasks: [task], lists: [list], cursor: expect.any(String) });
});

test('a page without new changes has the cursor of the previous page', async () => {
  const scope = createScope();
  await createTask(scope, { title: 'x' });
  const { cursor } = await listChanges(scope, { limit: 10 });
  for (let call = 0; call < 2; call += 1) {
    expect(await listChanges(scope, { limit: 10, since: cursor! })).toEqual({ ...nothing, cursor });
  }
});

test('a write without an effect is no change, but its operation moves the cursor', async () => {
  const scope = createScope();
  const { id } = await createTask(scope, { title: 'x' });
  const { cursor } = await listChanges(scope, { limit: 10 });
  await updateTask(scope, { id, title: 'x' });
  expect(await listChanges(scope, { limit: 10, since: cursor! })).toEqual({ ...nothing, cursor });
  await updateTask(scope, { id, title: 'x', operationId: randomUUID() });
  const page = await listChanges(scope, { limit: 10, since: cursor! });
  expect(page).toEqual({ ...nothing, cursor: expect.any(String) });
  expect(page.cursor).not.toBe(cursor);
});

test('a task that changed several times is once in a page, as it is now', async () => {
  const scope = createScope();
  const { id } = await createTask(scope, { title: '0' });
  const { cursor } = await listChanges(scope, { limit: 500 });
  for (let change = 1; change <= 60; change += 1) await updateTask(scope, { id, title: `${change}` });
  expect(await listChanges(scope, { limit: 500, since: cursor! })).toMatchObject({
    tasks: [{ title: '60' }],
    hasMore: false,
  });
  // The entries of a page that a later one of the page replaces count too.
  const page = await listChanges(scope, { limit: 59, since: cursor! });
  expect(page).toMatchObject({ tasks: [], hasMore: true });
});

test('tasks in the trash are tasks, and purged tasks and lists in the trash are removed', async () => {
  const scope = createScope();
  const list = await createList(scope, { name: 'home' });
  const [kept, purged] = await createTasks(scope, [
    { title: 'kept', listId: list.id },
    { title: 'purged', listId: list.id },
  ]).then(({ items }) => items);
  const follower = new Follower();
  await follower.catchUp(scope);
  await deleteList(scope, { id: list.id });
  await purgeTasks(scope, { ids: [purged!.id] });
  const page = await follower.read(scope);
  expect(page).toMatchObject({ tasks: [{ id: kept!.id, deletedAt: expect.any(String) }], lists: [], hasMore: false });
  expect(page.removed).toEqual([
    { kind: 'list', id: list.id },
    { kind: 'task', id: purged!.id },
  ]);
  const copy = await listChanges(scope, { limit: 10 });
  expect(copy).toMatchObject({ tasks: page.tasks, lists: [], removed: [] });
  await restoreList(scope, { id: list.id });
  expect(await follower.read(scope)).toMatchObject({ tasks: [{ deletedAt: null }], lists: [{ id: list.id }] });
});

test('a list and a task with the same ID are two records', async () => {
  const scope = createScope();
  const id = randomUUID();
  const { cursor } = await createTask(scope, { title: 'x' }).then(() => listChanges(scope, { limit: 10 }));
  const list = await createList(scope, { id, name: 'home' });
  // While an ID is remembered, it belongs to one call.
  await asTools(sql, 'update changes set operation_id = null, request_hash = null where user_id = $1', [scope.userId]);
  const { items } = await createTasks(scope, [{ id, title: 'x' }]);
  expect(await listChanges(scope, { limit: 10, since: cursor! })).toMatchObject({ tasks: items, lists: [list] });
  await deleteList(scope, { id });
  const page = await listChanges(scope, { limit: 10, since: cursor! });
  expect(page).toMatchObject({ tasks: items, lists: [], removed: [{ kind: 'list', id }] });
});

test('a copy contains the task whose ID is the smallest possible one', async () => {
  const scope = createScope();
  const ids = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];
  for (const id of ids) await createTask(scope, { id, title: 'x' });
  const follower = new Follower();
  const pages = await follower.catchUp(scope, { limit: 1 });
  expect(pages.flatMap(({ tasks }) => tasks.map(({ id }) => id))).toEqual(ids);
});

test('the pages in a transaction are the same as outside of it', async () => {
  const scope = createScope();
  await createTask(scope, { title: 'x' });
  const { cursor } = await listChanges(scope, { limit: 10 });
  const list = await createList(scope, { name: 'home, "sweet" \\ home' });
  const due = { date: '2026-12-01', time: '09:00', timeZone: 'Europe/Berlin' };
  await createTask(scope, { title: 'y', listId: list.id, completed: true, labels: ['a, b', '"c"'], due, priority: 3 });
  await deleteTask(scope, { id: (await createTask(scope, { title: 'z', description: 'text' })).id });
  for (const query of [
    { limit: 10 },
    { limit: 10, since: cursor! },
    { limit: 10, since: cursor!, maxBytes: 100_000 },
  ]) {
    const page = await listChanges(scope, query);
    expect(page.lists).toEqual([list]);
    expect(await scope.transaction((inner) => listChanges(inner, query))).toEqual(page);
  }
});

test('a follower with any limits and any writes between its pages ends with what the tables contain', async () => {
  const steps = fc.array(fc.oneof({ weight: 2, arbitrary: write }, { weight: 1, arbitrary: page }), {
    minLength: 10,
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, page, async (all, last) => {
      const scope = createScope();
      const follower = new Follower();
      const seen = new Set<string>();
      for (const step of all) {
        if (Array.isArray(step)) {
          await apply({ sql, scope }, step);
          continue;
        }
        const { tasks, lists, removed, cursor, hasMore, isReset } = await follower.read(scope, step);
        expect(tasks.length + lists.length + removed.length).toBeLessThanOrEqual(step.limit);
        expect(isReset).toBe(false);
        // Each page makes progress.
        if (hasMore) expect(seen).not.toContain(cursor);
        seen.add(cursor!);
        if (!hasMore) expect(follower.contents).toEqual(await readContents(sql, scope.userId));
      }
      await follower.catchUp(scope, last);
      expect(follower.contents).toEqual(await readContents(sql, scope.userId));
    }),
    { numRuns: 60 },
  );
});
