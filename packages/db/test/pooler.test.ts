import { randomUUID } from 'node:crypto';
import { sql as kyselySql } from 'kysely';
import { expect, inject, test } from 'vitest';
import {
  createTask,
  type DatabaseOptions,
  describeDatabaseFailure,
  getTask,
  listTasks,
  migrate,
  openAuthStore,
  openDatabase,
  updateTask,
} from '../src/index.ts';
import { findDrift } from '../src/schema/drift.ts';
import { toPreparedName } from '../src/scope/prepared-statement.ts';
import { internalsOf } from '../src/scope/user-scope.ts';
import { openPgBouncer } from '../src/testing/index.ts';
import { alice, ask, asTools, atEnd, bob, connect, openBareDatabase } from './fixture.ts';
import { newer, openFormer } from './schema/former.ts';

const newest = { limit: 200, order: 'newest' } as const;

async function openTestPooler(options: { poolSize?: number; maxClients?: number } = {}) {
  const pooler = await openPgBouncer({ url: inject('testServer').url, ...options });
  atEnd(() => pooler.stop());
  return pooler;
}

const { url: directUrl } = await openBareDatabase();
const direct = await connect(directUrl);
const pooler = await openTestPooler({ poolSize: 2 });
const url = pooler.toUrl(directUrl);

async function openPooled(options: Partial<DatabaseOptions> = {}) {
  const db = await openDatabase({ url, ...options });
  atEnd(() => db.close());
  return db;
}

test('pipelines, transactions and work across all users run through PgBouncer', async () => {
  const db = await openPooled();
  const backends = new Set<unknown>();
  for (const users of [10, 30]) {
    const pids = Array.from({ length: users }, () => ask(db.asUser(randomUUID()), 'select pg_backend_pid()'));
    for (const [row] of await Promise.all(pids)) backends.add(row![0]);
  }
  expect(backends.size).toBeLessThanOrEqual(2);
  const scope = db.asUser(alice);
  const task = await createTask(scope, { title: 'pooled' });
  await scope.transaction(async (inner) => {
    await updateTask(inner, { id: task.id, completed: true });
    expect(await getTask(inner, { id: task.id })).toMatchObject({ completed: true });
  });
  expect(await db.acrossAllUsers((em) => em.execute('select count(*)::int as count from tasks'))).toEqual([
    { count: 1 },
  ]);
  expect(await db.pendingMigrations()).toEqual([]);
});

test('sixty concurrent users on two connections see only their own tasks and leave no session state', async () => {
  const servers = await Promise.all([openPooled({ poolMax: 20 }), openPooled({ poolMax: 20 })]);
  const users = Array.from({ length: 60 }, () => randomUUID());
  const work = users.map(async (user, at) => {
    const scope = servers[at % 2]!.asUser(user, { batchReads: at % 3 === 0 });
    const seen = new Set<unknown>();
    for (let round = 0; round < 5; round++) {
      await createTask(scope, { title: `${user} ${round}` });
      // Fails in the middle of a pipeline and of a transaction.
      await Promise.allSettled([
        ask(scope, 'select 1 / 0'),
        scope.transaction(async (inner) => {
          await createTask(inner, { title: 'taken back' });
          throw new Error('taken back');
        }),
      ]);
      const session = `select current_user, current_setting('app.user_id')`;
      expect(await ask(scope, session)).toEqual([['holdfast_app', user]]);
      for (const row of await ask(scope, 'select user_id from tasks')) seen.add(row[0]);
      const { items } = await listTasks(scope, newest);
      expect(items.map(({ title }) => title).toSorted()).toEqual(
        Array.from({ length: round + 1 }, (_, number) => `${user} ${number}`),
      );
    }
    expect([...seen]).toEqual([user]);
  });
  await Promise.all(work);
  const left = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = await connect(url);
      const { rows } = await client.query(
        `select nullif(current_setting('app.user_id', true), '') as user, current_user = session_user as is_login,
          current_setting('statement_timeout') as timeout`,
      );
      return rows[0] as unknown;
    }),
  );
  expect(left).toEqual(Array.from({ length: 8 }, () => ({ user: null, is_login: true, timeout: '0' })));
});

