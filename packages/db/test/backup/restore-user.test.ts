import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { readBackupFile } from '../../src/backup/file.ts';
import { restoreUser } from '../../src/backup/user/restore-user.ts';
import { createTask, deleteTask, getTask, listTasks, openDatabase, updateTask } from '../../src/index.ts';
import { openFaultProxy, waitingForLocksSql } from '../../src/testing/index.ts';
import { alice, asTools, atEnd, bob, connect, openBareDatabase } from '../fixture.ts';
import { fill } from './fill.ts';
import { backUp, runCli, server, superuserUrl } from './fixture.ts';

const atFirst = { limit: 200, order: 'oldest' } as const;

/** Opens a database in which tasks of Alice and Bob were added, changed and removed since the backup. */
async function openChanged() {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  const db = await openDatabase({ url });
  atEnd(() => db.close());
  const created = [];
  for (const user of [alice, bob]) {
    for (const title of ['kept', 'changed', 'removed']) created.push(await createTask(db.asUser(user), { title }));
  }
  await asTools(sql, 'update users set email = $1 where id = $2', ['alice@example.com', alice]);
  const before = await listTasks(db.asUser(alice), atFirst);
  const { file } = await backUp(url);
  const [, changed, removed] = created;
  const added = await createTask(db.asUser(alice), { title: 'added' });
  await updateTask(db.asUser(alice), { id: changed!.id, title: 'otherwise', completed: true });
  await deleteTask(db.asUser(alice), { id: removed!.id });
  await createTask(db.asUser(bob), { title: 'of Bob since' });
  await deleteTask(db.asUser(bob), { id: created[3]!.id });
  return { url, sql, db, file, before, added, changed: changed!, removed: removed! };
}

/** A hash of all data that does not belong to Alice. */
async function hashOthers(sql: Client): Promise<unknown> {
  const { rows } = await asTools(
    sql,
    `select
      (select md5(string_agg(tasks::text, '' order by user_id, id)) from tasks where user_id <> $1) as tasks,
      (select md5(string_agg(lists::text, '' order by user_id, id)) from lists where user_id <> $1) as lists,
      (select md5(string_agg(changes::text, '' order by user_id, revision)) from changes where user_id <> $1) as changes,
      (select md5(string_agg(users::text, '' order by id)) from users where id <> $1) as users`,
    [alice],
  );
  const { rows: auth } = await sql.query(
    `select (select count(*) from auth."user"), (select md5(string_agg(jwks::text, '')) from auth.jwks)`,
  );
  return [rows, auth];
}

function restore(url: string, file: string, options: { user?: string; apply?: boolean } = {}) {
  return restoreUser({ url, source: readBackupFile(file), server, user: alice, apply: true, ...options });
}

test('without apply, a user restore returns the differences and changes nothing', async () => {
  const { url, sql, db, file, added, changed, removed } = await openChanged();
  const [others, own] = [await hashOthers(sql), await listTasks(db.asUser(alice), atFirst)];
  const { differences, userId } = await restore(url, file, { apply: false });
  expect(userId).toBe(alice);
  const [of, kind] = ['task', 'changed'];
  const changes = [
    { of, kind, id: changed.id, columns: ['title', 'completed', 'completed_at', 'updated_at', 'version'] },
    { of, kind, id: removed.id, columns: ['updated_at', 'version', 'deleted_at'] },
  ];
  expect(differences).toEqual([
    ...changes.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    { of: 'task', kind: 'removed', id: added.id, columns: [] },
  ]);
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(own);
  expect(await hashOthers(sql)).toEqual(others);
});

test('a user restore restores the tasks of one user, leaves other users unchanged, and can be repeated', async () => {
  const { url, sql, db, file, before } = await openChanged();
  const others = await hashOthers(sql);
  expect((await restore(url, file)).differences).toHaveLength(3);
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(before);
  expect(await hashOthers(sql)).toEqual(others);
  expect((await restore(url, file)).differences).toEqual([]);
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(before);
  expect(await hashOthers(sql)).toEqual(others);
});

test('a user restore restores tasks with all kinds of values unchanged', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await fill(sql);
  const { file } = await backUp(url);
  const before = await readRows(sql);
  await asTools(sql, `delete from tasks where user_id = $1 and version % 2000 = 0`, [alice]);
  await asTools(sql, `update tasks set created_at = '2020-01-01', description = 'x' where user_id = $1`, [alice]);
  await restore(url, file);
  expect(await readRows(sql)).toEqual(before);
});

/** The rows of Alice, without what a restore counts anew. */
async function readRows(sql: Client): Promise<unknown[]> {
  const { rows } = await asTools(
    sql,
    `select (to_jsonb(lists) - 'revision')::text as row from lists where user_id = $1
    union all select (to_jsonb(tasks) - 'revision')::text from tasks where user_id = $1 order by 1`,
    [alice],
  );
  return rows;
}

