import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, expect, test } from 'vitest';
import {
  createList,
  createTask,
  createTasks,
  currentOperation,
  deleteList,
  deleteTask,
  deleteTasks,
  getTask,
  listTasks,
  purgeTasks,
  renameLabel,
  reorderTasks,
  restoreList,
  restoreTasks,
  updateList,
  updateTask,
  updateTasks,
  updateUser,
  type UserScope,
} from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';
import { sendBatch, settleBatch } from './batch.ts';
import { openCounted } from './counted.ts';

const { db, sql, url } = await openFixture({ poolMax: 4 });
const newest = { limit: 50, order: 'newest' } as const;
let userId: string;
/** The user's calls without a batch. */
let alone: UserScope;

beforeEach(() => {
  userId = randomUUID();
  alone = db.asUser(userId);
});

test('twenty writes of one batch take one round trip, the first batch on a connection included', async () => {
  const { scope, count } = await openCounted(url, userId);
  for (let round = 0; round < 3; round++) {
    const [id, listId, operationId] = [randomUUID(), randomUUID(), randomUUID()];
    const ids = [randomUUID(), randomUUID()];
    const [results, trips] = await count(() =>
      sendBatch(scope, [
        () => createList(scope, { id: listId, name: 'Home' }),
        () => createTask(scope, { id, title: 'first', listId, labels: ['a'] }),
        () =>
          createTasks(
            scope,
            ids.map((each) => ({ id: each, title: 'many' })),
          ),
        () => updateTask(scope, { id, title: 'second', ifVersion: 1 }),
        () => updateTask(scope, { id, title: 'second', operationId }),
        () => updateTask(scope, { id, title: 'second', operationId }),
        () => updateTask(scope, { id, title: 'third', operationId }),
        () => updateTasks(scope, { ids, set: { priority: 1 } }),
        () => reorderTasks(scope, { ids: ids.toReversed(), listId: null }),
        () => renameLabel(scope, { from: 'a', to: 'b' }),
        () => updateList(scope, { id: listId, name: 'House' }),
        () => deleteTasks(scope, { ids }),
        () => restoreTasks(scope, { ids: [ids[0]!] }),
        () => purgeTasks(scope, { ids }),
        () => updateUser(scope, { timeZone: 'UTC' }),
        () => deleteTask(scope, { id }),
        () => updateTask(scope, { id, title: 'too late' }),
        () => createTask(scope, { title: 'last', listId }),
        () => deleteList(scope, { id: listId }),
        () => restoreList(scope, { id: listId }),
      ]),
    );
    expect(trips).toBe(1);
    expect(results[3]).toMatchObject({ title: 'second', version: 2, listId });
    expect(results.slice(4, 7)).toEqual([results[3], results[3], 'OPERATION_CONFLICT']);
    expect(results.slice(9, 17)).toMatchObject([
      { count: 1 },
      { name: 'House', version: 2 },
      { ids },
      [{ id: ids[0] }],
      { count: 1 },
      { timeZone: 'UTC' },
      { id },
      'TASK_NOT_FOUND',
    ]);
    expect(results[19]).toMatchObject({ id: listId });
    expect((await listTasks(alone, { ...newest, listId })).items.map(({ title }) => title)).toEqual(['last']);
  }
});

test('twenty creates of 40 KB in one batch wait for no response of each other', async () => {
  const { scope, proxy } = await openCounted(url, userId);
  const description = '😀'.repeat(10_000);
  const create = () => createTask(scope, { title: 'large', description });
  await listTasks(scope, newest);
  proxy.stall('responses');
  const sending = sendBatch(
    scope,
    Array.from({ length: 20 }, () => create),
  );
  const ofUser = 'select from tasks where user_id = $1';
  await expect.poll(async () => (await asTools(sql, ofUser, [userId])).rowCount).toBe(20);
  await proxy.restore();
  expect(await sending).toMatchObject(Array.from({ length: 20 }, () => ({ description, version: 1 })));
});

test('writes of a batch are applied in the order of the calls, also if an earlier call writes later', async () => {
  const scope = db.asUser(userId, { batchWrites: true });
  const id = randomUUID();
  const results = await sendBatch(scope, [
    async () => {
      for (let turns = 0; turns < 5; turns++) await setImmediate();
      return createTask(scope, { id, title: 'first' });
    },
    () => updateTask(scope, { id, title: 'second' }),
    async () => {
      await setImmediate();
      return updateTask(scope, { id, title: 'third' });
    },
    () => updateTask(scope, { id, title: 'fourth' }),
  ]);
  expect(results.map((task, at) => [task, at + 1])).toMatchObject(
    ['first', 'second', 'third', 'fourth'].map((title, at) => [{ title, version: at + 1 }, at + 1]),
  );
});

