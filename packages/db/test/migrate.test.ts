import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { migrate, openDatabase } from '../src/index.ts';
import { findDrift } from '../src/schema/drift.ts';
import { rollBackAll } from '../src/schema/migrate.ts';
import { connect, openBareDatabase } from './fixture.ts';

const all = ['0001-users-and-tasks', '0002-auth', '0003-rate-limits', '0004-room-for-updates'];

async function openEmpty() {
  const { url } = await openBareDatabase({ empty: true });
  return { url, sql: await connect(url) };
}

const objects = `
select nspname || '.' || relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where nspname in ('public', 'auth') and relkind in ('r', 'i', 'S') order by 1`;

test('migrations lead from nothing to what the entities say, back to nothing, and there again', async () => {
  const { url, sql } = await openEmpty();
  expect(await migrate({ url })).toEqual(all);
  expect(await findDrift({ url })).toEqual([]);
  const first = await sql.query(objects);
  expect(await rollBackAll({ url })).toEqual(all.toReversed());
  const { rows } = await sql.query<{ name: string }>(objects);
  expect(rows.filter(({ name }) => !name.startsWith('public.holdfast_migrations'))).toEqual([]);
  expect(await migrate({ url })).toEqual(all);
  expect((await sql.query(objects)).rows).toEqual(first.rows);
  expect(await findDrift({ url })).toEqual([]);
});

test('migrating a second time does nothing', async () => {
  const { url } = await openEmpty();
  await migrate({ url });
  expect(await migrate({ url })).toEqual([]);
});

test('of four deployers at once one migrates and the others find it done', async () => {
  const { url } = await openEmpty();
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url })));
  expect(applied.toSorted((one, other) => other.length - one.length)).toEqual([all, [], [], []]);
});

test('a deployer killed in the middle leaves nothing behind, and the next one succeeds', async () => {
  const { url, sql } = await openEmpty();
  // A table in the way of the last migration's lock would only slow it down; a foreign transaction that holds the
  // name of its schema keeps it waiting in the middle.
  await sql.query('begin; create schema auth');
  const deployer = fork(new URL('./fixtures/migrate.ts', import.meta.url), [url]);
  const observer = await connect(url);
  await expect
    .poll(async () => {
      const { rows } = await observer.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query = 'create schema auth'`,
      );
      return rows.length;
    })
    .toBe(1);
  deployer.kill('SIGKILL');
  await once(deployer, 'exit');
  await sql.query('rollback');
  await expect
    .poll(
      async () =>
        (
          await observer.query(
            `select 1 from pg_locks join pg_database on pg_database.oid = database and datname = current_database() where locktype = 'advisory'`,
          )
        ).rows,
    )
    .toEqual([]);
  expect((await observer.query(`select to_regclass('tasks') as tasks`)).rows).toEqual([{ tasks: null }]);
  expect(await migrate({ url })).toEqual(all);
});

test('a database that lacks migrations is not opened, and says what to do', async () => {
  const { url } = await openEmpty();
  await expect(openDatabase({ url })).rejects.toThrow('pnpm db migrate');
});

test('the check sees a column, an index, a rule and a policy that nobody planned', async () => {
  for (const change of [
    'alter table tasks add column colour text',
    'drop index tasks_user_id_created_at',
    'alter table tasks drop constraint tasks_version',
    'drop policy tasks_owner on tasks',
    'alter table tasks alter column title type varchar(500)',
  ]) {
    const { url } = await openBareDatabase();
    const sql = await connect(url);
    await sql.query(change);
    expect(await findDrift({ url }), change).toHaveLength(1);
  }
});