test('a user restore restores lists, due dates, labels and the trash, also if tasks refer to changed lists', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await fill(sql);
  const { file } = await backUp(url);
  const [before, others] = [await readRows(sql), await hashOthers(sql)];
  for (const change of [
    `insert into lists (user_id, id, name) values ($1, 'a0000000-0000-4000-8000-000000000001', 'new')`,
    `update tasks set list_id = 'a0000000-0000-4000-8000-000000000001' where user_id = $1 and title = 'due on a date'`,
    `insert into tasks (user_id, id, title, list_id) select user_id, gen_random_uuid(), 'new', id from lists
      where user_id = $1 and name = 'Home'`,
    `update lists set name = 'renamed', created_at = '2025-01-01Z' where user_id = $1 and name = 'Home'`,
    `delete from tasks where user_id = $1 and title in ('in the trash', 'due in a zone')`,
    `delete from lists where user_id = $1 and name like 'in the trash%'`,
    `update tasks set due_date = '2030-01-01', labels = '{}' where user_id = $1 and due_date is not null`,
  ]) {
    await asTools(sql, change, [alice]);
  }
  const { differences } = await restore(url, file);
  expect(differences.filter((difference) => difference.of === 'list').map(({ kind }) => kind)).toEqual([
    'added',
    'changed',
    'removed',
  ]);
  expect(await readRows(sql)).toEqual(before);
  expect(await hashOthers(sql)).toEqual(others);
  expect((await restore(url, file)).differences).toEqual([]);
});

/** Alice's revision, and the revisions of her log with their times. */
async function readLog(sql: Client): Promise<{ revision: number; log: { revision: number; at: string }[] }> {
  const { rows } = await asTools(
    sql,
    `select revision::int, (select json_agg(json_build_object('revision', revision, 'at', at)) from changes where user_id = users.id)
      as log from users where id = $1`,
    [alice],
  );
  return rows[0];
}

test('a user restore replaces the log by one new row, and a restore without a difference leaves it as it is', async () => {
  const { url, sql, db, file } = await openChanged();
  const before = await readLog(sql);
  expect(before.log.length).toBeGreaterThan(1);
  await restore(url, file, { apply: false });
  expect(await readLog(sql)).toEqual(before);
  await restore(url, file);
  const after = await readLog(sql);
  expect(after).toMatchObject({ revision: before.revision + 1, log: [{ revision: before.revision + 1 }] });
  await restore(url, file);
  expect(await readLog(sql)).toEqual(after);
  await createTask(db.asUser(alice), { title: 'later' });
  expect((await readLog(sql)).log.map(({ revision }) => revision)).toEqual([after.revision, after.revision + 1]);
});

test('after a user restore, the revision is higher than in the backup, also if the user was deleted since', async () => {
  const { url, sql, db } = await openChanged();
  for (const title of ['one', 'two', 'three']) await createTask(db.asUser(alice), { title });
  const saved = await readLog(sql);
  const { file } = await backUp(url);
  await asTools(sql, 'delete from users where id = $1', [alice]);
  await restore(url, file);
  expect((await readLog(sql)).revision).toBe(saved.revision + 1);
});

test('a user restore recreates a deleted user together with the tasks', async () => {
  const { url, sql, db, file, before } = await openChanged();
  await asTools(sql, 'delete from users where id = $1', [alice]);
  await restore(url, file);
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(before);
  const { rows } = await asTools(sql, 'select email from users where id = $1', [alice]);
  expect(rows).toEqual([{ email: 'alice@example.com' }]);
});

test('a user restore finds the user by ID or by an e-mail address from the tasks or the sign-in', async () => {
  const { url } = await openBareDatabase();
  await fill(await connect(url));
  const { file } = await backUp(url);
  for (const user of ['Alice@Example.com', 'ada@example.com', alice.toUpperCase()]) {
    expect((await restore(url, file, { user })).userId, user).toBe(alice);
  }
});

