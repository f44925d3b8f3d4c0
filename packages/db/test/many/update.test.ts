import { randomUUID } from 'node:crypto';
import { fold } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import {
  createTask,
  createTasks,
  deleteTask,
  deleteTasks,
  getTask,
  type TaskRecord,
  updateTasks,
} from '../../src/index.ts';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();
const scope = db.asUser(alice);
const idsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => id);

async function createMany(...labels: string[][]): Promise<TaskRecord[]> {
  const { items } = await createTasks(
    scope,
    labels.map((own, at) => ({ title: `Töne ${at}`, description: 'Å', labels: own })),
  );
  return items;
}

async function readRevision(): Promise<number> {
  const { rows } = await asTools(sql, 'select max(revision)::int as n from changes where user_id = $1', [alice]);
  return rows[0].n as number;
}

async function readLastChange(): Promise<string[]> {
  const { rows } = await asTools(
    sql,
    'select task_ids from changes where user_id = $1 order by revision desc limit 1',
    [alice],
  );
  return (rows[0].task_ids as string[]).toSorted();
}

async function readSearch(id: string): Promise<string> {
  const { rows } = await asTools(sql, 'select search from tasks where user_id = $1 and id = $2', [alice, id]);
  return rows[0].search as string;
}

test('task.updateMany returns the former tasks that it has changed, and none for a repetition', async () => {
  const tasks = await createMany(['a'], ['b']);
  const [first, second] = tasks;
  await updateTasks(scope, { ids: [first!.id], set: { priority: 2 } });
  const change = { ids: idsOf(tasks), set: { priority: 2 as const }, operationId: randomUUID(), returnPrevious: true };
  const { items, previous } = await updateTasks(scope, change);
  expect(previous).toEqual([second]);
  expect(items).toMatchObject([{ priority: 2 }, { priority: 2 }]);
  expect((await updateTasks(scope, change)).previous).toBeUndefined();
  const again = { ids: change.ids, set: change.set, operationId: change.operationId };
  expect(await updateTasks(scope, again)).toEqual({ items });
  const missing = { ...change, ids: [first!.id, randomUUID()], operationId: randomUUID() };
  await expect(updateTasks(scope, missing)).rejects.toMatchObject({ ids: [missing.ids[1]] });
  await expect(updateTasks(db.asUser(bob), { ...change, operationId: randomUUID() })).rejects.toMatchObject({
    ids: change.ids,
  });
});

test('task.updateMany changes the given fields of all tasks and no others, in one revision', async () => {
  const tasks = await createMany(['a'], ['b'], ['c']);
  const revision = await readRevision();
  const set = { title: 'Neu', completed: true, due: { date: '2026-03-01' }, priority: 2 } as const;
  const ids = idsOf(tasks).toReversed();
  const { items } = await updateTasks(scope, { ids, set });
  expect(items).toEqual(
    tasks
      .toReversed()
      .map((task) =>
        Object.assign(task, set, { completedAt: expect.any(String), updatedAt: expect.any(String), version: 2 }),
      ),
  );
  for (const item of items) expect(await getTask(scope, { id: item.id })).toEqual(item);
  expect(await readRevision()).toBe(revision + 1);
  expect(await readLastChange()).toEqual(idsOf(tasks).toSorted());
  expect(await readSearch(ids[0]!)).toBe('neu\na\nc');
});

test('task.updateMany changes no task that already has the values', async () => {
  const [one, two] = (await createMany(['a'], ['a'])) as [TaskRecord, TaskRecord];
  await updateTasks(scope, { ids: [one.id], set: { priority: 1 } });
  const before = await getTask(scope, { id: one.id });
  const { items } = await updateTasks(scope, { ids: [two.id, one.id], set: { priority: 1 } });
  expect(items[1]).toEqual(before);
  expect(items[0]).toMatchObject({ id: two.id, version: 2 });
  expect(await readLastChange()).toEqual([two.id]);
  const revision = await readRevision();
  await updateTasks(scope, { ids: [two.id, one.id], set: { priority: 1 } });
  await updateTasks(scope, { ids: [two.id, one.id], set: {} });
  expect(await readRevision()).toBe(revision);
});

