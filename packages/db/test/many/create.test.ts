import { randomUUID } from 'node:crypto';
import { isPosition } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { createTask, createTasks, deleteTask, getTask, type NewTask, updateTask } from '../../src/index.ts';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();
const scope = db.asUser(alice);

async function countTasks(userId = alice): Promise<number> {
  const { rows } = await asTools(sql, 'select count(*)::int as n from tasks where user_id = $1', [userId]);
  return rows[0].n as number;
}

async function readChanges(userId = alice): Promise<{ revision: string; task_ids: string[] }[]> {
  const { rows } = await asTools(sql, 'select revision, task_ids from changes where user_id = $1 order by 1', [userId]);
  return rows;
}

const purge = (id: string) => asTools(sql, 'delete from tasks where user_id = $1 and id = $2', [alice, id]);
const newItems = (count: number): (NewTask & { id: string })[] =>
  Array.from({ length: count }, (_, at) => ({ id: randomUUID(), title: `task ${at}` }));

test('task.createMany creates all items in their order, with every field, in one revision', async () => {
  const user = randomUUID();
  await asTools(sql, 'insert into users (id) values ($1)', [user]);
  const listId = randomUUID();
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'list')`, [user, listId]);
  const earlier = await readChanges(user);
  const full = {
    id: randomUUID(),
    title: 'full “quoted” \\ \n😀',
    description: 'two\nlines',
    completed: true,
    listId,
    due: { date: '2026-03-01', time: '09:30', timeZone: 'Europe/Berlin' },
    priority: 3 as const,
    labels: ['a, "b" {c}', 'Straße'],
    position: 'a0',
  };
  const { items } = await createTasks(db.asUser(user), [
    { title: 'first' },
    full,
    { title: 'last', due: { date: '2026-03-02' } },
  ]);
  expect(items).toMatchObject([
    {
      title: 'first',
      description: null,
      completed: false,
      completedAt: null,
      listId: null,
      due: null,
      labels: [],
      version: 1,
    },
    { ...full, completedAt: items[1]!.createdAt, updatedAt: items[1]!.createdAt, deletedAt: null },
    { title: 'last', due: { date: '2026-03-02' } },
  ]);
  for (const item of items) expect(await getTask(db.asUser(user), { id: item.id })).toEqual(item);
  const changes = (await readChanges(user)).slice(earlier.length);
  expect(changes).toHaveLength(1);
  expect(changes[0]!.task_ids.toSorted()).toEqual(items.map(({ id }) => id).toSorted());
  const { rows } = await asTools(sql, 'select search, is_folded from tasks where id = $1', [full.id]);
  expect(rows).toEqual([{ search: 'full "quoted" \\ 😀\ntwo lines\na, "b" {c}\tstrasse', is_folded: true }]);
});

test('the positions of 500 new tasks of one task.createMany are ascending and after those of earlier tasks', async () => {
  const earlier = await createTask(scope, { title: 'earlier' });
  const { items } = await createTasks(scope, newItems(500));
  const positions = [earlier, ...items].map(({ position }) => position);
  expect(positions.every(isPosition)).toBe(true);
  expect(positions).toEqual(positions.toSorted());
  expect(new Set(positions).size).toBe(501);
  const later = await createTask(scope, { title: 'later' });
  expect(later.position > positions.at(-1)!).toBe(true);
});

test('the same task.createMany again returns the current tasks and creates nothing', async () => {
  const items = newItems(3);
  await createTasks(scope, items);
  await updateTask(scope, { id: items[0]!.id, title: 'edited' });
  await deleteTask(scope, { id: items[1]!.id });
  const [count, changes] = [await countTasks(), await readChanges()];
  const again = await createTasks(scope, items);
  expect(again.items.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  expect(again.items).toMatchObject([
    { title: 'edited' },
    { deletedAt: expect.any(String) },
    { title: 'task 2', version: 1 },
  ]);
  expect(await countTasks()).toBe(count);
  expect(await readChanges()).toEqual(changes);
});

test('task.createMany with the same ids and other content is a conflict that names the current task, and creates nothing', async () => {
  const items = newItems(3);
  await createTasks(scope, items);
  const count = await countTasks();
  const other = items.map((item, at) => (at === 1 ? { ...item, priority: 2 as const } : item));
  await expect(createTasks(scope, other)).rejects.toMatchObject({
    code: 'TASK_CONFLICT',
    current: { id: items[1]!.id, priority: 0 },
  });
  expect(await countTasks()).toBe(count);
});

test('an item whose id belongs to a task with other content is a conflict, and no item is created', async () => {
  const existing = await createTask(scope, { title: 'existing' });
  const count = await countTasks();
  const items = [{ title: 'new' }, { id: existing.id, title: 'other' }];
  await expect(createTasks(scope, items)).rejects.toMatchObject({ code: 'TASK_CONFLICT', current: existing });
  expect(await countTasks()).toBe(count);
});

test.each<Partial<NewTask>>([
  { description: 'x' },
  { completed: true },
  { due: { date: '2026-03-01' } },
  { labels: ['x'] },
  { position: 'a0' },
])('a task that differs in %o conflicts with a new item of the same id', async (difference) => {
  const { id } = await createTask(scope, { title: 'existing' });
  const item = { id, title: 'existing', ...difference };
  await expect(createTasks(scope, [item])).rejects.toMatchObject({ code: 'TASK_CONFLICT' });
});

test('an item that was created before with the same content counts as created', async () => {
  const existing = await createTask(scope, { id: randomUUID(), title: 'existing', labels: ['x'] });
  const { items } = await createTasks(scope, [
    { title: 'new' },
    { id: existing.id.toUpperCase(), title: 'existing', labels: ['x'] },
  ]);
  expect(items).toMatchObject([{ title: 'new' }, existing]);
});

test('task.createMany does not create purged tasks again', async () => {
  const items = newItems(2);
  const single = { id: randomUUID(), title: 'single' };
  await createTasks(scope, items);
  await createTask(scope, single);
  await purge(items[1]!.id);
  await purge(single.id);
  await expect(createTasks(scope, items)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', ids: [items[1]!.id] });
  const count = await countTasks();
  const mixed = createTasks(scope, [{ title: 'new' }, single]);
  await expect(mixed).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', ids: [single.id] });
  expect(await countTasks()).toBe(count);
});

test('task.createMany refuses a list that is missing, in the trash or of another user, and creates nothing', async () => {
  await createTask(db.asUser(bob), { title: 'x' });
  const [theirs, trashed] = [randomUUID(), randomUUID()];
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'theirs')`, [bob, theirs]);
  await asTools(sql, `insert into lists (user_id, id, name, deleted_at) values ($1, $2, 'trashed', now())`, [
    alice,
    trashed,
  ]);
  const count = await countTasks();
  for (const listId of [theirs, trashed, randomUUID()]) {
    const items = [{ title: 'one' }, { title: 'two', listId }];
    await expect(createTasks(scope, items)).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' });
  }
  expect(await countTasks()).toBe(count);
});

