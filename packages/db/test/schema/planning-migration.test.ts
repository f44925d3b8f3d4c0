import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createEndPosition, createPositionBetween, createPositions, isPosition } from '@holdfast/task-values';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { migrate } from '../../src/index.ts';
import { findDrift } from '../../src/schema/drift.ts';
import { lateIndexes } from '../../src/schema/migrations/index.ts';
import { readStatus } from '../../src/status/status.ts';
import { alice, asTools, atEnd, bob, connect } from '../fixture.ts';
import { newer, openFormer, planning } from './former.ts';

const times = [
  '0001-01-01 00:00:00Z',
  '0001-01-01 00:00:00.001Z',
  '1582-10-15 00:00:00Z',
  '1969-12-31 23:59:59.998Z',
  '1969-12-31 23:59:59.999Z',
  '1970-01-01 00:00:00Z',
  '1970-01-01 00:00:00.001Z',
  '2026-11-28 12:00:00.123Z',
  '2026-11-28 12:00:00.124Z',
  '2081-10-07 00:00:00Z',
  '2081-10-08 00:00:00Z',
  '9999-12-31 23:59:59.998Z',
  '9999-12-31 23:59:59.999Z',
];

/** Creates three tasks of each user at each of these times. */
async function insertTasks(sql: Client): Promise<void> {
  await asTools(sql, 'insert into users (id) select unnest($1::uuid[])', [[alice, bob]]);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at)
    select owner, gen_random_uuid(), 'former', at, at
    from unnest($1::uuid[]) as owner, unnest($2::timestamptz[]) as at, generate_series(1, 3)`,
    [[alice, bob], times],
  );
}

test('the migration gives existing tasks positions in order of creation, and equal ones to equal times', async () => {
  const { url, sql } = await openFormer();
  await insertTasks(sql);
  expect(await migrate({ url })).toEqual(newer);
  const { rows } = await asTools(
    sql,
    `select position, row_number() over (order by created_at, id) = row_number() over (order by position, id) as is_in_order
    from tasks where user_id = $1 order by position, id`,
    [alice],
  );
  expect(rows).toHaveLength(3 * times.length);
  expect(rows.every((row) => row.is_in_order)).toBe(true);
  const positions = [...new Set<string>(rows.map(({ position }) => position))];
  expect(positions).toHaveLength(times.length);
  expect(positions.every(isPosition)).toBe(true);
  // JavaScript and PostgreSQL compare positions in the same way.
  expect(positions.toSorted()).toEqual(positions);
  for (const [at, position] of positions.entries()) {
    const between = createPositionBetween(positions[at - 1] ?? null, position);
    expect(between < position && between > (positions[at - 1] ?? '')).toBe(true);
  }
  // New tasks come last, and a list that was put in order comes first.
  expect(createEndPosition(0) > positions.at(-1)!).toBe(true);
  expect(createPositions(10_000).at(-1)! < positions[0]!).toBe(true);
});

test('the migration keeps every value of existing tasks, and starts the log of each user with one row', async () => {
  const { url, sql } = await openFormer();
  await insertTasks(sql);
  const select = `select user_id, id, title, description, completed, completed_at, created_at, updated_at, version
    from tasks order by user_id, id`;
  const before = (await asTools(sql, select)).rows;
  await migrate({ url });
  expect((await asTools(sql, select)).rows).toEqual(before);
  const { rows } = await asTools(
    sql,
    'select user_id, revision::int, task_ids, list_ids from changes order by user_id',
  );
  expect(rows).toEqual([alice, bob].map((user_id) => ({ user_id, revision: 0, task_ids: [], list_ids: [] })));
  expect(await findDrift({ url })).toEqual([]);
});

const indexesSql = `select relname as name, indisvalid as "isValid" from pg_index join pg_class on pg_class.oid = indexrelid
  where indrelid = 'tasks'::regclass and not indisprimary order by relname`;

const allIndexes = lateIndexes[planning]!.map(({ name }) => ({ name, isValid: true })).toSorted((one, other) =>
  one.name < other.name ? -1 : 1,
);

const isBuildingSql = `select from pg_stat_progress_create_index where relid = 'tasks'::regclass and phase like 'waiting for%'`;

/**
 * Migrates in another process, and stops it while it builds an index. Such a build waits until transactions with an older
 * snapshot have ended.
 */
async function openInterrupted() {
  const { url, sql } = await openFormer();
  await insertTasks(sql);
  const blocker = await connect(url);
  await blocker.query('begin isolation level repeatable read; select 1');
  const migrating = fork(new URL('../fixtures/migrate.ts', import.meta.url), [url]);
  atEnd(async () => void migrating.kill('SIGKILL'));
  await expect.poll(async () => (await sql.query(isBuildingSql)).rowCount).toBe(1);
  return { url, sql, blocker, migrating };
}

test('while the migration builds indexes, a server of the previous version can read and write', async () => {
  const { sql, blocker, migrating } = await openInterrupted();
  await asTools(sql, `insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'meanwhile')`, [alice]);
  await asTools(sql, `update tasks set title = 'changed', version = version + 1 where title = 'meanwhile'`);
  expect((await asTools(sql, `delete from tasks where title = 'changed'`)).rowCount).toBe(1);
  expect((await sql.query(isBuildingSql)).rowCount).toBe(1);
  await blocker.query('commit');
  expect(await once(migrating, 'exit')).toEqual([0, null]);
  expect((await sql.query(indexesSql)).rows).toEqual(allIndexes);
});

test('if a process is killed while it builds an index, the next migration waits for the build and completes the rest', async () => {
  const { url, sql, blocker, migrating } = await openInterrupted();
  migrating.kill('SIGKILL');
  await once(migrating, 'exit');
  const { problems } = await readStatus(url);
  expect(problems.filter((problem) => problem.includes('tasks_user_id_list_id_position'))).toHaveLength(1);
  // PostgreSQL continues the build of a process that has ended.
  const next = migrate({ url });
  const lockedSql = `select from pg_locks where locktype = 'advisory' and granted
    and database = (select oid from pg_database where datname = current_database())`;
  await expect.poll(async () => (await sql.query(lockedSql)).rowCount).toBe(1);
  await blocker.query('commit');
  expect(await next).toEqual([]);
  expect((await sql.query(indexesSql)).rows).toEqual(allIndexes);
  expect((await readStatus(url)).problems).toEqual([]);
  expect(await findDrift({ url })).toEqual([]);
});

test('an invalid index of a failed build is dropped and built again by the next migration', async () => {
  const { url, sql, blocker, migrating } = await openInterrupted();
  migrating.kill('SIGKILL');
  await once(migrating, 'exit');
  await sql.query(`select pg_cancel_backend(pid) from pg_stat_progress_create_index where relid = 'tasks'::regclass`);
  await expect
    .poll(async () => (await sql.query(indexesSql)).rows)
    .toEqual([{ name: 'tasks_user_id_created_at', isValid: false }]);
  await blocker.query('commit');
  expect((await readStatus(url)).problems).toContainEqual(
    expect.stringMatching(/^Index public.tasks_user_id_created_at is invalid/),
  );
  expect(await migrate({ url })).toEqual([]);
  expect((await sql.query(indexesSql)).rows).toEqual(allIndexes);
  expect((await readStatus(url)).problems).toEqual([]);
});

test('if four processes migrate a database with tasks at the same time, one of them applies the migration and builds its indexes', async () => {
  const { url, sql } = await openFormer();
  await insertTasks(sql);
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url })));
  expect(applied.flat()).toEqual(newer);
  expect((await sql.query(indexesSql)).rows).toEqual(allIndexes);
  expect(await findDrift({ url })).toEqual([]);
});

test('a login that does not own the tables can start although an index is missing', async () => {
  const { url, sql } = await openFormer();
  await migrate({ url });
  await sql.query('drop index tasks_user_id_due');
  const login = `server_${process.pid}`;
  await sql.query(`create role ${login} login password 'change me'; grant holdfast_app to ${login};
    grant select on holdfast_migrations to ${login}`);
  atEnd(() =>
    sql.query(`revoke all on holdfast_migrations from ${login}; revoke holdfast_app from ${login}; drop role ${login}`),
  );
  const asLogin = Object.assign(new URL(url), { username: login, password: 'change me' }).href;
  expect(await migrate({ url: asLogin })).toEqual([]);
  expect((await sql.query(indexesSql)).rows).not.toContainEqual({ name: 'tasks_user_id_due', isValid: true });
});
