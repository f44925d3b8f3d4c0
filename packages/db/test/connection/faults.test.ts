import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import { describe, expect, test } from 'vitest';
import { createTask, deleteTask, inOperation, listTasks, openDatabase, Task, updateTask } from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { alice, ask, atEnd, bob, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture({ statementTimeoutMs: 300 });
const newest = { limit: 1, order: 'newest' } as const;

test('connections that are terminated during a transaction do not reduce the pool', async () => {
  const narrow = await openDatabase({ url, poolMax: 2, connectTimeoutMs: 2_000 });
  for (let round = 0; round < 3; round++) {
    const transactions = [1, 2].map(() =>
      narrow.asUser(alice).transaction(async (scope) => {
        const [row] = await ask(scope, 'select pg_backend_pid()');
        await sql.query('select pg_terminate_backend($1)', [row![0]]);
        return listTasks(scope, { limit: 1, order: 'newest' });
      }),
    );
    for (const outcome of await Promise.allSettled(transactions)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } });
    }
  }
  await expect(createTask(narrow.asUser(alice), { title: 'still here' })).resolves.toMatchObject({ version: 1 });
  await narrow.close();
});

async function terminateAll(): Promise<void> {
  await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'holdfast%'`);
}

describe('streams of rows', () => {
  const abort = new AbortController();
  const cases = {
    'its reader stops early': [() => 'stop', {}, undefined],
    'its reader fails': [() => Promise.reject(new TypeError('mine')), {}, { name: 'TypeError' }],
    'its operation is aborted': [() => abort.abort(), { signal: abort.signal }, { code: 'ABORTED' }],
    'its connection is lost': [terminateAll, {}, { code: 'DATABASE_UNAVAILABLE' }],
    'its connection is lost while its reader stops': [
      async () => {
        await terminateAll();
        return 'stop';
      },
      {},
      { code: 'DATABASE_UNAVAILABLE' },
    ],
  } as const;

  test.each(Object.entries(cases))(
    'a stream of rows does not reduce the pool if %s',
    async (_, [act, operation, failure]) => {
      const narrow = await openDatabase({ url, poolMax: 1, poolWaitMs: 10_000 });
      atEnd(() => narrow.close());
      await Promise.all(Array.from({ length: 250 }, () => createTask(narrow.asUser(bob), { title: 'x' })));
      const read = async (em: EntityManager) => {
        let rows = 0;
        for await (const _task of em.stream(Task, {})) {
          rows += 1;
          if (rows === 10 && (await act()) === 'stop') break;
          if (rows > 10) await sleep(2);
        }
      };
      const reading = inOperation(operation, () => narrow.acrossAllUsers(read));
      if (failure === undefined) await reading;
      else await expect(reading).rejects.toMatchObject(failure);
      await expect(listTasks(narrow.asUser(bob), newest)).resolves.toHaveProperty('items');
      expect(narrow.poolState()).toEqual({ max: 1, total: 1, idle: 1, waiting: 0 });
    },
  );
});

test('a statement that exceeds the statement timeout is cancelled', async () => {
  const slow = ask(db.asUser(alice), 'select pg_sleep(10)');
  await expect(slow).rejects.toMatchObject({ code: 'STATEMENT_TIMEOUT' });
});

test('an unreachable server causes DATABASE_UNAVAILABLE with a delay for the retry', async () => {
  const unreachable = new URL(url);
  unreachable.port = '1';
  await expect(openDatabase({ url: unreachable.href })).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    retryAfterMs: 1_000,
  });
});

async function openProxied(poolMax: number) {
  const proxy = await openFaultProxy(url);
  const proxied = await openDatabase({ url: proxy.url, poolMax, statementTimeoutMs: 300, connectTimeoutMs: 1_500 });
  atEnd(() => proxy.close());
  atEnd(() => proxied.close());
  return { proxy, proxied };
}

test('if the network drops responses, the pending calls fail, and the pool recovers with the network', async () => {
  const { proxy, proxied } = await openProxied(2);
  const list = () => listTasks(proxied.asUser(alice), newest);
  await Promise.all([list(), list()]);
  proxy.stall('responses');
  const calls = [list(), list(), proxied.pendingMigrations(), createTask(proxied.asUser(alice), { title: 'lost' })];
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ status: 'rejected', reason: { code: 'DATABASE_UNAVAILABLE' } });
  }
  await proxy.restore();
  await expect(Promise.all([list(), list(), proxied.pendingMigrations()])).resolves.toHaveLength(3);
});

test('a connection that goes silent right after an error does not affect later calls', async () => {
  const { proxy, proxied } = await openProxied(1);
  const scope = proxied.asUser(alice);
  await listTasks(scope, newest);
  const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5]);
  proxy.modifyResponses((response) =>
    response.includes(readyForQuery) ? response.subarray(0, response.indexOf(readyForQuery)) : response,
  );
  await expect(ask(scope, 'select 1 / 0')).rejects.toMatchObject({ code: 'INVALID_VALUE' });
  await proxy.restore();
  await expect(listTasks(scope, newest)).resolves.toHaveProperty('items');
});

test('reads succeed right after all idle connections were terminated', async () => {
  const pooled = await openDatabase({ url, poolMax: 4 });
  atEnd(() => pooled.close());
  const list = () => listTasks(pooled.asUser(bob), newest);
  for (let round = 0; round < 5; round++) {
    await Promise.all([list(), list(), list(), list()]);
    await sql.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and application_name = 'holdfast'`);
    await expect(Promise.all([list(), list(), list(), list()])).resolves.toHaveLength(4);
  }
});

test('an ifVersion that no task can have causes a conflict and not an invalid value', async () => {
  const { id } = await createTask(db.asUser(alice), { title: 'x' });
  const conflict = { code: 'TASK_CONFLICT', current: { id } };
  for (const ifVersion of [0, -1, 3_000_000_000, Number.MAX_SAFE_INTEGER]) {
    await expect(updateTask(db.asUser(alice), { id, title: 'y', ifVersion })).rejects.toMatchObject(conflict);
    await expect(deleteTask(db.asUser(alice), { id, ifVersion })).rejects.toMatchObject(conflict);
  }
});