test('sign-in and its transactions work through PgBouncer', async () => {
  const store = openAuthStore({ url });
  atEnd(() => store.close());
  const count = kyselySql`select count(*)::int as count from auth."user"`;
  const counts = Array.from({ length: 20 }, () => count.execute(store.kysely));
  for (const { rows } of await Promise.all(counts)) expect(rows).toEqual([{ count: 0 }]);
  const inTransaction = store.kysely.transaction().execute((transaction) => count.execute(transaction));
  expect((await inTransaction).rows).toEqual([{ count: 0 }]);
});

test('concurrent migrations work through PgBouncer', async () => {
  const { url: empty } = await openBareDatabase({ empty: true });
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url: pooler.toUrl(empty) })));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
  expect(await migrate({ url: empty })).toEqual([]);
});

test('concurrent migrations of a database with tasks build their indexes through PgBouncer with two connections', async () => {
  const { url: former, sql } = await openFormer();
  await asTools(sql, 'insert into users (id) values ($1)', [alice]);
  await asTools(sql, `insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'former')`, [alice]);
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url: pooler.toUrl(former) })));
  expect(applied.flat()).toEqual(newer);
  expect(await findDrift({ url: former })).toEqual([]);
});

test('if the server closes connections of the pooler, at most the calls on them fail, and no change is partial', async () => {
  const db = await openPooled({ poolMax: 4 });
  const titles: string[] = [];
  for (let round = 0; round < 10; round++) {
    const calls = Promise.allSettled(
      [alice, bob, alice, bob].map(async (user, at) => {
        const title = `round ${round}, call ${at}`;
        await createTask(db.asUser(user), { title });
        titles.push(title);
      }),
    );
    await direct.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`);
    for (const call of await calls) {
      if (call.status === 'rejected') expect(call.reason).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    }
  }
  await expect.poll(() => listTasks(db.asUser(alice), newest).then(() => 'serving', String)).toBe('serving');
  const { rows } = await asTools(direct, `select title from tasks where title like 'round %'`);
  expect(rows.map(({ title }: { title: string }) => title)).toEqual(expect.arrayContaining(titles));
  expect(new Set(rows.map(({ title }: { title: string }) => title)).size).toBe(rows.length);
});

test('a full pooler is reported as unavailable with an explanation, and its existing clients continue', async () => {
  const narrow = await openTestPooler({ poolSize: 2, maxClients: 4 });
  const narrowUrl = narrow.toUrl(directUrl);
  const db = await openDatabase({ url: narrowUrl, poolMax: 8 });
  const list = () => listTasks(db.asUser(alice), newest);
  const outcomes = await Promise.allSettled(Array.from({ length: 16 }, list));
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  }
  const clients = await Promise.allSettled(Array.from({ length: 4 }, () => connect(narrowUrl)));
  expect(clients.some(({ status }) => status === 'rejected')).toBe(true);
  const refusal: unknown = await openDatabase({ url: narrowUrl }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(describeDatabaseFailure(refusal)).toContain('max_client_conn');
  await expect(list()).resolves.toHaveProperty('items');
  await db.close();
});

test('a server that the pooler cannot reach is reported as unavailable', async () => {
  const { url: gone, drop } = await openBareDatabase();
  const db = await openDatabase({ url: pooler.toUrl(gone), connectTimeoutMs: 2_000, statementTimeoutMs: 100 });
  atEnd(() => db.close());
  await drop();
  await expect(listTasks(db.asUser(alice), newest)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  const opened = openDatabase({ url: pooler.toUrl(gone), connectTimeoutMs: 2_000 });
  await expect(opened).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
});

test('two versions of Holdfast with different statements of one name get their own results', async () => {
  const versions = await Promise.all(['old', 'new'].map(() => openPooled({ poolMax: 2 })));
  const areExpected = await Promise.all(
    Array.from({ length: 60 }, async (_, turn) => {
      const expected = ['old', 'new'][turn % 2]!;
      const text = `select '${expected}'`;
      const statement = { name: 'version', preparedName: toPreparedName('version', text), text };
      const scope = versions[turn % 2]!.asUser(alice);
      const [row] = await internalsOf(scope).run(
        { ...statement, isRead: true, isIdempotent: true, toValues: () => [] },
        {},
      );
      return row![0] === expected;
    }),
  );
  expect(areExpected).not.toContain(false);
});
