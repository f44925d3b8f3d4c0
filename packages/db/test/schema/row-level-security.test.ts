import { expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/index.ts';
import { openOrm } from '../../src/schema/orm.ts';
import { assertRowSecurity } from '../../src/schema/row-level-security.ts';
import { connect, openBareDatabase } from '../fixture.ts';

test.each([
  [
    'a table that does not enable row-level security',
    'alter table tasks disable row level security',
    'tasks does not force',
  ],
  [
    'a table that does not force row-level security',
    'alter table tasks no force row level security',
    'tasks does not force',
  ],
  [
    'the table users without row-level security',
    'alter table users disable row level security',
    'users does not force',
  ],
  ['a table without the owner’s policy', 'drop policy tasks_owner on tasks', 'tasks has no policy'],
  [
    'a weaker policy beside the owner’s policy',
    'create policy open on tasks using (true)',
    'drop policy open on public.tasks',
  ],
  [
    'an owner’s policy that is strict for reads and weak for writes',
    `drop policy tasks_owner on tasks;
      create policy tasks_owner on tasks
      using (user_id = nullif(current_setting('app.user_id', true), '')::uuid) with check (true)`,
    'drop policy tasks_owner on public.tasks',
  ],
  [
    'a new table with a user_id and without row-level security',
    'create table notes (user_id uuid not null references users (id)); grant select on notes to holdfast_app',
    'public.notes does not force',
  ],
  [
    'a table with a user_id in another schema without row-level security',
    `create schema extra; create table extra.notes (user_id uuid not null);
      grant usage on schema extra to holdfast_app; grant update (user_id) on extra.notes to holdfast_app`,
    'extra.notes does not force',
  ],
  ['a database without the table tasks', 'drop table tasks', 'public.tasks does not exist'],
])('openDatabase refuses %s', async (_, change, problem) => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(change);
  const error = await openDatabase({ url }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ROW_SECURITY' });
  expect((error as Error).message).toContain(problem);
});

test('openDatabase ignores tables with a user_id that the app role may not use, as other applications have', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`create table notes (user_id uuid not null);
    create schema extra; create table extra.notes (user_id uuid not null); grant select on extra.notes to holdfast_app`);
  const db = await openDatabase({ url });
  expect(await db.pendingMigrations()).toEqual([]);
  await db.close();
});

test('the error contains every problem of row-level security', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('alter table tasks disable row level security; alter table users disable row level security');
  await expect(openDatabase({ url })).rejects.toMatchObject({ problems: { length: 2 } });
});

const { superuserUrl } = inject('testServer');

// Roles belong to the whole server, so these tests never commit a change of one.
test.skipIf(superuserUrl === undefined).each([
  ['is a superuser', 'alter role holdfast_app superuser', 'is a superuser'],
  ['bypasses row-level security', 'alter role holdfast_app bypassrls', 'bypasses row-level security'],
  ['has the rights of the tools role', 'grant holdfast_tools to holdfast_app', 'has the rights of holdfast_tools'],
])('the check of row-level security fails if the app role %s', async (_, change, problem) => {
  const { url } = await openBareDatabase();
  const superuser = new URL(superuserUrl!);
  superuser.pathname = new URL(url).pathname;
  const orm = openOrm(superuser.href, { poolMax: 1 });
  const rollback = new Error('rollback');
  const work = orm.em.fork().transactional(async (em) => {
    await em.execute(change);
    await expect(assertRowSecurity(em)).rejects.toThrow(problem);
    throw rollback;
  });
  await expect(work).rejects.toBe(rollback);
  await orm.close();
});

test('openDatabase refuses a login role that may not switch to the app role', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`create role outsider login password 'outside'`);
  const outside = new URL(url);
  [outside.username, outside.password] = ['outsider', 'outside'];
  await expect(openDatabase({ url: outside.href })).rejects.toThrow('grant holdfast_app to outsider');
  await sql.query('drop role outsider');
});
