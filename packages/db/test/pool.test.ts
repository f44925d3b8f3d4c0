import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openPool } from '../src/connection/pool.ts';
import { createTask, inOperation, listTasks, openDatabase, updateTask, type UserScope } from '../src/index.ts';
import { alice, ask, atEnd, bob, openFixture } from './fixture.ts';

const { sql, url } = await openFixture();
const newest = { limit: 5, order: 'newest' } as const;

/** Holds a connection until told to let it go. */
async function hold(scope: UserScope): Promise<() => Promise<void>> {
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = scope.transaction(() => {
    begun.resolve();
    return over.promise;
  });
  await Promise.race([begun.promise, holding]);
  return () => {
    over.resolve();
    return holding;
  };
}

test('whoever finds all connections at work waits so long and no longer', async () => {
  const narrow = await openDatabase({ url, poolMax: 3, poolWaitMs: 300 });
  atEnd(() => narrow.close());
  const scope = narrow.asUser(alice);
  const holders = await Promise.all([1, 2, 3].map(() => hold(scope)));
  const startedAt = performance.now();
  const calls = await Promise.allSettled(Array.from({ length: 50 }, () => ask(scope, 'select 1')));
  expect(performance.now() - startedAt).toBeGreaterThan(290);
  const shed = { status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE', isRetryable: true, retryAfterMs: 1_000 } };
  for (const call of calls) expect(call).toMatchObject(shed);
  for (const letGo of holders) await letGo();
  expect(narrow.poolState()).toEqual({ max: 3, total: 3, idle: 3, waiting: 0 });
  await expect(listTasks(scope, newest)).resolves.toHaveProperty('items');
});

test.each([
  ['given up waiting', { poolWaitMs: 200, isAborted: false }],
  ['been given up', { poolWaitMs: 10_000, isAborted: true }],
])('any number that have %s cost whoever comes next nothing', async (_, { poolWaitMs, isAborted }) => {
  const narrow = await openDatabase({ url, poolMax: 1, poolWaitMs });
  atEnd(() => narrow.close());
  const scope = narrow.asUser(alice);
  const leaving = new AbortController();
  const letGo = await hold(scope);
  const list = () => listTasks(scope, newest);
  const calls = Array.from({ length: 10_000 }, () => inOperation({ signal: leaving.signal }, list));
  if (isAborted) {
    leaving.abort();
    void letGo();
  }
  for (const call of await Promise.allSettled(calls)) expect(call.status).toBe('rejected');
  await letGo();
  await expect(list()).resolves.toHaveProperty('items');
  expect(narrow.poolState()).toEqual({ max: 1, total: 1, idle: 1, waiting: 0 });
});

test('no unit of work needs two connections', async () => {
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

test('connections ended at random under load cost no slot, no process and no shutdown', async () => {
  const poolMax = 4;
  const db = await openDatabase({ url, poolMax });
  const scopes = [alice, bob].map((user) => db.asUser(user));
  const { id } = await createTask(scopes[0]!, { title: 'x' });
  const over = new AbortController();
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
      while (!over.signal.aborted) {
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
  over.abort();
  await Promise.all(workers);
  expect([...outcomes].filter((code) => code !== 'OK' && code !== 'DATABASE_UNAVAILABLE')).toEqual([]);
  await expect(Promise.all(scopes.map((scope) => listTasks(scope, newest)))).resolves.toHaveLength(2);
  const { total, idle, waiting } = db.poolState();
  expect({ idle, waiting }).toEqual({ idle: total, waiting: 0 });
  expect(total).toBeLessThanOrEqual(poolMax);
  await db.close();
});

test('a write right after all idle connections were ended costs one slower answer', async () => {
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

test('a statement that waited for a connection belongs to who asked, not to who gave the connection back', async () => {
  const names: unknown[] = [];
  const pool = openPool(url, { max: 1, observer: { onStatement: ({ operation }) => names.push(operation?.name) } });
  atEnd(() => pool.end());
  const ask = (name: string) => inOperation({ name }, () => pool.query('select 1'));
  await Promise.all(['one', 'two', 'three'].map(ask));
  expect(names).toEqual(['one', 'two', 'three']);
});

test('a pool serves callers of each of node-postgres’ styles', async () => {
  const pool = openPool(url, { max: 1 });
  atEnd(() => pool.end());
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  const answer = Promise.withResolvers<unknown>();
  pool.query('select $1::int as two', [2], (error: unknown, result) => answer.resolve(error ?? result.rows));
  expect(await answer.promise).toEqual([{ two: 2 }]);
  await expect(pool.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
});