test('repeated ids of task.updateMany count once, in either case', async () => {
  const [task] = (await createMany([])) as [TaskRecord];
  const { items } = await updateTasks(scope, { ids: [task.id, task.id.toUpperCase(), task.id], set: { priority: 1 } });
  expect(items).toMatchObject([{ id: task.id, version: 2 }]);
});

test.each([
  ['updateMany', (ids: string[]) => updateTasks(scope, { ids, set: { priority: 3 } })],
  ['deleteMany', (ids: string[]) => deleteTasks(scope, { ids })],
])('task.%s with missing tasks names all of them and changes nothing', async (_name, call) => {
  const [one, two] = (await createMany([], [])) as [TaskRecord, TaskRecord];
  const { id: theirs } = await createTask(db.asUser(bob), { title: 'theirs' });
  await deleteTask(scope, { id: two.id });
  const revision = await readRevision();
  const missing = [theirs, randomUUID(), two.id];
  const error = { code: 'TASK_NOT_FOUND', ids: missing };
  await expect(call([theirs, one.id, ...missing.slice(1)])).rejects.toMatchObject(error);
  expect(await getTask(scope, { id: one.id })).toEqual(one);
  expect(await readRevision()).toBe(revision);
  expect((await getTask(db.asUser(bob), { id: theirs })).version).toBe(1);
});

test('task.updateMany refuses a list that does not exist and changes nothing', async () => {
  const [one] = (await createMany([])) as [TaskRecord];
  const call = updateTasks(scope, { ids: [one.id], set: { listId: randomUUID(), priority: 1 } });
  await expect(call).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' });
  expect(await getTask(scope, { id: one.id })).toEqual(one);
});

