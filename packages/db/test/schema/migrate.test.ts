import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { migrate, openDatabase } from '../../src/index.ts';
import { findDrift } from '../../src/schema/drift.ts';
import { connect, openBareDatabase } from '../fixture.ts';

/** The files of the migrations, in order. The list of the sources must contain each of them. */
const files = await readdir(new URL('../../src/schema/migrations', import.meta.url));
const all = files
  .filter((name) => /^\d{4}-.*\.ts$/.test(name))
  .map((name) => name.replace(/\.ts$/, ''))
  .sort();

async function openEmpty() {
  const { url } = await openBareDatabase({ empty: true });
  return { url, sql: await connect(url) };
}

test('migrations of an empty database produce the schema of the entities', async () => {
  const { url } = await openEmpty();
  expect(await migrate({ url })).toEqual(all);
  expect(await findDrift({ url })).toEqual([]);
});

test('a second migration applies nothing', async () => {
  const { url } = await openEmpty();
  await migrate({ url });
  expect(await migrate({ url })).toEqual([]);
});

test('if four processes migrate at the same time, one applies all migrations and the others none', async () => {
  const { url } = await openEmpty();
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url })));
  expect(applied.toSorted((one, other) => other.length - one.length)).toEqual([all, [], [], []]);
});

test('a process killed during a migration leaves no change behind, and the next migration succeeds', async () => {
  const { url, sql } = await openEmpty();
  // A lock on a table would only delay the migration. An open transaction that creates the same schema blocks it in the
  // middle.
  await sql.query('begin; create schema auth');
  const migrating = fork(new URL('../fixtures/migrate.ts', import.meta.url), [url]);
  const observer = await connect(url);
  await expect
    .poll(async () => {
      const { rows } = await observer.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query = 'create schema auth'`,
      );
      return rows.length;
    })
    .toBe(1);
  migrating.kill('SIGKILL');
  await once(migrating, 'exit');
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

test('openDatabase refuses a database that lacks migrations and names the command', async () => {
  const { url } = await openEmpty();
  await expect(openDatabase({ url })).rejects.toThrow('pnpm db migrate');
});

test('the drift check finds an unplanned change of a column, an index, a constraint or a policy', async () => {
  for (const change of [
    'alter table tasks add column colour text',
    'drop index tasks_user_id_created_at',
    'alter table tasks drop constraint tasks_version',
    'drop policy tasks_owner on tasks',
    'alter table tasks alter column title type varchar(500)',
    'alter table lists add column icon text',
    'drop index lists_user_id_position',
    'alter table lists drop constraint lists_name_length',
    'drop index changes_operation_id',
    'drop policy changes_owner on changes',
    'alter table tasks alter column due_at drop expression',
    'drop trigger tasks_unfold on tasks',
  ]) {
    const { url } = await openBareDatabase();
    const sql = await connect(url);
    await sql.query(change);
    expect(await findDrift({ url }), change).toHaveLength(1);
  }
});
