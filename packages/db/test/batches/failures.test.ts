import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import {
  createTask,
  type DatabaseObserver,
  getTask,
  openDatabase,
  type RetryCause,
  type TaskRecord,
  updateTask,
  type UserScope,
} from '../../src/index.ts';
import { openFaultProxy, waitingForLocksSql } from '../../src/testing/index.ts';
import { asTools, atEnd, connect, openFixture } from '../fixture.ts';
import { sendBatch, settleBatch } from './batch.ts';

const { db, sql, url } = await openFixture();
let userId: string;
let alone: UserScope;
let tasks: TaskRecord[];

beforeEach(async () => {
  userId = randomUUID();
  alone = db.asUser(userId);
  tasks = [];
  for (const title of ['one', 'two', 'three']) tasks.push(await createTask(alone, { title }));
});

/** A database with one connection through a proxy. */
async function openBatches(more: DatabaseObserver = {}) {
  const retried: [cause: RetryCause, call: string | null | undefined][] = [];
  const onRetry = (cause: RetryCause, operation: { name: string | null } | null) =>
    void retried.push([cause, operation?.name]);
  const proxy = await openFaultProxy(url);
  const remote = await openDatabase({ url: proxy.url, poolMax: 1, poolWaitMs: 500, observer: { onRetry, ...more } });
  atEnd(() => proxy.close());
  atEnd(() => remote.close());
  const scope = remote.asUser(userId, { batchWrites: true });
  const update = (at: number, title: string, operationId?: string) => () =>
    updateTask(scope, { id: tasks[at]!.id, title, operationId });
  return { proxy, scope, retried, update };
}

/** Locks a row in another transaction until its end. */
async function lock(table: 'tasks' | 'users', id: string): Promise<{ end(): Promise<unknown> }> {
  const other = await connect(url);
  await other.query('begin');
  await other.query('set local role holdfast_tools');
  await other.query(`select from ${table} where id = $1 for update`, [id]);
  return { end: () => other.query('commit') };
}

async function findWaiting(): Promise<number[]> {
  return (await sql.query<{ pid: number }>(waitingForLocksSql)).rows.map(({ pid }) => pid);
}

const readTitles = () =>
  Promise.all(tasks.map(async ({ id }) => getTask(alone, { id }).then(({ title, version }) => [title, version])));

async function countChanges(): Promise<number> {
  const { rows } = await asTools(sql, 'select count(*)::int as count from changes where user_id = $1', [userId]);
  return rows[0].count - tasks.length;
}

test('after a lock timeout, the write and the later ones of its batch are retried in order', async () => {
  const { scope, retried, update } = await openBatches();
  const held = await lock('tasks', tasks[1]!.id);
  const sending = sendBatch(scope, [update(0, 'a'), update(1, 'b'), update(1, 'c')]);
  await expect
    .poll(() => retried)
    .toEqual([
      ['lock', 'call 1'],
      ['lock', 'call 2'],
    ]);
  await held.end();
  expect(await sending).toMatchObject([{ version: 2 }, { title: 'b', version: 2 }, { title: 'c', version: 3 }]);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['c', 3],
    ['three', 1],
  ]);
});

test('a write whose successor in the batch was applied is not retried, and its error is retryable', async () => {
  const { scope, retried, update } = await openBatches();
  const held = await lock('tasks', tasks[1]!.id);
  const sending = settleBatch(scope, [update(0, 'a'), update(1, 'b'), update(2, 'c')]);
  const [one, two, three] = await sending;
  await held.end();
  expect([one, three]).toMatchObject([{ value: { title: 'a' } }, { value: { title: 'c' } }]);
  expect(two).toMatchObject({ reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } });
  expect(retried).toEqual([]);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['two', 1],
    ['c', 2],
  ]);
});

test('a refused write runs again together with the earlier write of its batch that was not applied', async () => {
  let held: Awaited<ReturnType<typeof lock>> | undefined;
  const { scope, retried } = await openBatches({
    onStatement({ errorCode }) {
      if (errorCode === '55P03') void held?.end();
    },
  });
  held = await lock('users', userId);
  const id = randomUUID();
  // The create fails. The lock ends meanwhile, so the update runs, and finds no task.
  const sending = sendBatch(scope, [
    () => createTask(scope, { id, title: 'first' }),
    () => updateTask(scope, { id, title: 'second' }),
  ]);
  expect(await sending).toMatchObject([{ version: 1 }, { title: 'second', version: 2 }]);
  expect(retried.map(([cause]) => cause)).toEqual(['lock', 'lock']);
});

test('a deadlock in a batch undoes one write, which is retried unless a later one was applied', async () => {
  // A sequence is not rolled back, so only the first update to this title fails.
  await sql.query('create sequence updates; grant usage on sequence updates to public');
  await sql.query(`create function fail_once() returns trigger language plpgsql as $$ begin
    if new.title = 'deadlock' and nextval('public.updates') = 1 then raise exception 'no' using errcode = '40P01'; end if;
    return new; end $$`);
  await sql.query('create trigger fail_once before update on tasks for each row execute function fail_once()');
  const { scope, retried, update } = await openBatches();
  expect(await sendBatch(scope, [update(0, 'a'), update(1, 'deadlock')])).toMatchObject([
    { version: 2 },
    { title: 'deadlock', version: 2 },
  ]);
  expect(retried).toEqual([['deadlock', 'call 1']]);
  await sql.query(`alter sequence updates restart`);
  const [one, two, three] = await settleBatch(scope, [update(0, 'b'), update(2, 'deadlock'), update(1, 'c')]);
  expect([one, three]).toMatchObject([{ value: { version: 3 } }, { value: { title: 'c', version: 3 } }]);
  expect(two).toMatchObject({ reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } });
  expect(retried).toHaveLength(1);
  await sql.query('drop trigger fail_once on tasks');
});