test('task.deleteMany moves all tasks to the trash in one revision', async () => {
  const tasks = await createMany([], [], []);
  const revision = await readRevision();
  const ids = idsOf(tasks);
  expect(await deleteTasks(scope, { ids: [ids[2]!.toUpperCase(), ids[0]!, ids[1]!, ids[0]!] })).toEqual({
    ids: [ids[2], ids[0], ids[1]],
  });
  for (const id of ids) await expect(getTask(scope, { id })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  const { rows } = await asTools(
    sql,
    'select count(*)::int as n from tasks where id = any ($1) and deleted_at is not null and version = 2',
    [ids],
  );
  expect(rows).toEqual([{ n: 3 }]);
  expect(await readRevision()).toBe(revision + 1);
  expect(await readLastChange()).toEqual(ids.toSorted());
});

test('addLabels and removeLabels change the labels of each task, in order, and its search text', async () => {
  const tasks = await createMany(['Home', 'Work'], ['work'], [], ['x', 'WORK', 'y', 'Café']);
  const { items } = await updateTasks(scope, {
    ids: idsOf(tasks),
    set: { addLabels: ['home', 'Straße'], removeLabels: ['Work'] },
  });
  expect(items.map(({ labels }) => labels)).toEqual([
    ['Home', 'Straße'],
    ['home', 'Straße'],
    ['home', 'Straße'],
    ['x', 'y', 'Café', 'home', 'Straße'],
  ]);
  for (const [at, { id, labels }] of items.entries()) {
    expect(await readSearch(id)).toBe(`tone ${at}\na\n${labels.map(fold).join('\t')}`);
  }
});

test('addLabels and removeLabels change no task that already has these labels', async () => {
  const tasks = await createMany(['Home'], ['Work']);
  const ids = idsOf(tasks);
  const { items } = await updateTasks(scope, { ids, set: { addLabels: ['HOME'], removeLabels: ['other'] } });
  expect(items).toEqual([
    tasks[0],
    { ...tasks[1], labels: ['Work', 'HOME'], updatedAt: expect.any(String), version: 2 },
  ]);
});

test('removeLabels can remove the last label', async () => {
  const [task] = (await createMany(['a'])) as [TaskRecord];
  const { items } = await updateTasks(scope, { ids: [task.id], set: { removeLabels: ['A'] } });
  expect(items[0]!.labels).toEqual([]);
  expect(await readSearch(task.id)).toBe('tone 0\na\n');
});

test.each([
  ['ÉCOLE', 'école'],
  ['e\u0301cole', 'École'],
  ['ΟΔΟΣ', 'οδος'],
  ['İstanbul', 'i\u0307stanbul'],
  ['ẞ', 'ß'],
  ['ǅ', 'ǆ'],
  ['ДОМ', 'дом'],
  ['𐐀', '𐐨'],
  ['a"\\{},b', 'A"\\{},B'],
])('%s and %s are the same label', async (one, other) => {
  for (const [stored, given] of [
    [one, other],
    [other, one],
  ] as const) {
    const tasks = await createMany([stored, 'x']);
    const added = await updateTasks(scope, { ids: idsOf(tasks), set: { addLabels: [given] } });
    expect(added.items).toEqual(tasks);
    const removed = await updateTasks(scope, { ids: idsOf(tasks), set: { removeLabels: [given] } });
    expect(removed.items[0]!.labels).toEqual(['x']);
  }
});

test.each([
  ['Café', 'cafe'],
  ['ø', 'o'],
  ['ß', 'ss'],
  ['①', '1'],
  ['i', 'ı'],
])('%s and %s are two labels, although a search finds both', async (one, other) => {
  const tasks = await createMany([one]);
  const removed = await updateTasks(scope, { ids: idsOf(tasks), set: { removeLabels: [other] } });
  expect(removed.items).toEqual(tasks);
  const added = await updateTasks(scope, { ids: idsOf(tasks), set: { addLabels: [other] } });
  expect(added.items[0]!.labels).toEqual([one, other]);
});

test('a task that would get more than 20 labels refuses the whole call, which names it and changes nothing', async () => {
  const numbers = Array.from({ length: 19 }, (_, at) => `label ${at}`);
  const tasks = await createMany(numbers, [], [...numbers, 'Last']);
  const ids = idsOf(tasks);
  const revision = await readRevision();
  const call = (set: object, operationId?: string) =>
    updateTasks(scope, { ids, set: { priority: 1, ...set }, operationId });
  const operationId = randomUUID();
  await expect(call({ addLabels: ['new'] }, operationId)).rejects.toMatchObject({
    code: 'LABEL_LIMIT',
    ids: [ids[2]],
    message: 'A task would have more than 20 labels. Remove some first.',
  });
  await expect(call({ addLabels: ['new', 'second'] })).rejects.toMatchObject({
    ids: [ids[0], ids[2]],
    message: '2 tasks would have more than 20 labels. Remove some first.',
  });
  for (const task of tasks) expect(await getTask(scope, { id: task.id })).toEqual(task);
  expect(await readRevision()).toBe(revision);
  // The refused call is not remembered.
  await updateTasks(scope, { ids: [ids[2]!], set: { removeLabels: ['label 3'] } });
  const { items } = await call({ addLabels: ['new'] }, operationId);
  expect(items.map(({ labels }) => labels.length)).toEqual([20, 1, 20]);
});

test('labels together with addLabels or removeLabels are refused', async () => {
  const [task] = (await createMany([])) as [TaskRecord];
  for (const set of [
    { labels: [], addLabels: ['a'] },
    { labels: ['a'], removeLabels: ['b'] },
  ]) {
    await expect(updateTasks(scope, { ids: [task.id], set })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  }
});

test('addLabels works on a row whose search text is missing, as other code writes it', async () => {
  const id = randomUUID();
  await asTools(sql, `insert into tasks (user_id, id, title, labels) values ($1, $2, 'raw', '{one,two}')`, [alice, id]);
  const { items } = await updateTasks(scope, { ids: [id], set: { addLabels: ['Three'], removeLabels: ['ONE'] } });
  expect(items[0]!.labels).toEqual(['two', 'Three']);
  const { rows } = await asTools(sql, 'select is_folded from tasks where id = $1', [id]);
  expect(rows).toEqual([{ is_folded: false }]);
});