test('two users can create tasks with the same ids', async () => {
  const items = newItems(2);
  const mine = await createTasks(scope, items);
  const theirs = await createTasks(
    db.asUser(bob),
    items.map((item) => ({ ...item, title: 'theirs' })),
  );
  expect(theirs.items).toMatchObject([{ title: 'theirs' }, { title: 'theirs' }]);
  expect(await getTask(scope, { id: items[0]!.id })).toEqual(mine.items[0]);
});

test('eight simultaneous task.createMany calls with the same items create each task once', async () => {
  const items = newItems(50);
  const [count, changes] = [await countTasks(), await readChanges()];
  const all = await Promise.all(Array.from({ length: 8 }, () => createTasks(scope, items)));
  for (const one of all) expect(one).toEqual(all[0]);
  expect(await countTasks()).toBe(count + 50);
  expect(await readChanges()).toHaveLength(changes.length + 1);
});

test('task.create accepts the content that task.createMany has created under the same id', async () => {
  const item = { id: randomUUID(), title: 'one' };
  const { items } = await createTasks(scope, [item]);
  expect(await createTask(scope, item)).toEqual(items[0]);
  await expect(createTask(scope, { ...item, title: 'two' })).rejects.toMatchObject({ code: 'TASK_CONFLICT' });
});
