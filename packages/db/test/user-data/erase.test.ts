import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createCalendarFeed,
  createList,
  createTask,
  eraseRecords,
  eraseUser,
  getUser,
  listChanges,
  openAuthStore,
  readEndedAccess,
  updateUser,
  UserErasedError,
} from '../../src/index.ts';
import { findTablesWith } from '../../src/testing/index.ts';
import { asTools, atEnd, openFixture } from '../fixture.ts';
import { exportAll } from './fixture.ts';

const { db, sql, url } = await openFixture();
const store = openAuthStore({ url });
atEnd(() => store.close());

/** A user with rows in every table that has rows of users. */
async function createUser({ tasks = 3, lists = 3 } = {}): Promise<string> {
  const id = randomUUID();
  const email = `${id.slice(0, 8)}@example.org`;
  const values = [id, email];
  await sql.query(`insert into auth."user" (id, name, email, "emailVerified") values ($1, 'Ada', $2, false)`, values);
  await sql.query(
    `insert into auth.session ("expiresAt", token, "updatedAt", "userId") values (now() + interval '1 day', $1::uuid, now(), $1::uuid)`,
    [id],
  );
  await sql.query(
    `insert into auth.account ("accountId", "providerId", "userId", password, "updatedAt") values ($1::uuid, 'credential', $1::uuid, 'hash', now())`,
    [id],
  );
  await sql.query(
    `insert into auth.verification (identifier, value, "expiresAt") values ('reset-password:' || gen_random_uuid(), $1, now()), ($2, 'code', now())`,
    values,
  );
  await sql.query('insert into auth.rate_limits (key, points, expire) values ($1, 1, 0)', [`calls:user ${id}`]);
  const scope = db.asUser(id);
  await updateUser(scope, { timeZone: 'Europe/Berlin' });
  const { id: listId } = await createList(scope, { name: 'list' });
  await createTask(scope, { title: 'task', listId });
  await createCalendarFeed(scope);
  await asTools(
    sql,
    `insert into lists (user_id, id, name, deleted_at) select $1, gen_random_uuid(), 'x', case when n % 3 = 0 then now() end from generate_series(1, $2) n`,
    [id, lists],
  );
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, list_id)
    select $1, gen_random_uuid(), 'x', (select lists.id from lists where user_id = $1 and n = n order by random() limit 1) from generate_series(1, $2) n`,
    [id, tasks],
  );
  return id;
}

test('after a deletion, no column of any table contains the ID, except the mark that blocks it', async () => {
  const [id, other] = [await createUser(), await createUser()];
  const everywhere = await findTablesWith(url, id);
  expect(everywhere).toEqual([
    'auth.account',
    'auth.rate_limits',
    'auth.session',
    'auth.user',
    'auth.verification',
    'public.calendar_feeds',
    'public.changes',
    'public.lists',
    'public.tasks',
    'public.users',
  ]);
  const before = await exportAll(db.asUser(other));
  await eraseRecords(db.asUser(id));
  await eraseUser(store, id);
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
  expect((await sql.query('select from auth.verification')).rowCount).toBe(2);
  expect(await exportAll(db.asUser(other))).toEqual(before);
  expect(await findTablesWith(url, other)).toEqual(everywhere);
  expect((await readEndedAccess(store, '0')).erasedUserIds).toEqual([id]);
  await expect(getUser(db.asUser(id))).rejects.toThrow(UserErasedError);
});

test('a user without an account in the built-in sign-in is deleted and blocked, also without any row', async () => {
  for (const id of [randomUUID(), randomUUID()]) {
    const scope = db.asUser(id);
    await createTask(scope, { title: 'x' });
    await eraseRecords(scope);
    await eraseUser(store, id);
    await eraseUser(store, id);
    expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
    await expect(createTask(scope, { title: 'x' })).rejects.toThrow(UserErasedError);
    await expect(eraseRecords(scope)).rejects.toThrow(UserErasedError);
  }
});

test('a deletion without the step before it removes all rows too', async () => {
  const id = await createUser();
  await eraseUser(store, id);
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
});

test('the records of a user with 25,000 tasks and 120 lists are removed in several transactions, each in the log', async () => {
  const id = await createUser({ tasks: 25_000, lists: 120 });
  const scope = db.asUser(id);
  let { cursor, hasMore } = await listChanges(scope, { limit: 100_000 });
  while (hasMore) ({ cursor, hasMore } = await listChanges(scope, { limit: 100_000, since: cursor! }));
  await eraseRecords(scope);
  expect(await exportAll(scope)).toEqual({ lists: [], tasks: [] });
  const { rows } = await asTools(
    sql,
    `select cardinality(task_ids) as tasks, cardinality(list_ids) as lists from changes where user_id = $1 and revision > $2
    order by revision`,
    [id, 0],
  );
  const removals = rows.filter(({ tasks, lists }) => tasks >= 5_000 || lists >= 21).slice(-6);
  expect(removals).toEqual([
    { tasks: 10_000, lists: 0 },
    { tasks: 10_000, lists: 0 },
    { tasks: 5_001, lists: 0 },
    { tasks: 0, lists: 50 },
    { tasks: 0, lists: 50 },
    { tasks: 0, lists: 21 },
  ]);
  const page = await listChanges(scope, { since: cursor!, limit: 100_000 });
  expect(page.removed).toHaveLength(25_122);
  await eraseUser(store, id);
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
});
