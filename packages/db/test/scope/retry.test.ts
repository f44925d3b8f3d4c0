import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createTask,
  type DatabaseOptions,
  deleteTask,
  getTask,
  inOperation,
  listTasks,
  openDatabase,
  type RetryCause,
  type TransactionScope,
  updateTask,
} from '../../src/index.ts';
import { openFaultProxy, waitingForLocksSql } from '../../src/testing/index.ts';
import { alice, ask, atEnd, bob, openFixture } from '../fixture.ts';

const retried: RetryCause[] = [];
const observer = { onRetry: (cause: RetryCause) => void retried.push(cause) };
const { db, sql, url } = await openFixture({ poolMax: 4, observer });
const scope = db.asUser(alice);
const newest = { limit: 50, order: 'newest' } as const;

/** Both callers wait here for each other. */
function createMeeting(): () => Promise<void> {
  const both = Promise.withResolvers<void>();
  let arrived = 0;
  return () => {
    if (++arrived === 2) both.resolve();
    return arrived <= 2 ? both.promise : Promise.resolve();
  };
}

/** The writes of one user run one after the other, so only other statements can deadlock. */
function setTitle(within: TransactionScope, id: string, title: string) {
  return within.em.execute('update tasks set title = ? where id = ?', [title, id]);
}

test('two transactions in a deadlock both succeed', async () => {
  retried.length = 0;
  const [one, other] = await Promise.all(['one', 'other'].map((title) => createTask(scope, { title })));
  const meet = createMeeting();
  const write = (first: string, second: string, title: string) =>
    scope.transaction(async (within) => {
      await setTitle(within, first, title);
      await meet();
      await setTitle(within, second, title);
    });
  await Promise.all([write(one!.id, other!.id, 'first'), write(other!.id, one!.id, 'second')]);
  const titles = (await listTasks(scope, newest)).items.map(({ title }) => title);
  expect(titles[0]).toBe(titles[1]);
  expect(retried).toEqual(['deadlock']);
});

