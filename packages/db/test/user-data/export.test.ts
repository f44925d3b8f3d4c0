import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  createTasks,
  deleteList,
  deleteTask,
  exportData,
  getTask,
  importData,
  InvalidCursorError,
  listChanges,
  listTasks,
  updateList,
  updateTask,
} from '../../src/index.ts';
import { openFixture } from '../fixture.ts';
import { exportAll } from './fixture.ts';

const { db } = await openFixture();
const open = () => db.asUser(randomUUID());

test('an export contains archived lists, and lists and tasks in the trash, in the order of their IDs', async () => {
  const scope = open();
  const archived = await createList(scope, { name: 'archived' });
  await updateList(scope, { id: archived.id, archived: true });
  const deleted = await createList(scope, { name: 'deleted' });
  const inList = await createTask(scope, { title: 'in the list', listId: deleted.id });
  await deleteList(scope, { id: deleted.id });
  const task = await createTask(scope, { title: 'in the inbox' });
  const { id } = await createTask(scope, { title: 'in the trash' });
  await deleteTask(scope, { id });
  const { lists, tasks } = await exportAll(scope);
  expect(lists).toMatchObject([
    { id: archived.id, archivedAt: expect.any(String), deletedAt: null },
    { id: deleted.id, deletedAt: expect.any(String) },
  ]);
  expect(tasks).toMatchObject([
    { id: inList.id, listId: deleted.id, deletedAt: lists[1]!.deletedAt },
    task,
    { id, deletedAt: expect.any(String) },
  ]);
});

test('the export of a user without data is one empty page', async () => {
  expect(await exportData(open(), {})).toEqual({ lists: [], tasks: [], nextCursor: null });
});

test('an export by pages contains each unchanged row once, while other rows are created, changed and deleted', async () => {
  const scope = open();
  const lists: { id: string }[] = [];
  for (let count = 0; count < 4; count++) lists.push(await createList(scope, { name: `${count}` }));
  const { items } = await createTasks(
    scope,
    Array.from({ length: 600 }, (_, at) => ({ title: `${at}`, listId: lists[at % 4]!.id })),
  );
  const [unchanged, changed, deleted] = [items.slice(0, 400), items.slice(400, 500), items.slice(500)];
  const seen: string[] = [];
  let pages = 0;
  for (let cursor: string | null | undefined; cursor !== null; pages++) {
    const page = await exportData(scope, { cursor, maxBytes: 20_000 });
    expect(page.lists.length + page.tasks.length).toBeGreaterThan(0);
    seen.push(...[...page.lists, ...page.tasks].map(({ id }) => id));
    await createTask(scope, { title: 'new' });
    await updateTask(scope, { id: changed[pages]!.id, title: 'changed' });
    await deleteTask(scope, { id: deleted[pages]!.id });
    cursor = page.nextCursor;
  }
  expect(pages).toBeGreaterThan(5);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining([...lists, ...unchanged].map(({ id }) => id)));
});

test('a page of an export has at most 500 rows, so that one import accepts it', async () => {
  const scope = open();
  await createList(scope, { name: 'list' });
  await createTasks(
    scope,
    Array.from({ length: 500 }, () => ({ title: 'x' })),
  );
  const { lists, tasks, nextCursor } = await exportData(scope, {});
  expect([lists.length, tasks.length]).toEqual([1, 499]);
  expect(await importData(db.asUser(randomUUID()), { lists, tasks })).toMatchObject({ created: 500 });
  expect(await exportData(scope, { cursor: nextCursor! })).toMatchObject({ lists: [], nextCursor: null });
});

test('the cursor of an export is refused for another user, and in other calls', async () => {
  const scope = open();
  await createTasks(scope, [{ title: 'one' }, { title: 'two' }]);
  const { nextCursor } = await exportData(scope, { maxBytes: 1 });
  const cursor = nextCursor!;
  await expect(exportData(open(), { cursor })).rejects.toThrow(InvalidCursorError);
  await expect(exportData(scope, { cursor: `${cursor}x` })).rejects.toThrow(InvalidCursorError);
  await expect(listChanges(scope, { since: cursor, limit: 1 })).rejects.toThrow(InvalidCursorError);
  await expect(listTasks(scope, { cursor, limit: 1, order: 'newest' })).rejects.toThrow(InvalidCursorError);
  const { cursor: since } = await listChanges(scope, { limit: 1 });
  await expect(exportData(scope, { cursor: since! })).rejects.toThrow(InvalidCursorError);
});

test('an export of a user contains no row of another user', async () => {
  const [one, other] = [open(), open()];
  const { id } = await createTask(one, { title: 'secret' });
  await createList(one, { name: 'secret' });
  expect(await exportAll(other)).toEqual({ lists: [], tasks: [] });
  expect((await getTask(one, { id })).title).toBe('secret');
});
