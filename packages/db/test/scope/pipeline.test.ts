import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  deleteList,
  deleteTask,
  getTask,
  getUser,
  listLabels,
  listLists,
  listTasks,
  openDatabase,
  renameLabel,
  restoreList,
  updateList,
  updateTask,
  updateUser,
} from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { alice, ask, atEnd, bob, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture({ poolMax: 2 });
const newest = { limit: 20, order: 'newest' } as const;

async function openCounted() {
  const proxy = await openFaultProxy(url);
  const counted = await openDatabase({ url: proxy.url, poolMax: 1 });
  atEnd(() => proxy.close());
  atEnd(() => counted.close());
  const count = async (work: () => Promise<unknown>) => {
    const before = proxy.roundTrips();
    await work();
    return proxy.roundTrips() - before;
  };
  return { counted, count };
}

test('every operation takes one round trip, the first call on a connection included', async () => {
  const { counted, count } = await openCounted();
  const scope = counted.asUser(alice);
  for (let round = 0; round < 3; round++) {
    const id = crypto.randomUUID();
    expect(await count(() => createTask(scope, { id, title: 'x' }))).toBe(1);
    expect(await count(() => getTask(scope, { id }))).toBe(1);
    expect(await count(() => listTasks(scope, newest))).toBe(1);
    expect(await count(() => updateTask(scope, { id, title: 'y', ifVersion: 1 }))).toBe(1);
    expect(await count(() => deleteTask(scope, { id }))).toBe(1);
    expect(await count(() => getUser(scope))).toBe(1);
    expect(await count(() => updateUser(scope, { name: 'Alice', timeZone: 'UTC' }))).toBe(1);
    const list = { id: crypto.randomUUID(), name: 'Home' };
    expect(await count(() => createList(scope, list))).toBe(1);
    expect(await count(() => createList(scope, list))).toBe(1);
    expect(await count(() => listLists(scope))).toBe(1);
    expect(await count(() => updateList(scope, { ...list, archived: true }))).toBe(1);
    expect(await count(() => deleteList(scope, { id: list.id }))).toBe(1);
    expect(await count(() => restoreList(scope, { id: list.id }))).toBe(1);
    expect(await count(() => deleteList(scope, { id: list.id, moveTo: null }))).toBe(1);
    expect(await count(() => listLabels(scope))).toBe(1);
    expect(await count(() => renameLabel(scope, { from: 'a', to: 'b' }))).toBe(1);
  }
});

test('reads of one batch share one round trip', async () => {
  const { counted, count } = await openCounted();
  const { id } = await createTask(db.asUser(alice), { title: 'asked for ten times' });
  const scope = counted.asUser(alice, { batchReads: true });
  const read = () =>
    Promise.all(Array.from({ length: 10 }, (_, at) => (at % 2 ? getTask(scope, { id }) : listTasks(scope, newest))));
  expect(await count(read)).toBe(1);
  expect(await count(read)).toBe(1);
});

test('gets of one batch run as one statement, and each call receives its own task', async () => {
  const statements: (string | null)[] = [];
  const observed = await openDatabase({ url, observer: { onStatement: ({ name }) => void statements.push(name) } });
  atEnd(() => observed.close());
  const [one, other] = await Promise.all(['one', 'other'].map((title) => createTask(db.asUser(alice), { title })));
  const foreign = await createTask(db.asUser(bob), { title: 'foreign' });
  const scope = observed.asUser(alice, { batchReads: true });
  statements.length = 0;
  const ids = [one!.id, other!.id, crypto.randomUUID(), one!.id.toUpperCase(), foreign.id, one!.id];
  const found = await Promise.allSettled(ids.map((id) => getTask(scope, { id })));
  expect(found.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code))).toEqual([
    one,
    other,
    'TASK_NOT_FOUND',
    one,
    'TASK_NOT_FOUND',
    one,
  ]);
  expect(statements).toEqual(['task_get_several']);
});

