import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  deleteList,
  deleteTask,
  getTask,
  importData,
  type ImportedTask,
  InvalidValueError,
  listChanges,
  ListNotFoundError,
  listLists,
  listTasks,
  purgeTasks,
  restoreList,
  TooManyListsError,
  updateTask,
} from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';
import { exportAll } from './fixture.ts';

const { db, sql } = await openFixture();
const open = () => db.asUser(randomUUID());
const nothing = { created: 0, unchanged: 0, conflicts: [] };

test('rows with an ID and a title or name only get the defaults of new ones, in the order of the input', async () => {
  const scope = open();
  const [first, second] = [randomUUID(), randomUUID()];
  const tasks = [
    { id: first, title: 'first' },
    { id: second, title: 'second' },
  ];
  expect(await importData(scope, { lists: [{ id: first, name: 'list' }], tasks })).toEqual({ ...nothing, created: 3 });
  const { items } = await listTasks(scope, { limit: 10, order: 'position' });
  expect(items.map(({ id }) => id)).toEqual([first, second]);
  const { createdAt } = items[0]!;
  expect(items[0]).toMatchObject({ completed: false, completedAt: null, updatedAt: createdAt, version: 1, labels: [] });
  expect(await importData(scope, { lists: [{ id: first, name: 'list' }], tasks })).toEqual({
    ...nothing,
    unchanged: 3,
  });
});

test('a task with only a time of completion is completed, and was created no later', async () => {
  const scope = open();
  const completedAt = '2020-01-01T00:00:00.000Z';
  const id = randomUUID();
  await importData(scope, { lists: [], tasks: [{ id, title: 'done', completedAt }] });
  expect(await getTask(scope, { id })).toMatchObject({ completed: true, completedAt, createdAt: completedAt });
});

test('a completed task without a time of completion was completed at its last change', async () => {
  const scope = open();
  const id = randomUUID();
  const updatedAt = '2021-01-01T00:00:00.000Z';
  const task = { id, title: 'done', completed: true, createdAt: '2020-01-01T00:00:00.000Z', updatedAt };
  await importData(scope, { lists: [], tasks: [task] });
  expect(await getTask(scope, { id })).toMatchObject({ completedAt: updatedAt, updatedAt });
});

test('rows that exist with other content are conflicts and stay, and all others are created', async () => {
  const scope = open();
  const list = await createList(scope, { name: 'mine' });
  const task = await createTask(scope, { title: 'mine', listId: list.id });
  const newId = randomUUID();
  const before = await exportAll(scope);
  const result = await importData(scope, {
    lists: [{ id: list.id, name: 'other' }],
    tasks: [
      { id: task.id.toUpperCase(), title: 'other' },
      { id: newId, title: 'new', listId: list.id.toUpperCase() },
    ],
  });
  expect(result).toEqual({
    created: 1,
    unchanged: 0,
    conflicts: [
      { kind: 'list', id: list.id },
      { kind: 'task', id: task.id },
    ],
  });
  expect(await getTask(scope, { id: newId })).toMatchObject({ listId: list.id });
  const after = await exportAll(scope);
  expect({ ...after, tasks: after.tasks.filter(({ id }) => id !== newId) }).toEqual(before);
});

test.for<[string, Partial<ImportedTask>]>([
  ['title', { title: 'other' }],
  ['description', { description: 'other' }],
  ['completed', { completed: true }],
  ['due', { due: { date: '2026-01-02' } }],
  ['time of day', { due: { date: '2026-01-01', time: '10:00' } }],
  ['priority', { priority: 1 }],
  ['labels', { labels: ['x'] }],
  ['position', { position: 'a1' }],
  ['createdAt', { createdAt: '2019-01-01T00:00:00.000Z' }],
  ['deletedAt', { deletedAt: '2029-01-01T00:00:00.000Z' }],
])('a task that exists with another %s is a conflict', async ([, change]) => {
  const scope = open();
  const task = { id: randomUUID(), title: 'x', position: 'a0', due: { date: '2026-01-01' } };
  await importData(scope, { lists: [], tasks: [task] });
  const conflicts = [{ kind: 'task', id: task.id }];
  expect(await importData(scope, { lists: [], tasks: [{ ...task, ...change }] })).toEqual({ ...nothing, conflicts });
});

test('a task that was changed and changed back is unchanged', async () => {
  const scope = open();
  const { id } = await createTask(scope, { title: 'x' });
  const { tasks } = await exportAll(scope);
  await updateTask(scope, { id, title: 'y' });
  await updateTask(scope, { id, title: 'x' });
  expect(await importData(scope, { lists: [], tasks })).toEqual({ ...nothing, unchanged: 1 });
});

test('a task that was purged can be imported again', async () => {
  const scope = open();
  const { id } = await createTask(scope, { id: randomUUID(), title: 'x' });
  const { tasks } = await exportAll(scope);
  await deleteTask(scope, { id });
  await purgeTasks(scope, { ids: [id] });
  expect(await importData(scope, { lists: [], tasks })).toEqual({ ...nothing, created: 1 });
  expect(await getTask(scope, { id })).toEqual(tasks[0]);
});

