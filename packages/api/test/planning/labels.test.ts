import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, openFixture } from '../fixture.ts';
import { insertTasks, readLatestChange, readTasks } from './rows.ts';

const { db, as } = await openFixture();

function createPlanner() {
  const caller = createUser();
  const { task, label, list } = as(caller);
  let made = 0;
  return {
    caller,
    task,
    label,
    list,
    /** Creates tasks in this order, each with these labels. */
    async add(...all: string[][]) {
      const ids: string[] = [];
      for (const labels of all) ids.push((await task.create({ title: `task ${100 + made++}`, labels })).id);
      return ids;
    },
    rows: () => readTasks(db, caller.userId),
    labels: async () => (await readTasks(db, caller.userId)).map(({ labels }) => labels),
  };
}

test('label.list returns the labels of open and completed tasks with their counts, in order of the names', async () => {
  const { add, label, task } = createPlanner();
  const [, completed, trashed] = await add(['home', 'äpfel'], ['home', 'Home office'], ['home', 'gone'], [], ['日本']);
  await task.update({ id: completed!, completed: true });
  await task.delete({ id: trashed! });
  expect(await label.list()).toEqual({
    items: [
      { name: 'Home office', count: 1 },
      { name: 'home', count: 2 },
      { name: 'äpfel', count: 1 },
      { name: '日本', count: 1 },
    ],
  });
  expect(await as(createUser()).label.list()).toEqual({ items: [] });
});

test('of more than 1,000 labels, label.list returns those with the most tasks', async () => {
  const { caller, label } = createPlanner();
  const { task } = as(caller);
  for (let first = 0; first < 1_020; first += 20) {
    const labels = Array.from({ length: 20 }, (_, index) => `label ${2_000 + first + index}`);
    await task.create({ title: 'x', labels });
  }
  await task.create({ title: 'x', labels: ['label 3019', 'label 3010'] });
  const names = (await label.list()).items.map(({ name }) => name);
  expect(names).toHaveLength(1_000);
  expect(names).toEqual(names.toSorted());
  expect(names.slice(-3)).toEqual(['label 2997', 'label 3010', 'label 3019']);
});

test('a renamed label takes the place of the old one in all tasks, also in the trash', async () => {
  const { caller, add, label, task, labels } = createPlanner();
  const [first, , third, trashed] = await add(['a', 'home', 'b'], ['a'], ['home'], ['home', 'c']);
  await task.delete({ id: trashed! });
  expect(await label.rename({ from: 'home', to: 'house' })).toEqual({ count: 3 });
  expect(await labels()).toEqual([['a', 'house', 'b'], ['a'], ['house'], ['house', 'c']]);
  expect(await readLatestChange(db, caller.userId)).toEqual({
    lists: [],
    tasks: [first!, third!, trashed!].toSorted(),
  });
  expect(await task.get({ id: third! })).toMatchObject({ labels: ['house'], version: 2 });
});

test.each([
  ['the old label is first', ['home', 'x', 'house'], ['house', 'x']],
  ['the new label is first', ['HOUSE', 'x', 'Home', 'y'], ['house', 'x', 'y']],
])('a task that has both labels retains one, if %s', async (_, before, after) => {
  const { add, label, labels } = createPlanner();
  await add(before);
  await label.rename({ from: 'home', to: 'house' });
  expect(await labels()).toEqual([after]);
});

test.each([
  ['home', 'HOME'],
  ['ÄRGER', 'ärger'],
  ['ärger', 'A\u0308rger'],
  ['задача', 'ЗАДАЧА'],
  ['ΣΟΦΟΣ', 'σοφος'],
  ['straße', 'STRAẞE'],
  ['İstanbul', 'İstanbul'],
  [`a'b"c\\d%_{},*.`, `A'B"C\\D%_{},*.`],
])('the label %j is found as %j', async (stored, from) => {
  const { add, label, labels } = createPlanner();
  await add([stored, 'other'], ['cafe']);
  expect(await label.rename({ from, to: 'new' })).toEqual({ count: 1 });
  expect(await labels()).toEqual([['new', 'other'], ['cafe']]);
});

test.each([
  ['cafe', 'café'],
  ['home', 'homes'],
  ['a b', 'ab'],
])('the label %j is not found as %j', async (stored, from) => {
  const { add, label, labels } = createPlanner();
  await add([stored]);
  expect(await label.rename({ from, to: 'new' })).toEqual({ count: 0 });
  expect(await labels()).toEqual([[stored]]);
});

