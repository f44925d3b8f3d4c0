import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  countTasks,
  createTask,
  inOperation,
  listChanges,
  listLabels,
  listTasks,
  openDatabase,
  renameLabel,
} from '../../src/index.ts';
import { UserTimes } from '../../src/scope/user-times.ts';
import { alice, ask, asTools, atEnd, bob, connect, openFixture } from '../fixture.ts';

const { url, sql } = await openFixture();
const newest = { limit: 5, order: 'newest' } as const;

async function open(poolMax: number) {
  const db = await openDatabase({ url, poolMax, statementTimeoutMs: 60_000 });
  atEnd(() => db.close());
  return db;
}

/** The connections on which a statement of a request runs or waits for a lock. */
async function countActive(): Promise<number> {
  const { rows } = await sql.query(
    `select from pg_stat_activity where datname = current_database() and state = 'active' and application_name = 'holdfast'`,
  );
  return rows.length;
}

/** Locks a user's row, so that all writes of the user wait. Returns a function that unlocks it. */
async function lockUser(userId: string): Promise<() => Promise<unknown>> {
  const blocker = await connect(url);
  await blocker.query('begin');
  await blocker.query('set local role holdfast_tools');
  await blocker.query('select from users where id = $1 for update', [userId]);
  return () => blocker.query('rollback');
}

test('writes of one user that wait for a lock take one connection, and other users and reads are served', async () => {
  const db = await open(5);
  await createTask(db.asUser(alice), { title: 'first' });
  const unlock = await lockUser(alice);
  const waiting = Array.from({ length: 12 }, (_, at) => createTask(db.asUser(alice), { title: `waiting ${at}` }));
  await expect.poll(countActive).toBe(1);
  await createTask(db.asUser(bob), { title: 'of Bob' });
  await expect(listTasks(db.asUser(alice), newest)).resolves.toMatchObject({ items: [{ title: 'first' }] });
  expect(await countActive()).toBe(1);
  await unlock();
  expect((await Promise.all(waiting)).map(({ title }) => title)).toEqual(
    Array.from({ length: 12 }, (_, at) => `waiting ${at}`),
  );
});

test('reads of one batch take two of five connections', async () => {
  const db = await open(5);
  await createTask(db.asUser(alice), { title: 'x' });
  const blocker = await connect(url);
  await blocker.query('begin');
  await blocker.query('lock table lists in access exclusive mode');
  const scope = db.asUser(alice, { batchReads: true, batchWrites: true });
  const pages = Array.from({ length: 20 }, () => listChanges(scope, { limit: 1 }));
  await expect.poll(countActive).toBe(2);
  await expect(ask(db.asUser(bob), 'select 1')).resolves.toEqual([['1']]);
  expect(await countActive()).toBe(2);
  await blocker.query('rollback');
  await expect(Promise.all(pages)).resolves.toHaveLength(20);
});

test('users whose reads take long share a fifth of the connections, with one each', async () => {
  const db = await open(10);
  const users = Array.from({ length: 6 }, () => randomUUID());
  const leaving = new AbortController();
  const sleepAs = (userId: string, seconds: number) =>
    inOperation({ signal: leaving.signal }, () =>
      ask(db.asUser(userId, { readOnly: true }), `select pg_sleep(${seconds})`),
    );
  await Promise.all(users.map((userId) => sleepAs(userId, 1.3)));
  const slow = Promise.allSettled(users.flatMap((userId) => [sleepAs(userId, 50), sleepAs(userId, 50)]));
  await expect.poll(countActive).toBe(2);
  for (let count = 0; count < 5; count++) await createTask(db.asUser(bob), { title: 'of Bob' });
  expect(await countActive()).toBe(2);
  leaving.abort();
  for (const { status } of await slow) expect(status).toBe('rejected');
  // Each connection and each turn is free again.
  await expect(
    Promise.all([alice, ...users].map((userId) => ask(db.asUser(userId), 'select 1'))),
  ).resolves.toHaveLength(7);
});

