import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../../src/index.ts';
import { migrateUpTo } from '../../src/testing/index.ts';
import { alice, asTools, connect, openBareDatabase } from '../fixture.ts';
import { newer, openFormer, planning } from './former.ts';

const waitsForSql = `select from pg_locks where not granted and mode = $1
  and database = (select oid from pg_database where datname = current_database())`;

async function openBlocked(lockSql: string) {
  const { url, sql } = await openFormer();
  await asTools(sql, 'insert into users (id) values ($1)', [alice]);
  const blocker = await connect(url);
  await blocker.query(`begin; ${lockSql}`);
  const steps: string[] = [];
  const migrating = migrate({ url, onStep: (step) => steps.push(step) });
  const waits = async (mode: string) => (await sql.query(waitsForSql, [mode])).rowCount! > 0;
  return { sql, blocker, migrating, steps, waits };
}

const write = (sql: Client) =>
  asTools(sql, `insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'meanwhile')`, [alice]);

test('a migration that cannot lock a table gives way to the requests behind it, and succeeds later', async () => {
  const { sql, blocker, migrating, waits } = await openBlocked('lock table users in access share mode');
  const isWaiting = () => waits('AccessExclusiveLock');
  await expect.poll(isWaiting).toBe(true);
  await write(sql);
  // The migration has let the write pass, although the table is still locked.
  await expect.poll(isWaiting).toBe(true);
  await blocker.query('commit');
  expect(await migrating).toEqual(newer);
});

test('while a migration waits for a vacuum to end, requests can write', async () => {
  // The lock of a vacuum.
  const { sql, blocker, migrating, waits } = await openBlocked('lock table tasks in share update exclusive mode');
  await expect.poll(() => waits('ShareUpdateExclusiveLock')).toBe(true);
  await write(sql);
  expect(await waits('ShareUpdateExclusiveLock')).toBe(true);
  await blocker.query('commit');
  expect(await migrating).toEqual(newer);
});

test('each migration of a database in use is reported before it begins, and has committed before the next one', async () => {
  // The first statement of this migration creates this table.
  const [next] = newer.slice(newer.indexOf(planning) + 1);
  const { sql, blocker, migrating, steps } = await openBlocked('create table public.unlogged_changes ()');
  await expect.poll(() => steps).toEqual([planning, next]);
  const { rows } = await sql.query('select name from holdfast_migrations order by id desc limit 1');
  expect(rows).toEqual([{ name: planning }]);
  await blocker.query('rollback');
  expect(await migrating).toEqual(newer);
  expect(steps.slice(0, newer.length)).toEqual(newer);
  expect(steps).toContain('index tasks_user_id_due');
  expect(steps.at(-1)).toBe('constraints');
});

test('a migration locks tables in the order of writes, so that it and a write never wait for each other', async () => {
  const { url } = await openBareDatabase({ empty: true });
  await migrateUpTo(url, '0004-room-for-updates');
  const sql = await connect(url);
  const request = await connect(url);
  await request.query(`begin; set local role holdfast_tools; insert into users (id) values ('${alice}')`);
  // Its statements lock the tasks first, and then the users.
  const migrating = migrate({ url });
  const locksSql = `select relation::regclass::text as table, granted from pg_locks
    where mode = 'AccessExclusiveLock' and relation in ('users'::regclass, 'tasks'::regclass)`;
  const readLocks = async () => (await sql.query(locksSql)).rows;
  await expect.poll(readLocks).toEqual([{ table: 'users', granted: false }]);
  await request.query(
    `insert into tasks (user_id, id, title) values ('${alice}', gen_random_uuid(), 'meanwhile'); commit`,
  );
  expect((await migrating)[0]).toBe('0005-times');
});
