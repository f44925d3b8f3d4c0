import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, openFixture, password } from './fixture.ts';
import { openServer, procedures } from './http.ts';

const { db, store, as } = await openFixture();
const { call } = await openServer(db, store);
const caller = createUser({ email: 'ann@example.org', name: 'Ann' });
const { task, trash, user, list, label, changes, calendar } = as(caller);

const taskKeys = [
  'completed',
  'completedAt',
  'createdAt',
  'deletedAt',
  'description',
  'due',
  'id',
  'labels',
  'listId',
  'position',
  'priority',
  'title',
  'updatedAt',
  'version',
];
const listKeys = ['archivedAt', 'color', 'createdAt', 'id', 'name', 'position', 'updatedAt', 'version'];
const labelKeys = ['count', 'name'];
const changesKeys = ['cursor', 'hasMore', 'isReset', 'lists', 'removed', 'tasks'];
const exportedListKeys = [...listKeys, 'deletedAt'].sort();
const userKeys = ['createdAt', 'email', 'id', 'name', 'timeZone'];

/** Calls each procedure once. */
async function callEach() {
  const created = await task.create({ title: 'one', description: 'text', completed: true });
  const { id } = created;
  const home = await list.create({ name: 'Home', color: 'red' });
  const many = await task.createMany({ items: [{ title: 'one', labels: ['x'] }, { title: 'two' }] });
  const ids = many.items.map((item) => item.id);
  return [
    { path: 'task.create', keys: taskKeys, output: created },
    { path: 'task.get', keys: taskKeys, output: await task.get({ id }) },
    { path: 'task.update', keys: taskKeys, output: await task.update({ id, completed: false }) },
    { path: 'task.list', keys: ['items', 'nextCursor'], output: await task.list({ limit: 1 }) },
    { path: 'task.count', keys: ['count'], output: await task.count() },
    { path: 'task.delete', keys: ['id'], output: await task.delete({ id }) },
    { path: 'list.create', keys: listKeys, output: home },
    { path: 'list.list', keys: ['items'], output: await list.list() },
    { path: 'list.update', keys: listKeys, output: await list.update({ id: home.id, archived: true }) },
    { path: 'list.delete', keys: ['id'], output: await list.delete({ id: home.id }) },
    { path: 'list.restore', keys: listKeys, output: await list.restore({ id: home.id }) },
    { path: 'label.list', keys: ['items'], output: await label.list() },
    { path: 'label.rename', keys: ['count'], output: await label.rename({ from: 'home', to: 'house' }) },
    { path: 'task.createMany', keys: ['items'], output: many },
    { path: 'task.updateMany', keys: ['items'], output: await task.updateMany({ ids, set: { completed: true } }) },
    {
      path: 'task.updateMany',
      keys: ['items', 'previous'],
      output: await task.updateMany({ ids, set: { completed: false }, returnPrevious: true }),
    },
    { path: 'task.reorder', keys: ['items'], output: await task.reorder({ listId: null, ids: ids.toReversed() }) },
    { path: 'task.deleteMany', keys: ['ids'], output: await task.deleteMany({ ids }) },
    { path: 'trash.list', keys: ['items', 'nextCursor'], output: await trash.list({ limit: 1 }) },
    { path: 'trash.restore', keys: ['items'], output: await trash.restore({ ids: [id] }) },
    { path: 'trash.purge', keys: ['count'], output: await trash.purge({ ids: [id] }) },
    { path: 'changes.list', keys: changesKeys, output: await changes.list() },
    { path: 'calendar.create', keys: ['createdAt', 'path'], output: await calendar.create() },
    { path: 'calendar.get', keys: ['createdAt'], output: await calendar.get() },
    { path: 'calendar.revoke', keys: [], output: await calendar.revoke() },
    { path: 'user.me', keys: userKeys, output: await user.me() },
    { path: 'user.update', keys: userKeys, output: await user.update({ timeZone: 'Europe/Berlin' }) },
    { path: 'user.export', keys: ['lists', 'nextCursor', 'tasks'], output: await user.export() },
    { path: 'user.import', keys: ['conflicts', 'created', 'unchanged'], output: await user.import({ tasks: [] }) },
    { path: 'user.delete', keys: [], output: (await call(createUser(), 'user.delete', { password })).data as object },
  ];
}

const all = await callEach();

test('these tests cover the output of every procedure', () => {
  expect(new Set(all.map(({ path }) => path))).toEqual(new Set(Object.keys(procedures)));
});

test.each(all)('the output of $path has exactly the documented keys', ({ keys, output }) => {
  expect(Object.keys(output).sort()).toEqual(keys);
});

/** The keys of each item. Other procedures return tasks. */
const itemKeys = new Map([
  ['list.list', listKeys],
  ['label.list', labelKeys],
]);

test.each(all.filter(({ keys }) => keys[0] === 'items'))(
  'the items of $path have exactly the documented keys',
  ({ path, output }) => {
    const { items } = output as unknown as { items: object[] };
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(Object.keys(item).sort()).toEqual(itemKeys.get(path) ?? taskKeys);
  },
);

test('a task in a list has exactly the documented keys', async () => {
  await task.create({ title: 'one' });
  const { id } = await task.create({ title: 'deleted' });
  await task.delete({ id });
  const lists = [await task.list(), await trash.list(), await trash.restore({ ids: [id] })];
  for (const item of lists.flatMap(({ items }) => items)) expect(Object.keys(item).sort()).toEqual(taskKeys);
});