test('long reads and writes of all users take half of the connections', async () => {
  const db = await open(10);
  const users = Array.from({ length: 4 }, () => randomUUID());
  for (const userId of users) await createTask(db.asUser(userId), { title: 'x', labels: ['one'] });
  const blocker = await connect(url);
  await blocker.query('begin');
  await blocker.query('lock table tasks in access exclusive mode');
  const calls = users.flatMap((userId): Promise<unknown>[] => [
    listTasks(db.asUser(userId), { ...newest, search: 'x' }),
    countTasks(db.asUser(userId), { search: 'x' }),
    listTasks(db.asUser(userId), { ...newest, label: 'one' }),
    countTasks(db.asUser(userId), { label: 'one' }),
    listLabels(db.asUser(userId)),
    renameLabel(db.asUser(userId), { from: 'one', to: 'two' }),
  ]);
  await expect.poll(countActive).toBe(5);
  await expect(ask(db.asUser(bob), 'select 1')).resolves.toEqual([['1']]);
  expect(await countActive()).toBe(5);
  await blocker.query('rollback');
  await expect(Promise.all(calls)).resolves.toHaveLength(24);
});

test('writes of users whose transactions take long share a tenth of the connections', async () => {
  const db = await open(10);
  const users = Array.from({ length: 4 }, () => randomUUID());
  for (const userId of users) await createTask(db.asUser(userId), { title: 'x' });
  await Promise.all(users.map((userId) => ask(db.asUser(userId), 'select pg_sleep(1.3)')));
  const unlocks = await Promise.all(users.map(lockUser));
  const writes = users.map((userId) => createTask(db.asUser(userId), { title: 'y' }));
  await expect.poll(countActive).toBe(1);
  for (let count = 0; count < 5; count++) await createTask(db.asUser(bob), { title: 'of Bob' });
  expect(await countActive()).toBe(1);
  await Promise.all(unlocks.map((unlock) => unlock()));
  await expect(Promise.all(writes)).resolves.toHaveLength(4);
});

test('the time that each transaction of a distant database takes makes no user slow', async () => {
  const times = new UserTimes();
  for (let count = 0; count < 100; count += 1) times.add(alice, 150);
  expect(times.isSlow(alice)).toBe(false);
  for (let count = 0; count < 9; count += 1) times.add(alice, 300);
  expect(times.isSlow(alice)).toBe(true);
  expect(times.isSlow(bob)).toBe(false);
  for (let count = 0; count < 5; count += 1) times.add(bob, 5000);
  expect(times.isSlow(bob)).toBe(true);
});

test('many short transactions make no user slow, also before the first long one of another user has ended', async () => {
  const times = new UserTimes();
  times.add(bob, 1);
  for (let count = 0; count < 500; count += 1) times.add(alice, 20);
  expect(times.isSlow(alice)).toBe(false);
});

test('a user whose transactions take longer because of another user is not slow', async () => {
  const times = new UserTimes();
  for (let count = 0; count < 20; count += 1) {
    times.add(alice, 1000);
    times.add(bob, 400);
  }
  expect([times.isSlow(alice), times.isSlow(bob)]).toEqual([true, false]);
  for (let count = 0; count < 30; count += 1) times.add(bob, 400);
  expect([times.isSlow(alice), times.isSlow(bob)]).toEqual([true, true]);
});

test('a transaction that waits for its turn ends with its operation, or as retryable after poolWaitMs', async () => {
  const db = await openDatabase({ url, poolMax: 5, poolWaitMs: 300 });
  atEnd(() => db.close());
  const scope = db.asUser(alice);
  await createTask(scope, { title: 'x' });
  const unlock = await lockUser(alice);
  const first = createTask(scope, { title: 'first' });
  await expect.poll(countActive).toBe(1);
  const leaving = new AbortController();
  const left = inOperation({ signal: leaving.signal }, () => createTask(scope, { title: 'left' }));
  leaving.abort();
  await expect(left).rejects.toMatchObject({ code: 'ABORTED' });
  const late = inOperation({ deadlineAt: performance.now() + 50 }, () => createTask(scope, { title: 'late' }));
  await expect(late).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
  const impatient = inOperation({ deadlineAt: performance.now() + 400 }, () =>
    createTask(scope, { title: 'impatient' }),
  );
  await expect(impatient).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', isRetryable: true });
  await unlock();
  await first;
  const { rows } = await asTools(sql, `select from tasks where title in ('left', 'late', 'impatient')`);
  expect(rows).toEqual([]);
});
