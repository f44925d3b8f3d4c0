import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import {
  createTask,
  DatabaseFaultError,
  eraseRecords,
  eraseUser,
  listChanges,
  openAuthStore,
  useApiToken,
} from '../../src/index.ts';
import { findTablesWith } from '../../src/testing/index.ts';
import { asTools, atEnd, connect, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture();
// A statement that waits for a lock must not end before the test does.
const store = openAuthStore({ url, poolMax: 2, statementTimeoutMs: 120_000 });
atEnd(() => store.close());

await sql.query(`
create table removals (place serial, rows int);
create function record_removal() returns trigger language plpgsql security definer as $$ begin
  insert into public.removals (rows) select count(*) from gone having count(*) > 0;
  return null;
end $$;
create trigger record_removal after delete on changes referencing old table as gone
  for each statement execute function record_removal();
create table refusals ();
create function refuse_removal() returns trigger language plpgsql security definer as $$ begin
  if exists (select from public.refusals) then raise 'refused'; end if;
  return old;
end $$;
create trigger refuse_removal before delete on users for each row execute function refuse_removal();
`);
beforeEach(() => sql.query('truncate removals, refusals'));

/** Creates a user whose log has this many rows. */
async function createUser(rows: number, { idsPerRow = 1 } = {}): Promise<string> {
  const userId = randomUUID();
  await asTools(sql, 'insert into users (id, revision) values ($1, $2)', [userId, rows]);
  await asTools(
    sql,
    `insert into changes (user_id, revision, at, task_ids)
    select $1, n, now(), array(select gen_random_uuid() from generate_series(1, $3) where n = n) from generate_series(1, $2) n`,
    [userId, rows, idsPerRow],
  );
  return userId;
}

/** The number of rows of the log that each statement has removed. */
async function readRemovals(): Promise<number[]> {
  const { rows } = await sql.query<{ rows: number }>('select rows from removals order by place');
  return rows.map((row) => row.rows);
}

async function readRevisions(userId: string): Promise<number[]> {
  const text = 'select revision::int from changes where user_id = $1 order by 1';
  const { rows } = await asTools(sql, text, [userId]);
  return rows.map(({ revision }) => revision);
}

test('a deletion removes a long log in parts of 5,000 rows, the oldest first, and the last transaction has few rows', async () => {
  const [id, other] = [await createUser(12_001), await createUser(3)];
  await eraseRecords(db.asUser(id));
  await eraseUser(store, id);
  expect(await readRemovals()).toEqual([5_000, 5_000, 2_001]);
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
  expect(await readRevisions(other)).toEqual([1, 2, 3]);
});

test('a deletion removes large rows of a log in parts of about 10 MB', async () => {
  const id = await createUser(100, { idsPerRow: 10_000 });
  await eraseUser(store, id);
  const removals = await readRemovals();
  expect(removals.reduce((sum, rows) => sum + rows, 0)).toBe(100);
  // A row has 160 kB.
  expect(Math.max(...removals)).toBeLessThanOrEqual(63);
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
});

test('after a deletion that failed halfway, change feeds miss nothing, and the user can be deleted', async () => {
  const id = await createUser(10_010);
  const scope = db.asUser(id);
  // Two clients, each at a row of the log that remains.
  const { cursor: behind } = await listChanges(scope, { limit: 10 });
  await createTask(scope, { title: 'first' });
  const { cursor: newest } = await listChanges(scope, { since: behind!, limit: 10 });
  await sql.query('insert into refusals default values');
  await expect(eraseUser(store, id)).rejects.toThrow(DatabaseFaultError);
  expect(await readRemovals()).toEqual([5_000, 5_000]);
  expect(await readRevisions(id)).toEqual(Array.from({ length: 11 }, (_, n) => 10_001 + n));
  const later = await createTask(scope, { title: 'later' });
  for (const since of [behind!, newest!]) {
    const { isReset, tasks } = await listChanges(scope, { since, limit: 100 });
    expect(isReset).toBe(false);
    expect(tasks.map(({ id }) => id)).toContain(later.id);
  }
  await sql.query('delete from refusals');
  await eraseUser(store, id);
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
});

test('a client within the removed part of a log begins a new copy', async () => {
  const id = await createUser(3);
  const scope = db.asUser(id);
  const { cursor } = await listChanges(scope, { limit: 10 });
  await asTools(
    sql,
    `insert into changes (user_id, revision, at, task_ids)
    select $1, n, now(), array[gen_random_uuid()] from generate_series(4, 6000) n`,
    [id],
  );
  await asTools(sql, 'update users set revision = 6000 where id = $1', [id]);
  const middle = await listChanges(scope, { since: cursor!, limit: 10 });
  expect(middle).toMatchObject({ isReset: false, hasMore: true });
  await sql.query('insert into refusals default values');
  await expect(eraseUser(store, id)).rejects.toThrow(DatabaseFaultError);
  for (const since of [cursor!, middle.cursor!]) {
    expect(await listChanges(scope, { since, limit: 10 })).toMatchObject({ isReset: true });
  }
});

test('deletions at once, also of one user, leave a connection to sign-ins', async () => {
  const [busy, other] = [await createUser(1), await createUser(1)];
  const writer = await connect(url);
  await writer.query('begin');
  await writer.query('set local role holdfast_tools');
  await writer.query('update users set revision = revision + 1 where id = $1', [busy]);
  const deletions = [busy, busy, other].map((id) => eraseUser(store, id));
  const waiting = `select count(*)::int as count from pg_locks where not granted`;
  await expect.poll(async () => (await sql.query(waiting)).rows[0].count).toBeGreaterThan(0);
  expect(await useApiToken(store, 'unknown')).toBeUndefined();
  await writer.query('commit');
  await Promise.all(deletions);
  for (const id of [busy, other]) expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
});

test('a deletion that fails does not stop the next one', async () => {
  const [one, two] = [await createUser(1), await createUser(1)];
  await sql.query('insert into refusals default values');
  const failed = [one, one].map((id) => expect(eraseUser(store, id)).rejects.toThrow(DatabaseFaultError));
  await Promise.all(failed);
  await sql.query('delete from refusals');
  await eraseUser(store, two);
  expect(await findTablesWith(url, two)).toEqual(['auth.erased_users']);
});
