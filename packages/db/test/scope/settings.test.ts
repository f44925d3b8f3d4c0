import { setTimeout as sleep } from 'node:timers/promises';
import { sql as kyselySql } from 'kysely';
import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { openConnection } from '../../src/connection/dedicated-client.ts';
import {
  createTask,
  createTasks,
  getTask,
  getUser,
  migrate,
  openAuthStore,
  openDatabase,
  openRateLimitStore,
} from '../../src/index.ts';
import { explain } from '../../src/status/explain.ts';
import { readStatus } from '../../src/status/status.ts';
import {
  changeDefaults,
  dropDatabase,
  findPgBouncer,
  openPgBouncer,
  terminateClientsSql,
} from '../../src/testing/index.ts';
import { alice, asTools, atEnd, connect, openBareDatabase } from '../fixture.ts';

const { superuserUrl } = inject('testServer');

/** A migrated database whose defaults have been changed, as an operator can change them. */
async function openChanged(options: { empty?: boolean; without?: string[] } = {}) {
  const { url } = await openBareDatabase(options);
  await changeDefaults(url, { superuserUrl, without: options.without });
  return url;
}

async function openPool(url: string) {
  const db = await openDatabase({ url });
  atEnd(() => db.close());
  return db;
}

test('migrations, status, plans and backups’ connections do not depend on the defaults of the database', async () => {
  const url = await openChanged({ empty: true });
  const applied = await migrate({ url });
  expect(applied.at(0)).toBe('0001-users-and-tasks');
  expect(await migrate({ url })).toEqual([]);
  expect((await readStatus(url)).problems).toEqual([]);
  const client = await openConnection(url);
  atEnd(() => client.end());
  const db = await openPool(url);
  const task = { title: 'x' };
  for (let count = 0; count < 4; count++)
    await createTasks(
      db.asUser(alice),
      Array.from({ length: 500 }, () => task),
    );
  await client.query('analyze public.tasks');
  expect((await explain(url, 'task_get')).join('\n')).toContain('tasks_pkey');
  const { rows } = await client.query(`select current_setting('transaction_read_only') as mode, current_date as day,
    array[1, 2]::text as list, to_regclass('tasks') is not null as finds_tables, e'\\x01'::bytea::text as bytes`);
  expect(rows).toMatchObject([{ mode: 'off', finds_tables: true, bytes: String.raw`\x01` }]);
  const definitions = await client.query(`select pg_get_constraintdef(oid) as text from pg_constraint
    where conname in ('tasks_title_not_blank', 'tasks_created_at_range') order by conname`);
  expect(definitions.rows.map(({ text }) => text)).toEqual([
    expect.stringContaining(`'0001-01-01 00:00:00+00'`),
    expect.stringContaining(String.raw`'\S'`),
  ]);
});