test('a list in list.list and a label in label.list have exactly the documented keys', async () => {
  await list.create({ name: 'Home' });
  await task.create({ title: 'one', labels: ['home'] });
  for (const item of (await list.list()).items) expect(Object.keys(item).sort()).toEqual(listKeys);
  expect((await label.list()).items).toEqual([{ name: 'home', count: 1 }]);
});

test('a task, a list and a removed record in changes.list have exactly the documented keys', async () => {
  const { id } = await list.create({ name: 'deleted' });
  const { cursor } = await changes.list({ limit: 1000 });
  await list.delete({ id });
  await list.create({ name: 'Home' });
  await task.create({ title: 'one' });
  const page = await changes.list({ since: cursor! });
  expect(Object.keys(page.tasks[0]!).sort()).toEqual(taskKeys);
  expect(Object.keys(page.lists[0]!).sort()).toEqual(listKeys);
  expect(page.removed).toEqual([{ kind: 'list', id }]);
});

test('a task and a list in user.export have exactly the documented keys', async () => {
  await list.create({ name: 'Home' });
  await task.create({ title: 'one' });
  const { lists, tasks } = await user.export();
  expect(Object.keys(lists[0]!).sort()).toEqual(exportedListKeys);
  expect(Object.keys(tasks[0]!).sort()).toEqual(taskKeys);
});

test.each(all)('the output of $path is plain JSON', ({ output }) => {
  expect(structuredClone(output)).toStrictEqual(JSON.parse(JSON.stringify(output)));
});

test.each(all)('every time in the output of $path is ISO 8601 in UTC with milliseconds', ({ output }) => {
  const times = JSON.stringify(output).matchAll(/"\w+At":"([^"]*)"/g);
  for (const [, time] of times) expect(new Date(time!).toISOString()).toBe(time);
});

test('a call in the process returns the same output as a call over HTTP', async () => {
  const { id } = await task.create({ title: '“naïve” 😀', description: 'a\nb' });
  expect((await call(caller, 'task.get', { id })).data).toEqual(await task.get({ id }));
  expect((await call(caller, 'task.list')).data).toEqual(await task.list());
});

test('user.me creates the user’s row with the email and name of the token', async () => {
  const fresh = createUser({ email: 'bob@example.org', name: 'Bob' });
  const me = await as(fresh).user.me();
  expect(me).toMatchObject({ id: fresh.userId, email: 'bob@example.org', name: 'Bob' });
  expect(await as(fresh).user.me()).toEqual(me);
});

test('user.me preserves the stored email and name if the token has neither', async () => {
  const fresh = createUser({ email: 'bob@example.org', name: 'Bob' });
  const me = await as(fresh).user.me();
  expect(await as({ ...fresh, profile: { email: null, name: null } }).user.me()).toEqual(me);
});

test('user.me stores a new name from the token', async () => {
  const fresh = createUser({ email: 'bob@example.org', name: 'Bob' });
  const me = await as(fresh).user.me();
  const renamed = { ...fresh, profile: { email: null, name: 'Robert' } };
  expect(await as(renamed).user.me()).toEqual({ ...me, name: 'Robert' });
});

test('the first task of a user creates the user’s row', async () => {
  const fresh = createUser({ email: 'cy@example.org', name: 'Cy' });
  await as(fresh).task.create({ title: 'one' });
  expect(await as({ ...fresh, profile: { email: null, name: null } }).user.me()).toMatchObject({ name: 'Cy' });
});

test('twenty simultaneous first calls of user.me create one user', async () => {
  const fresh = createUser({ name: 'Di' });
  const mine = await Promise.all(Array.from({ length: 20 }, () => as(fresh).user.me()));
  expect(new Set(mine.map((me) => JSON.stringify(me))).size).toBe(1);
});

const id = randomUUID();
test.each([
  ['task.create', { title: 'x' }],
  ['task.list', {}],
  ['task.count', {}],
  ['task.get', { id }],
  ['task.update', { id }],
  ['task.delete', { id }],
  ['list.create', { name: 'x' }],
  ['list.list', {}],
  ['list.update', { id }],
  ['list.delete', { id }],
  ['list.restore', { id }],
  ['label.list', {}],
  ['label.rename', { from: 'a', to: 'b' }],
  ['task.createMany', { items: [{ title: 'x' }] }],
  ['task.updateMany', { ids: [id], set: {} }],
  ['task.deleteMany', { ids: [id] }],
  ['task.reorder', { listId: null, ids: [id] }],
  ['trash.list', {}],
  ['trash.restore', { ids: [id] }],
  ['trash.purge', { ids: [id] }],
  ['changes.list', {}],
  ['calendar.get', {}],
  ['calendar.create', {}],
  ['calendar.revoke', {}],
  ['user.me', {}],
  ['user.update', {}],
  ['user.export', {}],
  ['user.import', { tasks: [] }],
  ['user.delete', { password }],
])('%s refuses an input with an unknown key', async (path, input) => {
  for (const key of ['userId', 'user_id', 'version', '__proto__', 'constructor', 'where', '$or']) {
    const json = JSON.parse(JSON.stringify(input).replace(/\}$/, `,"${key}":1}`).replace('{,', '{')) as object;
    const { error } = await call(caller, path, json);
    expect({ key, code: error?.data.code }).toEqual({ key, code: 'BAD_REQUEST' });
  }
});
