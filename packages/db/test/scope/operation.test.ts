import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  AbortedError,
  createTask,
  type DatabaseObserver,
  getTask,
  inOperation,
  listTasks,
  openDatabase,
  type StatementReport,
  StatementTimeoutError,
  Task,
} from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { alice, ask, atEnd, bob, openFixture } from '../fixture.ts';

const reports: StatementReport[] = [];
const observer: DatabaseObserver = { onStatement: (report) => reports.push(report) };
const { db, sql, url } = await openFixture({ poolMax: 2, observer });
const scope = db.asUser(alice);
const newest = { limit: 10, order: 'newest' } as const;

/** Holdfast's statements that run on the server now. */
async function countRunning(): Promise<number> {
  const { rows } = await sql.query(
    `select from pg_stat_activity where datname = current_database() and state = 'active' and query ~ 'pg_sleep'
      and application_name = 'holdfast'`,
  );
  return rows.length;
}

/** PostgreSQL reports the error before pg_stat_activity shows the end of the statement. A running statement takes longer. */
const expectNoneRunning = () => expect.poll(countRunning, { timeout: 20_000 }).toBe(0);

/** The two ways to run a statement. */
const ways = {
  'in a pipeline': () => ask(scope, 'select pg_sleep(25)'),
  'in an entity manager': () => scope.transaction(({ em }) => em.execute('select pg_sleep(25)')),
};

for (const [way, run] of Object.entries(ways)) {
  test(`a statement ${way} is cancelled on the server when its caller disconnects`, async () => {
    const leaving = new AbortController();
    const running = inOperation({ signal: leaving.signal }, run);
    await expect.poll(countRunning).toBe(1);
    leaving.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    await expectNoneRunning();
    expect(db.poolState()).toMatchObject({ waiting: 0 });
    await expect(listTasks(scope, newest)).resolves.toHaveProperty('items');
  });

  test(`a statement ${way} is cancelled at the deadline of its operation`, async () => {
    const running = inOperation({ deadlineAt: performance.now() + 1_000 }, run);
    await expect(running).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    await expectNoneRunning();
  });

  test(`after the end of an operation, no statement ${way} is sent`, async () => {
    const before = reports.length;
    await expect(inOperation({ signal: AbortSignal.abort() }, run)).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(inOperation({ deadlineAt: 0 }, run)).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    expect(reports).toHaveLength(before);
  });

  test(`after the end of an operation, a statement ${way} does not wait for a connection`, async () => {
    const leaving = new AbortController();
    const others = [alice, bob].map((user) =>
      inOperation({ signal: leaving.signal }, () => ask(db.asUser(user), 'select pg_sleep(25)')),
    );
    await expect.poll(countRunning).toBe(2);
    await expect(inOperation({ signal: AbortSignal.abort() }, run)).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(inOperation({ deadlineAt: 0 }, run)).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
    leaving.abort();
    await Promise.allSettled(others);
  });
}

test('aborts and deadlines have the same error codes for statements outside of transactions of the entity manager', async () => {
  for (const [options, type] of [
    [{ signal: AbortSignal.abort() }, AbortedError],
    [{ deadlineAt: 0 }, StatementTimeoutError],
  ] as const) {
    const work = inOperation(options, () => db.acrossAllUsers((em) => em.fork().execute('select 1')));
    await expect(work).rejects.toBeInstanceOf(type);
  }
});

// If the machine pauses, the cancelled statement can look like a silent connection, which is then closed.
test('a connection remains usable after one of its statements was cancelled', { retry: 3 }, async () => {
  const narrow = await openDatabase({ url, poolMax: 1 });
  atEnd(() => narrow.close());
  const pid = async () => (await ask(narrow.asUser(alice), 'select pg_backend_pid()'))[0]![0];
  const before = await pid();
  for (let round = 0; round < 10; round++) {
    const leaving = new AbortController();
    const running = inOperation({ signal: leaving.signal }, () => ask(narrow.asUser(alice), 'select pg_sleep(20)'));
    await sleep(20);
    leaving.abort();
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' });
    for (let next = 0; next < 20; next++) await ask(narrow.asUser(bob), 'select 1');
  }
  expect(await pid()).toBe(before);
});