test('the case of a label can be changed, and tasks that have the new spelling do not change', async () => {
  const { add, label, rows } = createPlanner();
  await add(['Home'], ['home']);
  expect(await label.rename({ from: 'HOME', to: 'home' })).toEqual({ count: 1 });
  expect((await rows()).map(({ labels, version }) => [labels, version])).toEqual([
    [['home'], 2],
    [['home'], 1],
  ]);
});

test('a renamed label changes the search text of its tasks in step', async () => {
  const { caller, task, label, rows } = createPlanner();
  await task.create({ title: 'Größe', description: 'Zwei\nZeilen', labels: ['Ärger', 'Büro', '日本'] });
  await task.create({ title: 'none', labels: ['Büro'] });
  await label.rename({ from: 'büro', to: 'Café  Noir' });
  expect((await rows()).map(({ search, is_folded }) => [search, is_folded])).toEqual([
    ['grosse\nzwei zeilen\narger\tcafe noir\t日本', true],
    ['none\n\ncafe noir', true],
  ]);
  // As if other code had written the task: its search text must be made again.
  await db.acrossAllUsers(
    (em) => em.execute(`update tasks set search = '', is_folded = false where user_id = ?`, [caller.userId]),
    { write: true },
  );
  expect(await label.rename({ from: 'CAFÉ  noir', to: 'Büro' })).toEqual({ count: 2 });
  expect((await rows()).map(({ labels, is_folded }) => [labels, is_folded])).toEqual([
    [['Ärger', 'Büro', '日本'], false],
    [['Büro'], false],
  ]);
});

test('a renaming with an operationId is applied once, and a repeated call returns the same count', async () => {
  const { add, label, labels } = createPlanner();
  await add(['home'], ['home']);
  const renaming = { from: 'home', to: 'house', operationId: randomUUID() };
  expect(await label.rename(renaming)).toEqual({ count: 2 });
  await add(['home']);
  expect(await label.rename(renaming)).toEqual({ count: 2 });
  expect(await labels()).toEqual([['house'], ['house'], ['home']]);
  await expect(label.rename({ ...renaming, to: 'flat' })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a renaming with an operationId that changed nothing is remembered', async () => {
  const { add, label, labels } = createPlanner();
  const renaming = { from: 'home', to: 'house', operationId: randomUUID() };
  expect(await label.rename(renaming)).toEqual({ count: 0 });
  await add(['home']);
  expect(await label.rename(renaming)).toEqual({ count: 0 });
  expect(await labels()).toEqual([['home']]);
});

const tooLarge = {
  code: 'BAD_REQUEST',
  message: 'The tasks with this label are too many or too large for one call. Use task.updateMany.',
};

test('the renaming of a label of tasks with 10 MB of text is refused and not remembered', async () => {
  const { label, task, labels } = createPlanner();
  const items = Array.from({ length: 50 }, () => ({ title: 'x', description: 'é'.repeat(9_999), labels: ['many'] }));
  let ids: string[] = [];
  for (let count = 0; count < 1000; count += 50) {
    ids = (await task.createMany({ items })).items.map(({ id }) => id);
  }
  const renaming = { from: 'many', to: 'none', operationId: randomUUID() };
  await expect(label.rename(renaming)).rejects.toMatchObject(tooLarge);
  expect(await labels()).toContainEqual(['many']);
  await task.updateMany({ ids, set: { labels: [] } });
  expect(await label.rename(renaming)).toEqual({ count: 950 });
});

test('a label of 10,000 tasks can be renamed; for one of 10,001, the call is refused and not remembered', async () => {
  const { caller, label, task, labels } = createPlanner();
  await as(caller).user.me();
  await insertTasks(db, { userId: caller.userId, listId: null, count: 10_000 });
  expect(await label.rename({ from: 'many', to: 'all' })).toEqual({ count: 10_000 });
  const { id } = await task.create({ title: 'one more', labels: ['All'] });
  const renaming = { from: 'all', to: 'none', operationId: randomUUID() };
  await expect(label.rename(renaming)).rejects.toMatchObject(tooLarge);
  expect(new Set((await labels()).flat())).toEqual(new Set(['all', 'All']));
  await task.update({ id, labels: [] });
  expect(await label.rename(renaming)).toEqual({ count: 10_000 });
});

test.each([
  ['without from', { to: 'x' }],
  ['without to', { from: 'x' }],
  ['with a blank new name', { from: 'x', to: ' ' }],
  ['with a new name of 51 letters', { from: 'x', to: 'x'.repeat(51) }],
  ['with a lone surrogate', { from: '\ud800', to: 'x' }],
])('a renaming %s is refused', async (_, input) => {
  await expect(createPlanner().label.rename(input as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