test('the times and rows of a transaction do not depend on the defaults of the database', async () => {
  const db = await openPool(await openChanged());
  const scope = db.asUser(alice);
  const task = await createTask(scope, { title: String.raw`back\slash`, completed: true });
  expect(task.createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(await getTask(scope, task)).toEqual(task);
  expect((await getUser(scope)).createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  await scope.transaction(async (inner) => {
    expect(await getTask(inner, task)).toEqual(task);
    const [row] = await inner.em.execute<[{ isolation: string; interval: string }]>(
      `select current_setting('transaction_isolation') as isolation, (interval '1 day 1 hour')::text as interval`,
    );
    expect(row).toEqual({ isolation: 'read committed', interval: '1 day 01:00:00' });
  });
  const [counted] = await db.acrossAllUsers((em) => em.execute('select count(*)::int as count from tasks'));
  expect(counted).toEqual({ count: 1 });
});

test('settings that code leaves behind on a connection do not reach later transactions', async () => {
  const { url } = await openBareDatabase();
  const db = await openDatabase({ url, poolMax: 1 });
  atEnd(() => db.close());
  const task = await createTask(db.asUser(alice), { title: 'before' });
  await db.acrossAllUsers(async (em) => {
    await em.execute(`set session datestyle = 'German'`);
    await em.execute(`set session timezone = 'Asia/Kathmandu'`);
    await em.execute('set session search_path = pg_catalog');
    await em.execute('set session row_security = off');
  });
  expect(await getTask(db.asUser(alice), task)).toEqual(task);
});

test('sign-in and rate limits do not depend on the defaults of the database', async () => {
  const url = await openChanged();
  const store = openAuthStore({ url });
  atEnd(() => store.close());
  const limits = openRateLimitStore({ url });
  atEnd(() => limits.close());
  const { rows } = await kyselySql<{ createdAt: Date }>`
    insert into auth."user" (name, email, "emailVerified") values ('Ada', 'ada@example.org', false) returning "createdAt"
  `.execute(store.kysely);
  expect(Math.abs(rows[0]!.createdAt.getTime() - Date.now())).toBeLessThan(600_000);
  await limits.query({ text: `insert into auth.rate_limits (key, points) values ('a', 1)` });
  // The default of the database would end the session meanwhile.
  await sleep(300);
  expect((await limits.query({ text: 'select points from auth.rate_limits' })).rows).toEqual([{ points: 1 }]);
});

test.skipIf(findPgBouncer() === undefined)(
  'behind a transaction pooler, transactions and sign-in do not depend on the defaults of the database',
  async () => {
    const url = await openChanged({ without: ['default_transaction_read_only', 'default_transaction_isolation'] });
    const pooler = await openPgBouncer({ url });
    atEnd(() => pooler.stop());
    const db = await openPool(pooler.toUrl(url));
    const task = await createTask(db.asUser(alice), { title: 'pooled', completed: true });
    expect(await getTask(db.asUser(alice), task)).toEqual(task);
    await db.asUser(alice).transaction(async (inner) => expect(await getTask(inner, task)).toEqual(task));
    const store = openAuthStore({ url: pooler.toUrl(url) });
    atEnd(() => store.close());
    const { rows } = await kyselySql<{ now: Date }>`select now()`.execute(store.kysely);
    expect(Math.abs(rows[0]!.now.getTime() - Date.now())).toBeLessThan(600_000);
    expect((await readStatus(pooler.toUrl(url))).problems).toEqual([]);
  },
);

test.skipIf(findPgBouncer() === undefined)(
  'behind a transaction pooler, a default that no transaction can change is refused with the statement that resets it',
  async () => {
    const url = await openChanged();
    const pooler = await openPgBouncer({ url });
    atEnd(() => pooler.stop());
    const pooled = pooler.toUrl(url);
    for (const open of [openDatabase, migrate]) {
      await expect(open({ url: pooled })).rejects.toMatchObject({
        code: 'UNSUPPORTED_DATABASE',
        problems: [
          expect.stringMatching(/^The pooler keeps .*\. Run: alter database \S+ reset default_transaction_read_only;/),
          expect.stringMatching(/^The pooler keeps .*\. Run: alter database \S+ reset default_transaction_isolation;/),
        ],
      });
    }
    expect((await readStatus(pooled)).problems).toHaveLength(2);
  },
);

test.each(['SQL_ASCII', 'LATIN1'])(
  'openDatabase, migrate and status refuse a database with the encoding %s',
  async (encoding) => {
    const { url } = await openBareDatabase({ empty: true });
    const server = await connect(url);
    const name = `test_${encoding.toLowerCase()}_${process.pid}`;
    await server.query(`create database ${name} template template0 encoding '${encoding}' locale 'C'`);
    atEnd(() => dropDatabase(url, name));
    const other = Object.assign(new URL(url), { pathname: `/${name}` }).href;
    const problem = `The database encoding is ${encoding}.`;
    await expect(migrate({ url: other })).rejects.toThrow(problem);
    await expect(openDatabase({ url: other })).rejects.toThrow(problem);
    expect((await readStatus(other)).problems.join('\n')).toContain(problem);
  },
);

test.each([
  ['table users', 'create table users (id int primary key, user_id int)', 'table public.users'],
  ['schema auth, as Supabase has', 'create schema auth; create table auth.sessions (user_id uuid)', 'schema auth'],
])('a database with the %s of another application is refused without advice to change it', async (_, change, name) => {
  const { url } = await openBareDatabase({ empty: true });
  const server = await connect(url);
  await server.query(change);
  const problem = `Another application uses ${name} in this database. Use a separate database.`;
  await expect(migrate({ url })).rejects.toMatchObject({ code: 'UNSUPPORTED_DATABASE', problems: [problem] });
  await expect(openDatabase({ url })).rejects.toMatchObject({ code: 'UNSUPPORTED_DATABASE', problems: [problem] });
  const status = await readStatus(url);
  expect(status.problems).toEqual([problem]);
  expect(JSON.stringify(status)).not.toContain('alter table');
});

test('the migrations use the schema public if the role has a schema of its own', async () => {
  const { url } = await openBareDatabase({ empty: true });
  const server = await connect(url);
  await server.query(`create schema "${decodeURIComponent(new URL(url).username)}"`);
  await migrate({ url });
  const db = await openPool(url);
  await createTask(db.asUser(alice), { title: 'x' });
  const { rows } = await asTools(server, 'select count(*)::int as count from public.tasks');
  expect(rows).toEqual([{ count: 1 }]);
});

test('an idle connection that the server ended does not fail a call', async () => {
  const { url } = await openBareDatabase();
  const db = await openPool(url);
  await createTask(db.asUser(alice), { title: 'x' });
  const other = new Client(url);
  await other.connect();
  await other.query(terminateClientsSql(new URL(url).pathname.slice(1)));
  await other.end();
  expect((await createTask(db.asUser(alice), { title: 'y' })).title).toBe('y');
});