test('transactions with serialization failures are retried until they succeed', async () => {
  retried.length = 0;
  const user = db.asUser(bob);
  const { id } = await createTask(user, { title: '0' });
  let runs = 0;
  await user.transaction(async (within) => {
    runs += 1;
    await updateTask(within, { id, title: String(runs) });
    // Transactions of Holdfast do not fail in this way by themselves, but a trigger or an extension may.
    if (runs < 3) await within.em.execute(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
  });
  expect((await getTask(user, { id })).title).toBe('3');
  expect(retried).toEqual(['serialization', 'serialization']);
});

test('an update of a row that is locked for a short time waits and succeeds', async () => {
  retried.length = 0;
  const { id } = await createTask(scope, { title: 'x' });
  await sql.query('begin');
  await sql.query(`set local role holdfast_tools`);
  await sql.query('select from tasks where id = $1 for update', [id]);
  const waiting = updateTask(scope, { id, title: 'y' });
  await expect.poll(() => retried).toEqual(['lock']);
  await sql.query('commit');
  expect(await waiting).toMatchObject({ title: 'y', version: 2 });
});

test('an update that waited for another writer checks its condition against the new row', async () => {
  const { id } = await createTask(scope, { title: 'x' });
  await sql.query('begin');
  await sql.query(`set local role holdfast_tools`);
  // With the next revision, as an operation. Otherwise, the commit would wait for the lock that the first of the three holds.
  await sql.query(`update tasks set title = 'theirs', version = version + 1, revision = revision + 1 where id = $1`, [
    id,
  ]);
  const outcomes = Promise.allSettled([
    updateTask(scope, { id, title: 'ours', ifVersion: 1 }),
    updateTask(scope, { id, title: 'theirs' }),
    deleteTask(scope, { id, ifVersion: 1 }),
  ]);
  // The others wait for their turns.
  await expect.poll(async () => (await sql.query(waitingForLocksSql)).rows).toHaveLength(1);
  await sql.query('commit');
  const [updated, confirmed, deleted] = await outcomes;
  const current = await getTask(scope, { id });
  expect(current).toMatchObject({ title: 'theirs', version: 2 });
  expect(updated).toMatchObject({ status: 'rejected', reason: { code: 'TASK_CONFLICT', current } });
  expect(confirmed).toEqual({ status: 'fulfilled', value: current });
  expect(deleted).toMatchObject({ status: 'rejected', reason: { code: 'TASK_CONFLICT', current } });
});

test('a transaction that loses its connection before the commit is retried and applied once', async () => {
  const id = randomUUID();
  let runs = 0;
  await scope.transaction(async (within) => {
    runs += 1;
    await createTask(within, { id, title: 'once' });
    if (runs > 1) return;
    const [row] = await ask(within, 'select pg_backend_pid()');
    await sql.query('select pg_terminate_backend($1)', [row![0]]);
    await listTasks(within, newest);
  });
  expect(runs).toBe(2);
  expect(await getTask(scope, { id })).toMatchObject({ title: 'once', version: 1 });
});

/** The outcome of the work is unknown. */
const unknown = { code: 'DATABASE_UNAVAILABLE', isRetryable: false };

async function openLossy(options: Partial<DatabaseOptions> = {}) {
  const proxy = await openFaultProxy(url);
  const remote = await openDatabase({ url: proxy.url, poolMax: 1, observer, ...options });
  atEnd(() => proxy.close());
  atEnd(() => remote.close());
  const user = remote.asUser(alice);
  /** The server applies the next pipeline, and its response is lost. */
  const loseResponse = async (how: 'reset' | 'stall' = 'reset') => {
    await listTasks(user, newest);
    void proxy.loseResponse(1, how);
  };
  return { proxy, user, remote, loseResponse };
}

test('a create whose response is lost is retried and creates one task', async () => {
  const { user, loseResponse } = await openLossy();
  const id = randomUUID();
  await loseResponse();
  expect(await createTask(user, { id, title: 'kept' })).toMatchObject({ id, title: 'kept', version: 1 });
  await loseResponse();
  expect(await createTask(user, { id, title: 'kept' })).toMatchObject({ id, title: 'kept', version: 1 });
  expect((await listTasks(scope, newest)).items.filter((task) => task.id === id)).toHaveLength(1);
});

test('a create whose response is lost is not reported as retryable if the retry finds no connection', async () => {
  const { proxy, user } = await openLossy({ poolWaitMs: 200 });
  await listTasks(user, newest);
  void proxy.loseResponse(1).then(() => proxy.refuseConnections());
  const id = randomUUID();
  await expect(createTask(user, { id, title: 'kept' })).rejects.toMatchObject(unknown);
  expect(await getTask(scope, { id })).toMatchObject({ title: 'kept' });
});

test('a create whose response is lost is not reported as retryable if there is no time for a retry', async () => {
  let deadlineAt = 0;
  const onRetry = () => {
    while (performance.now() < deadlineAt);
  };
  const { user, loseResponse } = await openLossy({ observer: { onRetry } });
  await loseResponse();
  const id = randomUUID();
  deadlineAt = performance.now() + 3_000;
  const creating = inOperation({ deadlineAt }, () => createTask(user, { id, title: 'kept' }));
  await expect(creating).rejects.toMatchObject(unknown);
  expect(await getTask(scope, { id })).toMatchObject({ title: 'kept' });
});

test('an update whose response is lost is not retried, and its error says that the outcome is unknown', async () => {
  const { user, loseResponse } = await openLossy();
  const { id } = await createTask(scope, { title: 'x' });
  await loseResponse();
  await expect(updateTask(user, { id, title: 'y' })).rejects.toMatchObject(unknown);
  expect(await getTask(scope, { id })).toMatchObject({ title: 'y', version: 2 });
  await loseResponse();
  await expect(deleteTask(user, { id })).rejects.toMatchObject(unknown);
  await expect(getTask(scope, { id })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test('a transaction whose COMMIT gets no response is not retried', async () => {
  const { proxy, user } = await openLossy();
  const id = randomUUID();
  let runs = 0;
  const lost = user.transaction(async (within) => {
    runs += 1;
    await createTask(within, { id, title: 'x' });
    void proxy.loseResponse('commit');
  });
  await expect(lost).rejects.toMatchObject(unknown);
  expect(runs).toBe(1);
  await expect(getTask(scope, { id })).resolves.toMatchObject({ version: 1 });
});

test('the retry budget limits the load on a server on which every call fails', async () => {
  retried.length = 0;
  await sql.query(`create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'no' using errcode = '40001'; end $$`);
  await sql.query('create trigger fail before insert on tasks execute function fail()');
  const calls = Array.from({ length: 200 }, () => createTask(scope, { title: 'x' }));
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true } });
  }
  expect(retried.length).toBeLessThanOrEqual(60);
});

test('the reads of one batch are retried together', async () => {
  retried.length = 0;
  const { proxy, remote } = await openLossy();
  const user = remote.asUser(alice, { batchReads: true });
  await listTasks(user, newest);
  void proxy.loseResponse(1);
  const reads = Array.from({ length: 20 }, () => listTasks(user, newest));
  await expect(Promise.all(reads)).resolves.toHaveLength(20);
  expect(retried).toEqual(['connection']);
});
