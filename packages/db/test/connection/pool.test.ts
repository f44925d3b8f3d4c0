import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openPool } from '../../src/connection/pool.ts';
import { createTask, inOperation, listTasks, openDatabase, updateTask, type UserScope } from '../../src/index.ts';
import { alice, ask, atEnd, bob, openFixture } from '../fixture.ts';

const { sql, url } = await openFixture();
const newest = { limit: 5, order: 'newest' } as const;

/** Occupies a connection. Returns a function that releases it. */
async function occupy(scope: UserScope): Promise<() => Promise<void>> {
  const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const running = scope.transaction(() => {
    begun.resolve();
    return ended.promise;
  });
  await Promise.race([begun.promise, running]);
  return () => {
    ended.resolve();
    return running;
  };
}

test('if all connections are busy, calls fail as retryable after poolWaitMs, and later calls succeed', async () => {
  const narrow = await openDatabase({ url, poolMax: 3, poolWaitMs: 300 });
  atEnd(() => narrow.close());
  const scope = narrow.asUser(alice);
  const releases = await Promise.all([1, 2, 3].map(() => occupy(scope)));
  const startedAt = performance.now();
  const calls = await Promise.allSettled(Array.from({ length: 50 }, () => ask(scope, 'select 1')));
  expect(performance.now() - startedAt).toBeGreaterThan(290);
  const busy = { status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true, retryAfterMs: 1_000 } };
  for (const call of calls) expect(call).toMatchObject(busy);
  for (const release of releases) await release();
  expect(narrow.poolState()).toEqual({ max: 3, total: 3, idle: 3, waiting: 0 });
  await expect(listTasks(scope, newest)).resolves.toHaveProperty('items');
});

test.each([
  ['timed out', { poolWaitMs: 200, isAborted: false }],
  ['been aborted', { poolWaitMs: 10_000, isAborted: true }],
])(
  '10,000 calls that have %s while they waited for a connection do not affect the next call',
  async (_, { poolWaitMs, isAborted }) => {
    const narrow = await openDatabase({ url, poolMax: 1, poolWaitMs });
    atEnd(() => narrow.close());
    const scope = narrow.asUser(alice);
    const abort = new AbortController();
    const release = await occupy(scope);
    const list = () => listTasks(scope, newest);
    const calls = Array.from({ length: 10_000 }, () => inOperation({ signal: abort.signal }, list));
    if (isAborted) {
      abort.abort();
      void release();
    }
    for (const call of await Promise.allSettled(calls)) expect(call.status).toBe('rejected');
    await release();
    await expect(list()).resolves.toHaveProperty('items');
    expect(narrow.poolState()).toEqual({ max: 1, total: 1, idle: 1, waiting: 0 });
  },
);

test('no transaction needs two connections', async () => {
  const single = await openDatabase({ url, poolMax: 1, poolWaitMs: 2_000 });
  atEnd(() => single.close());
  const scope = single.asUser(alice);
  const { id } = await createTask(scope, { title: 'x' });
  await scope.transaction(async (within) => {
    await updateTask(within, { id, title: 'y' });
    await within.transaction((inner) => updateTask(inner, { id, title: 'z' }));
    await listTasks(within, newest);
  });
  await single.acrossAllUsers((em) => em.execute('select count(*) from tasks'));
  expect(await single.pendingMigrations()).toEqual([]);
});

test('if connections are terminated at random under load, the pool loses no slot and closes cleanly', async () => {
  const poolMax = 4;
  const db = await openDatabase({ url, poolMax });
  const scopes = [alice, bob].map((user) => db.asUser(user));
  const { id } = await createTask(scopes[0]!, { title: 'x' });
  const stop = new AbortController();
  const outcomes = new Set<string>();
  const work = [
    () => listTasks(scopes[1]!, newest),
    () => createTask(scopes[1]!, { title: 'y' }),
    () => updateTask(scopes[0]!, { id, title: String(Math.random()) }),
    () => scopes[0]!.transaction((within) => listTasks(within, newest)),
    () => listTasks(db.asUser(alice, { batchReads: true }), newest),
    () => db.acrossAllUsers((em) => em.execute('select count(*) from tasks')),
  ];
  const workers = work
    .flatMap((call) => [call, call])
    .map(async (call) => {
      while (!stop.signal.aborted) {
        const code = await call().then(
          () => 'OK',
          (error: { code: string }) => error.code,
        );
        outcomes.add(code);
      }
    });
  let terminated = 0;
  while (terminated < 20 * poolMax) {
    const { rowCount } = await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'holdfast%' and pid <> pg_backend_pid()
      order by random() limit 1`);
    terminated += rowCount ?? 0;
    await sleep(5);
  }
  stop.abort();
  await Promise.all(workers);
  expect([...outcomes].filter((code) => code !== 'OK' && code !== 'DATABASE_UNAVAILABLE')).toEqual([]);
  await expect(Promise.all(scopes.map((scope) => listTasks(scope, newest)))).resolves.toHaveLength(2);
  const { total, idle, waiting } = db.poolState();
  expect({ idle, waiting }).toEqual({ idle: total, waiting: 0 });
  expect(total).toBeLessThanOrEqual(poolMax);
  await db.close();
});

test('writes succeed right after all idle connections were terminated', async () => {
  const db = await openDatabase({ url, poolMax: 3 });
  atEnd(() => db.close());
  const scope = db.asUser(alice);
  for (let round = 0; round < 10; round++) {
    const { id } = await createTask(scope, { title: 'x' });
    await Promise.all([1, 2, 3].map(() => listTasks(scope, newest)));
    await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'holdfast'`);
    const changes = [1, 2, 3].map((turn) => updateTask(scope, { id, title: `y ${turn}` }));
    await expect(Promise.all(changes)).resolves.toHaveLength(3);
  }
});

test('a statement that waited for a connection is reported with the operation of its caller', async () => {
  const names: unknown[] = [];
  const pool = openPool(url, { max: 1, observer: { onStatement: ({ operation }) => names.push(operation?.name) } });
  atEnd(() => pool.end());
  const query = async () => {
    const client = await pool.connect();
    await client.query('select 1');
    client.release();
  };
  await Promise.all(['one', 'two', 'three'].map((name) => inOperation({ name }, query)));
  expect(names).toEqual(['one', 'two', 'three']);
});

test('a connection of the pool supports promises and callbacks', async () => {
  const pool = openPool(url, { max: 1 });
  atEnd(() => pool.end());
  const client = await pool.connect();
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  const response = Promise.withResolvers<unknown>();
  client.query('select $1::int as two', [2], (error: unknown, result) => response.resolve(error ?? result.rows));
  expect(await response.promise).toEqual([{ two: 2 }]);
  await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
  client.release();
});