test('a call of a batch that ends without a write does not hold up the others', async () => {
  const { scope, count } = await openCounted(url, userId);
  const id = randomUUID();
  const [results, trips] = await count(() =>
    sendBatch(scope, [
      () => Promise.reject(Object.assign(new Error(), { code: 'REFUSED' })),
      () => createTask(scope, { id, title: 'first' }),
      async () => 'nothing',
      () => updateTask(scope, { id, title: 'second' }),
      async () => {
        await setImmediate();
        throw Object.assign(new Error(), { code: 'REFUSED' });
      },
    ]),
  );
  expect(trips).toBe(1);
  expect(results).toMatchObject(['REFUSED', { version: 1 }, 'nothing', { version: 2 }, 'REFUSED']);
});

test('a second write of a call, and a write outside the batch, are applied after the batch', async () => {
  const scope = db.asUser(userId, { batchWrites: true });
  const id = randomUUID();
  const [twice, updated] = await sendBatch(scope, [
    async () => {
      await createTask(scope, { id, title: 'first' });
      return updateTask(scope, { id, title: 'third' });
    },
    () => updateTask(scope, { id, title: 'second' }),
  ]);
  expect(updated).toMatchObject({ title: 'second', version: 2 });
  expect(twice).toMatchObject({ title: 'third', version: 3 });
  expect(await updateTask(scope, { id, title: 'fourth' })).toMatchObject({ version: 4 });
});

test('a repeated create in a batch reads its task after the batch, in a second round trip', async () => {
  const { scope, count } = await openCounted(url, userId);
  const [id, listId] = [randomUUID(), randomUUID()];
  const create = () => createTask(scope, { id, title: 'first' });
  await create();
  const [results, trips] = await count(() =>
    sendBatch(scope, [
      create,
      () => updateTask(scope, { id, title: 'second' }),
      () => createTask(scope, { title: 'new', listId }),
    ]),
  );
  expect(trips).toBe(2);
  expect(results).toMatchObject([{ id, title: 'second', version: 2 }, { version: 2 }, 'LIST_NOT_FOUND']);
});

test('the statements of each write in a batch are counted and reported for its own call', async () => {
  const { scope, reports } = await openCounted(url, userId);
  const id = randomUUID();
  const costs: unknown[] = [];
  reports.length = 0;
  const withCost = (write: () => Promise<unknown>) => () => {
    costs.push(currentOperation()!.cost);
    return write();
  };
  await sendBatch(scope, [
    withCost(() => createTask(scope, { id, title: 'x' })),
    withCost(() => updateTask(scope, { id, title: 'y' })),
    withCost(() => updateUser(scope, { timeZone: 'UTC' })),
  ]);
  expect(costs).toMatchObject([
    { statements: 3, retries: 0 },
    { statements: 3, retries: 0 },
    { statements: 2, retries: 0 },
  ]);
  expect(reports.map(({ operation, name, errorCode }) => [operation?.name, name, errorCode])).toEqual([
    ['call 0', 'user_lock', null],
    ['call 0', 'task_create', null],
    ['call 0', 'log_task', null],
    ['call 1', 'user_lock', null],
    ['call 1', 'task_update', null],
    ['call 1', 'log_task', null],
    ['call 2', 'user_lock', null],
    ['call 2', 'user_update', null],
  ]);
});

test('the writes of several batches and single calls of one user are each applied once', async () => {
  const { id } = await createTask(alone, { title: '0' });
  const batches = Array.from({ length: 6 }, (_, batch) => {
    const scope = db.asUser(userId, { batchWrites: true });
    const writes = Array.from(
      { length: 20 },
      (_each, at) => () => updateTask(scope, { id, title: `${batch} ${at}`, operationId: randomUUID() }),
    );
    return settleBatch(scope, writes);
  });
  const singles = Array.from({ length: 20 }, (_, at) => updateTask(alone, { id, title: `single ${at}` }));
  const results = (await Promise.all(batches)).flat();
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([]);
  await Promise.all(singles);
  expect(await getTask(alone, { id })).toMatchObject({ version: 141 });
  const { rows } = await asTools(sql, 'select count(*)::int as count from changes where user_id = $1', [userId]);
  expect(rows).toEqual([{ count: 141 }]);
});

test('the batch of one user does not wait for the lock of another user', async () => {
  const other = randomUUID();
  await createTask(db.asUser(other), { title: 'theirs' });
  await sql.query('begin');
  await sql.query('set local role holdfast_tools');
  await sql.query('select from users where id = $1 for update', [other]);
  const scope = db.asUser(userId, { batchWrites: true });
  const create = () => createTask(scope, { title: 'mine' });
  expect(
    await sendBatch(
      scope,
      Array.from({ length: 20 }, () => create),
    ),
  ).toMatchObject(Array.from({ length: 20 }, () => ({ title: 'mine' })));
  await sql.query('commit');
});