test('a task whose list is neither in the import nor stored is refused by its index, and nothing is created', async () => {
  const scope = open();
  const stranger = await createList(open(), { name: 'of another user' });
  for (const listId of [randomUUID(), stranger.id]) {
    const tasks = [
      { id: randomUUID(), title: 'fine' },
      { id: randomUUID(), title: 'lost', listId },
    ];
    const lists = [{ id: randomUUID(), name: 'list' }];
    const error = await importData(scope, { lists, tasks }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(ListNotFoundError);
    expect(error).toMatchObject({ message: 'tasks.1.listId: List not found.' });
  }
  expect(await exportAll(scope)).toEqual({ lists: [], tasks: [] });
  expect((await listChanges(scope, { limit: 10 })).tasks).toEqual([]);
});

test('only a task in the trash can be in a list in the trash', async () => {
  const scope = open();
  const deletedAt = '2026-01-01T00:00:00.000Z';
  const stored = await createList(scope, { name: 'stored' });
  await deleteList(scope, { id: stored.id });
  const list = { id: randomUUID(), name: 'new', deletedAt };
  for (const listId of [stored.id, list.id]) {
    const toTask = (more: object) => ({ id: randomUUID(), title: 'x', listId, ...more });
    await expect(importData(scope, { lists: [list], tasks: [toTask({})] })).rejects.toThrow(ListNotFoundError);
    await importData(scope, { lists: [list], tasks: [toTask({ deletedAt })] });
  }
});

test('a list in the trash is restored with the tasks that were deleted with it, after an import too', async () => {
  const scope = open();
  const list = await createList(scope, { name: 'list' });
  const task = await createTask(scope, { title: 'x', listId: list.id });
  await deleteList(scope, { id: list.id });
  const other = open();
  await importData(other, await exportAll(scope));
  await restoreList(other, { id: list.id });
  expect(await getTask(other, { id: task.id })).toMatchObject({ listId: list.id, deletedAt: null });
});

const toLists = (count: number, more = {}) =>
  Array.from({ length: count }, (_, at) => ({ id: randomUUID(), name: `${at}`, ...more }));

test('an import that would exceed 500 lists is refused, but not one with lists in the trash', async () => {
  const scope = open();
  const lists = toLists(499);
  await importData(scope, { lists, tasks: [] });
  await expect(importData(scope, { lists: toLists(2), tasks: [] })).rejects.toThrow(TooManyListsError);
  await importData(scope, { lists: toLists(10, { deletedAt: '2900-01-01T00:00:00.000Z' }), tasks: [] });
  await importData(scope, { lists: toLists(1), tasks: [] });
  expect(await importData(scope, { lists, tasks: [] })).toEqual({ ...nothing, unchanged: 499 });
  expect((await listLists(scope)).items).toHaveLength(500);
});

test('imported rows are in the change feed and found by search', async () => {
  const scope = open();
  await createTask(scope, { title: 'before' });
  const { cursor } = await listChanges(scope, { limit: 10 });
  const [listId, id] = [randomUUID(), randomUUID()];
  await importData(scope, { lists: [{ id: listId, name: 'list' }], tasks: [{ id, title: 'Übung', listId }] });
  const page = await listChanges(scope, { since: cursor!, limit: 10 });
  expect(page).toMatchObject({ lists: [{ id: listId }], tasks: [{ id }], hasMore: false });
  expect((await listTasks(scope, { limit: 10, order: 'newest', search: 'ubung' })).items).toMatchObject([{ id }]);
});

test('a time before the time of creation is refused by the database', async () => {
  const createdAt = '2026-01-01T00:00:00.000Z';
  const tasks = [{ id: randomUUID(), title: 'x', createdAt, deletedAt: '2025-01-01T00:00:00.000Z' }];
  await expect(importData(open(), { lists: [], tasks })).rejects.toThrow(InvalidValueError);
});

test('rows with the IDs of another user’s rows are created, and do not change these', async () => {
  const [one, other] = [open(), open()];
  const list = await createList(one, { name: 'mine' });
  await createTask(one, { title: 'mine', listId: list.id });
  const mine = await exportAll(one);
  const theirs = {
    lists: mine.lists.map((row) => ({ ...row, name: 'theirs' })),
    tasks: mine.tasks.map((row) => ({ ...row, title: 'theirs' })),
  };
  expect(await importData(other, theirs)).toEqual({ ...nothing, created: 2 });
  expect(await exportAll(one)).toEqual(mine);
});

test('an import is one row of the log, with the IDs of all rows that it has created', async () => {
  const scope = open();
  const lists = [{ id: randomUUID(), name: 'list' }];
  const tasks = Array.from({ length: 100 }, () => ({ id: randomUUID(), title: 'x', listId: lists[0]!.id }));
  await importData(scope, { lists, tasks });
  const { rows } = await asTools(
    sql,
    'select cardinality(list_ids) as lists, cardinality(task_ids) as tasks from changes where user_id = $1',
    [scope.userId],
  );
  expect(rows).toEqual([{ lists: 1, tasks: 100 }]);
});