test('a pause of the process does not close connections that have already responded', async () => {
  const busy = await openDatabase({ url, poolMax: 1, statementTimeoutMs: 1_000 });
  atEnd(() => busy.close());
  const running = ask(busy.asUser(alice), 'select pg_sleep(0.1)');
  await sleep(50);
  await nextTurn();
  const until = performance.now() + 3_500;
  while (performance.now() < until);
  await expect(running).resolves.toHaveLength(1);
});

test('an operation ends at its deadline even if the network drops all packets', async () => {
  const proxy = await openFaultProxy(url);
  // Without the deadline, the call would wait longer than the test's timeout.
  const limits = { statementTimeoutMs: 600_000, poolWaitMs: 600_000, connectTimeoutMs: 600_000 };
  const remote = await openDatabase({ url: proxy.url, poolMax: 2, ...limits });
  atEnd(() => proxy.close());
  atEnd(() => remote.close());
  proxy.stall('everything');
  const deadlineAt = performance.now() + 400;
  const list = () => listTasks(remote.asUser(alice), newest);
  const calls = Array.from({ length: 6 }, () => inOperation({ deadlineAt }, list));
  for (const call of await Promise.allSettled(calls)) expect(call).toMatchObject({ status: 'rejected' });
  await proxy.restore();
  await expect(list()).resolves.toHaveProperty('items');
});

test('the cost of an operation includes its inner operations', async () => {
  await inOperation({ name: 'outer' }, async (outer) => {
    const task = await inOperation({ name: 'inner' }, async (inner) => {
      const created = await createTask(scope, { title: 'x' });
      expect(inner).toMatchObject({ name: 'inner', cost: { statements: 3, retries: 0 } });
      return created;
    });
    await scope.transaction(async (within) => {
      await getTask(within, { id: task.id });
      await within.em.findOneOrFail(Task, { id: task.id });
    });
    expect(outer).toMatchObject({ name: 'outer', cost: { statements: 5, retries: 0 } });
  });
});

test('the cost of a batched read is counted for the call that requested it', async () => {
  const batching = db.asUser(alice, { batchReads: true });
  const costs = await Promise.all(
    [1, 2, 3].map((calls) =>
      inOperation({ name: `call ${calls}` }, async ({ cost }) => {
        // Equal reads would run once.
        const toPage = (at: number) => ({ ...newest, limit: 10 * calls + at });
        await Promise.all(Array.from({ length: calls }, (_, at) => listTasks(batching, toPage(at))));
        return cost.statements;
      }),
    ),
  );
  expect(costs).toEqual([1, 2, 3]);
});

test('the duration of a statement is the time that the database took', async () => {
  reports.length = 0;
  await ask(scope, 'select pg_sleep(0.1)');
  await scope.transaction(({ em }) => em.execute('select pg_sleep(0.1)'));
  expect(reports).toHaveLength(2);
  for (const { durationMs } of reports) expect(durationMs).toBeGreaterThan(90);
});

test('the observer receives each statement with its operation, times and row count, and without values', async () => {
  const secret = 'Zanzibar';
  reports.length = 0;
  await inOperation({ name: 'job', requestId: 'request-1' }, async () => {
    const { id } = await createTask(scope, { title: secret });
    await getTask(scope, { id });
    await scope.transaction(({ em }) => em.find(Task, { title: secret, version: 1 }));
    await ask(scope, 'select 1 / 0').catch(() => {});
  });
  expect(reports.map(({ name, rows, errorCode }) => [name?.split('_')[0] ?? null, rows, errorCode])).toEqual([
    ['user', 1, null],
    ['task', 1, null],
    ['log', 0, null],
    ['task', 1, null],
    [null, 1, null],
    ['test', 0, '22012'],
  ]);
  for (const report of reports) {
    expect(report.operation).toMatchObject({ name: 'job', requestId: 'request-1' });
    expect(report.durationMs).toBeGreaterThan(0);
    expect(report.waitMs).toBeGreaterThanOrEqual(0);
    expect(Math.abs(report.startedAt - Date.now())).toBeLessThan(60_000);
    expect(`${JSON.stringify(report)} ${report.sql}`).not.toContain(secret);
  }
  expect(reports[4]!.sql).toMatch(/^select .* from "tasks" .* where .*"title" = \?.*"version" = \?/);
});
