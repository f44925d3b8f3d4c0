import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { createTask, getUser, listTasks, openAuthStore, readEndedAccess, UserErasedError } from '../src/index.ts';
import { waitingForLocksSql } from '../src/testing/index.ts';
import { asTools, atEnd, connect, openFixture } from './fixture.ts';

const { db, url, sql } = await openFixture();
const other = await connect(url);
const store = openAuthStore({ url });
atEnd(() => store.close());

/** Creates an account with a session. */
async function createAccount(): Promise<string> {
  const id = randomUUID();
  await sql.query(
    `insert into auth."user" (id, name, email, "emailVerified", "createdAt") values ($1, 'Ada', $1::uuid || '@example.org', false, '2020-02-02T00:00:00Z')`,
    [id],
  );
  await sql.query(
    `insert into auth.session ("expiresAt", token, "updatedAt", "userId") values (now() + interval '1 day', $1::uuid, now(), $1::uuid)`,
    [id],
  );
  return id;
}

const countSessions = async (id: string) =>
  Number((await sql.query(`select count(*) from auth.session where "userId" = $1`, [id])).rows[0].count);
const countRows = async (id: string) =>
  Number((await asTools(sql, 'select count(*) from users where id = $1', [id])).rows[0].count);

const ways: [string, (id: string) => Promise<unknown>][] = [
  ['in SQL', (id) => asTools(sql, 'delete from users where id = $1', [id])],
  ['by a tool', (id) => db.acrossAllUsers((em) => em.execute('delete from users where id = ?', [id]), { write: true })],
  [
    'with their account',
    async (id) => {
      await sql.query('delete from auth."user" where id = $1', [id]);
      await asTools(sql, 'delete from users where id = $1', [id]);
    },
  ],
];

test.for(ways)('a user who was deleted %s is not created again by a call, and has no session', async ([, erase]) => {
  const id = await createAccount();
  const scope = db.asUser(id);
  await createTask(scope, { title: 'Before' });
  await erase(id);
  await expect(createTask(scope, { title: 'After' })).rejects.toThrow(UserErasedError);
  await expect(getUser(scope)).rejects.toThrow(UserErasedError);
  await expect(scope.transaction((inner) => getUser(inner))).rejects.toThrow(UserErasedError);
  expect(await countRows(id)).toBe(0);
  expect(await countSessions(id)).toBe(0);
  expect((await readEndedAccess(store, '0')).erasedUserIds).toContain(id);
});

test('the mark of a deleted user blocks no other user and cannot be read by users and tools', async () => {
  const id = await createAccount();
  await getUser(db.asUser(id));
  await asTools(sql, 'delete from users where id = $1', [id]);
  await getUser(db.asUser(await createAccount()));
  for (const role of ['holdfast_app', 'holdfast_tools']) {
    for (const statement of ['select * from auth.erased_users', 'select auth.refuse_erased_user()']) {
      await sql.query('begin');
      await sql.query(`set local role ${role}`);
      await expect(sql.query(statement)).rejects.toThrow('permission denied');
      await sql.query('rollback');
    }
  }
});

test('after the mark is removed, the user can call again', async () => {
  const id = await createAccount();
  await getUser(db.asUser(id));
  await asTools(sql, 'delete from users where id = $1', [id]);
  await sql.query('delete from auth.erased_users where id = $1', [id]);
  expect(await createTask(db.asUser(id), { title: 'Back' })).toMatchObject({ title: 'Back' });
});

/** Runs work while an open transaction has deleted the user. */
async function whileDeleted<Result>(client: Client, id: string, work: () => Promise<Result>): Promise<Result> {
  await client.query('begin');
  await client.query('set local role holdfast_tools');
  await client.query('delete from users where id = $1', [id]);
  const result = work();
  result.catch(() => {});
  await expect.poll(async () => (await sql.query(waitingForLocksSql)).rows.length).toBe(1);
  await client.query('commit');
  return result;
}

test('a create that meets the deletion of its user is retried and then finds that the user was erased', async () => {
  const id = await createAccount();
  const scope = db.asUser(id);
  await createTask(scope, { title: 'Before' });
  const created = whileDeleted(other, id, () => createTask(scope, { title: 'During' }));
  await expect(created).rejects.toThrow(UserErasedError);
});

test('a user who is deleted all the time gets only retryable errors', async () => {
  const id = await createAccount();
  const scope = db.asUser(id);
  const end = new AbortController();
  const deletions = (async () => {
    while (!end.signal.aborted) {
      await asTools(other, 'delete from users where id = $1', [id]);
      await other.query('delete from auth.erased_users');
      await other.query('delete from auth.ended_sessions');
    }
  })();
  const calls = Array.from({ length: 300 }, (_, at) => [
    getUser(scope),
    createTask(scope, { title: `Task ${at}` }),
    scope.transaction((inner) => createTask(inner, { title: `Task in a transaction ${at}` })),
    listTasks(scope, { limit: 10, order: 'newest' }),
  ]).flat();
  const outcomes = await Promise.allSettled(calls);
  end.abort();
  await deletions;
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  const unexpected = errors.filter(
    (error) => !(error instanceof UserErasedError) && !('isRetryable' in error && error.isRetryable === true),
  );
  expect(unexpected).toEqual([]);
});

test('with an account, the user has its name, address and time, and an old token changes nothing', async () => {
  const id = await createAccount();
  const expected = {
    id,
    email: `${id}@example.org`,
    name: 'Ada',
    createdAt: '2020-02-02T00:00:00.000Z',
    timeZone: null,
  };
  const old = db.asUser(id, { profile: { email: 'old@example.org', name: 'Old name' } });
  await createTask(old, { title: 'The first call is not user.me' });
  expect(await getUser(old)).toEqual(expected);
  await sql.query(`update auth."user" set name = 'Augusta' where id = $1`, [id]);
  expect(await getUser(old)).toEqual({ ...expected, name: 'Augusta' });
  expect((await asTools(sql, 'select name from users where id = $1', [id])).rows).toEqual([{ name: 'Augusta' }]);
});

test('a user reads no other account', async () => {
  const [id, stranger] = [await createAccount(), await createAccount()];
  await sql.query('begin');
  await sql.query('set local role holdfast_app');
  await sql.query(`select set_config('app.user_id', $1, true)`, [id]);
  const { rows } = await sql.query('select email from public.holdfast_account()');
  await sql.query('commit');
  expect(rows).toEqual([{ email: `${id}@example.org` }]);
  expect(rows).not.toContainEqual({ email: `${stranger}@example.org` });
});