test('a failing read does not fail the other reads of its batch', async () => {
  const { id } = await createTask(db.asUser(alice), { title: 'whole' });
  const scope = db.asUser(alice, { batchReads: true });
  const [good, bad] = await Promise.allSettled([getTask(scope, { id }), getTask(scope, { id: 'no uuid' })]);
  expect(good).toMatchObject({ status: 'fulfilled', value: { title: 'whole' } });
  expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_VALUE' } });
});

test('batched reads return only the rows of their own user', async () => {
  const scopes = [alice, bob].map((user) => db.asUser(user, { batchReads: true }));
  const tasks = await Promise.all(scopes.map((scope) => createTask(scope, { title: scope.userId })));
  const found = await Promise.allSettled(scopes.flatMap((scope) => tasks.map(({ id }) => getTask(scope, { id }))));
  expect(found.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
});

test('a connection without its prepared statements still works, as behind an older pooler', async () => {
  const narrow = await openDatabase({ url, poolMax: 1 });
  const scope = narrow.asUser(alice);
  await listTasks(scope, newest);
  await narrow.acrossAllUsers((em) => em.execute('deallocate all'));
  await expect(listTasks(scope, newest)).resolves.toHaveProperty('items');
  await narrow.acrossAllUsers((em) => em.execute('deallocate all'));
  await expect(createTask(scope, { title: 'unprepared' })).resolves.toHaveProperty('version', 1);
  await narrow.close();
});

test('a migration that changes a column type causes no error in running servers', async () => {
  await Promise.all([listTasks(db.asUser(alice), newest), listTasks(db.asUser(bob), newest)]);
  await sql.query('alter table tasks alter column title type varchar(600)');
  const lists = Array.from({ length: 8 }, () => listTasks(db.asUser(alice), newest));
  await expect(Promise.all(lists)).resolves.toHaveLength(8);
  await sql.query('alter table tasks alter column title type text');
  await expect(listTasks(db.asUser(alice), newest)).resolves.toHaveProperty('items');
});

test('times are the same in every TimeZone setting of the server', async () => {
  const task = await createTask(db.asUser(alice), { title: 'zoned' });
  const other = await openDatabase({ url, poolMax: 1 });
  for (const zone of ['Asia/Kathmandu', 'America/St_Johns', 'UTC']) {
    await other.acrossAllUsers((em) => em.execute(`set timezone = '${zone}'`));
    expect(await getTask(other.asUser(alice), { id: task.id })).toEqual(task);
  }
  await other.close();
});

test('times are the same in every DateStyle setting of the server', async () => {
  const task = await createTask(db.asUser(alice), { title: 'dated' });
  const other = await openDatabase({ url, poolMax: 1 });
  for (const style of ['German', 'SQL, DMY', 'Postgres']) {
    await other.acrossAllUsers((em) => em.execute(`set datestyle = '${style}'`));
    expect(await getTask(other.asUser(alice), { id: task.id })).toEqual(task);
  }
  await other.close();
});

test('getUser does not write a profile that is already stored', async () => {
  const scope = db.asUser(bob, { profile: { email: 'bob@example.com', name: 'Bob' } });
  await getUser(scope);
  const readVersion = () => ask(scope, 'select xmin from users');
  const before = await readVersion();
  await getUser(scope);
  await getUser(db.asUser(bob));
  expect(await readVersion()).toEqual(before);
  await getUser(db.asUser(bob, { profile: { email: 'bob@example.org', name: null } }));
  expect(await getUser(scope)).toMatchObject({ email: 'bob@example.com', name: 'Bob' });
  expect(await readVersion()).not.toEqual(before);
});

test('the first calls of a user can run concurrently', async () => {
  const scope = db.asUser('0190a000-0000-7000-8000-0000000000f1');
  const users = await Promise.all(Array.from({ length: 10 }, () => getUser(scope)));
  expect(new Set(users.map(({ createdAt }) => createdAt)).size).toBe(1);
});