test('at the deadline, the running write of a batch and all later ones are undone, and the connection remains usable', async () => {
  const { scope, update } = await openBatches();
  const held = await lock('users', userId);
  const started = performance.now();
  const writes = [update(0, 'a'), update(1, 'b'), update(2, 'c')];
  const results = await sendBatch(scope, writes, { deadlineAt: started + 300 });
  expect(results).toEqual(['STATEMENT_TIMEOUT', 'STATEMENT_TIMEOUT', 'STATEMENT_TIMEOUT']);
  await held.end();
  expect(await countChanges()).toBe(0);
  expect(await sendBatch(scope, writes)).toMatchObject([{ version: 2 }, { version: 2 }, { version: 2 }]);
});

test('each write of a batch has its own statement timeout', async () => {
  await sql.query(`create or replace function pause() returns trigger language plpgsql as
    $$ begin if new.title = 'slow' then perform pg_sleep(60); else perform pg_sleep(0.2); end if; return new; end $$`);
  await sql.query('create trigger pause before update on tasks for each row execute function pause()');
  try {
    const impatient = await openDatabase({ url, poolMax: 1, statementTimeoutMs: 600 });
    atEnd(() => impatient.close());
    const scope = impatient.asUser(userId, { batchWrites: true });
    const update = (at: number, title: string) => () => updateTask(scope, { id: tasks[at]!.id, title });
    const writes = [update(0, 'a'), update(1, 'slow'), update(2, 'c'), update(0, 'd'), update(0, 'e'), update(0, 'f')];
    expect(await sendBatch(scope, writes)).toMatchObject([
      { version: 2 },
      'STATEMENT_TIMEOUT',
      { version: 2 },
      { version: 3 },
      { version: 4 },
      { version: 5 },
    ]);
  } finally {
    await sql.query('drop trigger pause on tasks');
  }
});

test('after the end of the server’s process, the running write and the later ones were not applied and are retried', async () => {
  const { scope, retried, update } = await openBatches();
  const held = await lock('tasks', tasks[1]!.id);
  const sending = sendBatch(scope, [update(0, 'a'), update(1, 'b'), update(2, 'c')]);
  await expect.poll(findWaiting).toHaveLength(1);
  await sql.query('select pg_terminate_backend($1)', [(await findWaiting())[0]]);
  await expect
    .poll(() => retried)
    .toEqual([
      ['connection', 'call 1'],
      ['connection', 'call 2'],
    ]);
  await held.end();
  expect(await sending).toMatchObject([{ version: 2 }, { version: 2 }, { version: 2 }]);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 2],
  ]);
});

test('if the connection is lost in the middle of a batch, the outcome of the writes without a response is unknown', async () => {
  const { proxy, scope, retried, update } = await openBatches();
  const held = await lock('tasks', tasks[1]!.id);
  const sending = settleBatch(scope, [update(0, 'a'), update(1, 'b'), update(2, 'c')]);
  await expect.poll(findWaiting).toHaveLength(1);
  proxy.resetConnections();
  const [one, ...others] = await sending;
  expect(one).toMatchObject({ value: { title: 'a', version: 2 } });
  const unknown = { reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: false } };
  expect(others).toMatchObject([unknown, unknown]);
  expect(retried).toEqual([]);
  await held.end();
});

test('if the connection is lost in the middle of a batch, writes with an operationId are retried and applied once', async () => {
  const { proxy, scope, retried, update } = await openBatches();
  const held = await lock('tasks', tasks[1]!.id);
  const id = randomUUID();
  const sending = sendBatch(scope, [
    update(0, 'a', randomUUID()),
    update(1, 'b', randomUUID()),
    () => createTask(scope, { id, title: 'new' }),
    update(2, 'c', randomUUID()),
    update(2, 'd', randomUUID()),
  ]);
  await expect.poll(findWaiting).toHaveLength(1);
  const [abandoned] = await findWaiting();
  proxy.resetConnections();
  // The server still runs the abandoned transactions, as far as it comes before it notices the end of the connection.
  await expect.poll(findWaiting).toHaveLength(2);
  expect(await findWaiting()).toContain(abandoned);
  await held.end();
  expect(await sending).toMatchObject([
    { title: 'a', version: 2 },
    { title: 'b', version: 2 },
    { id, version: 1 },
    { version: expect.any(Number) },
    { title: 'd', version: 3 },
  ]);
  expect(retried).toEqual([1, 2, 3, 4].map((call) => ['connection', `call ${call}`]));
  await expect.poll(countChanges).toBe(5);
  expect(await readTitles()).toEqual([
    ['a', 2],
    ['b', 2],
    ['d', 3],
  ]);
});

test('a batch whose response is lost is not retried if it has a write without an operationId behind the others', async () => {
  const { proxy, scope, retried, update } = await openBatches();
  await update(0, 'warm')();
  void proxy.loseResponse(1);
  const id = randomUUID();
  const results = await settleBatch(scope, [() => createTask(scope, { id, title: 'new' }), update(1, 'b')]);
  const unknown = { reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: false } };
  expect(results).toMatchObject([unknown, unknown]);
  expect(retried).toEqual([]);
});

test('a batch that finds no connection was not applied', async () => {
  const { proxy, scope, update } = await openBatches();
  await update(2, 'warm')();
  await proxy.disable();
  // The pool notices that its connection has ended.
  await expect(getTask(scope, tasks[0]!)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  const results = await settleBatch(scope, [update(0, 'a'), update(1, 'b')]);
  const refused = { reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } };
  expect(results).toMatchObject([refused, refused]);
  await proxy.restore();
  expect(await countChanges()).toBe(1);
});