test('a user restore of an unknown or ambiguous user is refused', async () => {
  const { url, sql, file } = await openChanged();
  for (const user of ['nobody@example.com', '0190a000-0000-7000-8000-0000000000ff', '', '%', `' or true --`]) {
    await expect(restore(url, file, { user })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
  }
  await asTools(sql, 'update users set email = $1', ['both@example.com']);
  const { file: later } = await backUp(url);
  await expect(restore(url, later, { user: 'both@example.com' })).rejects.toMatchObject({
    code: 'USER_AMBIGUOUS',
    message: expect.stringContaining(`${alice}, ${bob}`),
  });
});

test('a user restore from a damaged backup changes nothing', async () => {
  const { url, db, file } = await openChanged();
  const own = await listTasks(db.asUser(alice), atFirst);
  async function* flipped() {
    for await (const chunk of readBackupFile(file)) {
      chunk[20_000]! ^= 1;
      yield chunk;
    }
  }
  const damaged = restoreUser({ url, source: flipped(), server, user: alice, apply: true });
  await expect(damaged).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(own);
});

test('a user restore into a database that lacks migrations is refused', async () => {
  const { file } = await openChanged();
  const { url } = await openBareDatabase({ empty: true });
  await expect(restore(url, file)).rejects.toMatchObject({ code: 'TARGET_BEHIND' });
});

test('a user restore by a superuser changes only rows of that user', async (context) => {
  context.skip(superuserUrl === undefined, 'no superuser is available');
  const { url, sql, db, file, before } = await openChanged();
  const others = await hashOthers(sql);
  const superuser = Object.assign(new URL(superuserUrl!), { pathname: new URL(url).pathname }).href;
  await restore(superuser, file);
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(before);
  expect(await hashOthers(sql)).toEqual(others);
});

test('a user restore waits for a concurrent change of the user and compares against the result', async () => {
  const { url, sql, db, file, changed } = await openChanged();
  // Locks the row of the user, as a transaction that creates a task does.
  await sql.query('begin; set local role holdfast_app');
  await sql.query(`select set_config('app.user_id', $1, true)`, [alice]);
  await sql.query(`update tasks set title = 'in between', version = version + 1 where id = $1`, [changed.id]);
  const restoring = restore(url, file, { apply: false });
  await expect.poll(async () => (await sql.query(waitingForLocksSql)).rowCount).toBe(1);
  await sql.query('commit');
  expect((await restoring).differences).toHaveLength(3);
  expect(await getTask(db.asUser(alice), { id: changed.id })).toMatchObject({ title: 'in between' });
});

test('an interruption of a user restore during the commit is ignored', async () => {
  const { url, sql, db, file, before } = await openChanged();
  await sql.query(`
create function linger() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock(1); return null; end';
create constraint trigger linger after insert on tasks deferrable initially deferred for each row execute function linger()`);
  await sql.query('select pg_advisory_lock(1)');
  const args = ['restore', file, '--user', 'alice@example.com', '--yes', '--server', server];
  const { child, ended } = runCli(url, args);
  const committing = `select from pg_stat_activity where datname = current_database() and query = 'commit' and state = 'active'`;
  await expect.poll(async () => (await sql.query(committing)).rowCount).toBe(1);
  child.kill('SIGINT');
  await sleep(300);
  await sql.query('select pg_advisory_unlock(1)');
  expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Done') });
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(before);
});

test('a user restore that loses its connection during the commit reports an unknown outcome and can be repeated', async () => {
  const { url, db, file, before } = await openChanged();
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  const lost = proxy.loseResponse('commit\0');
  await expect(restore(proxy.url, file)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await lost;
  expect((await restore(url, file)).differences).toEqual([]);
  expect(await listTasks(db.asUser(alice), atFirst)).toEqual(before);
});

test('a transaction_timeout of the database does not stop a user restore', async (context) => {
  const { url, sql, file } = await openChanged();
  const { rows } = await sql.query(`select from pg_settings where name = 'transaction_timeout'`);
  context.skip(rows.length === 0, 'this PostgreSQL has no such limit');
  await sql.query(`alter database ${new URL(url).pathname.slice(1)} set transaction_timeout = '250ms'`);
  await sql.query('begin; set local role holdfast_app');
  await sql.query(`select set_config('app.user_id', $1, true)`, [alice]);
  await sql.query('select from users where id = $1 for update', [alice]);
  const restoring = restore(url, file);
  await expect.poll(async () => (await sql.query(waitingForLocksSql)).rowCount).toBe(1);
  await sql.query('select pg_sleep(0.5)');
  await sql.query('commit');
  expect((await restoring).differences).toHaveLength(3);
});

test('pnpm db restore --user prints IDs and column names but no user content', async () => {
  const { url, file, changed, removed } = await openChanged();
  const args = ['restore', file, '--user', 'alice@example.com', '--server', server];
  const shown = await runCli(url, args).ended;
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('0 added, 2 changed, 1 removed (dry run).');
  expect(shown.stdout).toContain(`~ task ${removed.id}  updated_at, version, deleted_at\n`);
  expect(shown.stdout).toContain(`~ task ${changed.id}  title, completed`);
  expect(shown.stdout).toContain('--yes');
  expect(shown.stdout).not.toContain('otherwise');
  expect((await runCli(url, [...args, '--yes']).ended).stdout).toContain('Done');
  expect((await runCli(url, [...args, '--yes']).ended).stdout).toContain(
    'every list and task already matches the backup',
  );
});
