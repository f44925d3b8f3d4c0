import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  createTasks,
  deleteTask,
  openAuthStore,
  readEndedAccess,
  updateTask,
} from '../../src/index.ts';
import { findTablesWith } from '../../src/testing/index.ts';
import { makeFolder } from '../backup/fixture.ts';
import { asTools, atEnd, openFixture, openLogProxy } from '../fixture.ts';
import { exportAll } from '../user-data/fixture.ts';
import { createAccount, parse, runUsers, toLogLine } from './fixture.ts';

const { db, sql, url } = await openFixture();
const store = openAuthStore({ url });
atEnd(() => store.close());

async function createOwner(): Promise<string> {
  const id = await createAccount(sql);
  const scope = db.asUser(id);
  const list = await createList(scope, { name: 'secret list' });
  const titles = ['secret one', 'secret two', 'secret three'];
  const { items } = await createTasks(
    scope,
    titles.map((title) => ({ title, listId: list.id })),
  );
  const [first, second] = items;
  await updateTask(scope, { id: first!.id, completed: true });
  await deleteTask(scope, { id: second!.id });
  return id;
}

test('users show finds a user by ID and by address in any case, and has numbers but no text of the user', async () => {
  const id = await createOwner();
  const outcome = await runUsers(url, ['show', `${id}@EXAMPLE.org`, '--json']);
  expect(parse(outcome)).toEqual({
    id,
    email: `${id}@example.org`,
    createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
    account: {
      name: 'Ada',
      emailVerified: false,
      signIn: ['password'],
      sessions: { count: 2, lastUsedAt: '2026-05-01T10:00:00.000Z' },
      tokens: { read: 1, write: 0, lastUsedAt: null },
    },
    tasks: { open: 1, completed: 1, inTrash: 1 },
    lists: { inUse: 1, archived: 0, inTrash: 0 },
    lastChangeAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(toLogLine(outcome)).toEqual({
    time: expect.any(String),
    msg: 'operator command',
    command: 'users show',
    userId: id,
    by: expect.stringMatching(/./),
    outcome: 'done',
  });
  const text = await runUsers(url, ['show', id]);
  expect(text.stdout).toContain('tasks          1 open, 1 completed, 1 in the trash\n');
  expect(outcome.stdout + outcome.stderr + text.stdout + text.stderr).not.toMatch(/secret|hash/);
  expect(text.stderr + outcome.stderr).not.toContain('example.org');
});

test('a user of another issuer is shown without an account, and has no password to reset', async () => {
  const id = randomUUID();
  await createTask(db.asUser(id, { profile: { email: 'Else@example.org', name: null } }), { title: 'task' });
  expect(parse(await runUsers(url, ['show', 'else@example.org', '--json']))).toMatchObject({ id, account: null });
  const outcome = await runUsers(url, ['reset-password', id, '--public-url', 'https://tasks.example.com']);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain('The user has no account here. Reset the password at the issuer.');
  expect(toLogLine(outcome)).toMatchObject({ userId: id, outcome: 'NO_ACCOUNT' });
});

test('an unknown user, an ambiguous address and an old address are refused, and the log has no address', async () => {
  const ids = [randomUUID(), randomUUID()].sort();
  for (const id of ids) {
    await createTask(db.asUser(id, { profile: { email: 'both@example.org', name: null } }), { title: 'task' });
  }
  const both = await runUsers(url, ['show', 'both@example.org']);
  expect(both).toMatchObject({ code: 1, stdout: '' });
  expect(both.stderr).toContain(`Several users have this e-mail address. Pass one of their IDs: ${ids.join(', ')}.`);
  const id = await createAccount(sql);
  await createTask(db.asUser(id), { title: 'task' });
  await asTools(sql, `update users set email = 'former@example.org' where id = $1`, [id]);
  for (const given of ['former@example.org', randomUUID()]) {
    const outcome = await runUsers(url, ['show', given]);
    expect([outcome.code, outcome.stderr]).toEqual([1, expect.stringMatching(/No user has this .*\. Check it\./)]);
    expect(toLogLine(outcome)).toMatchObject({ userId: null, outcome: 'USER_NOT_FOUND' });
    expect(JSON.stringify(toLogLine(outcome))).not.toContain('@');
  }
});

test('users reset-password stores only the hash of a link that is valid for an hour, and no log has the link', async () => {
  const id = await createAccount(sql);
  const outcome = await runUsers(url, ['reset-password', id, '--public-url', 'https://tasks.example.com/', '--json']);
  const { link } = parse(outcome) as { link: string };
  const token = /^https:\/\/tasks\.example\.com\/reset-password\?token=([A-Za-z0-9]{32})$/.exec(link)![1]!;
  expect(outcome.stderr).not.toContain(token);
  expect(await findTablesWith(url, token)).toEqual([]);
  const identifier = createHash('sha256').update(`reset-password:${token}`).digest('base64url');
  const { rows } = await sql.query(
    `select value, extract(epoch from "expiresAt" - now()) as seconds from auth.verification where identifier = $1`,
    [identifier],
  );
  expect(rows).toEqual([{ value: id, seconds: expect.any(String) }]);
  expect(Math.abs(Number(rows[0].seconds) - 3600)).toBeLessThan(300);
  for (const args of [[], ['--public-url', 'tasks.example.com']]) {
    const refused = await runUsers(url, ['reset-password', id, ...args]);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/PUBLIC_URL is not set|must be an origin/),
    ]);
  }
});

test('users turn-off-second-factor lets one user sign in with the password alone, and forgets trusted browsers', async () => {
  const [id, other] = [await createAccount(sql), await createAccount(sql)];
  await sql.query(`
    update auth."user" set "twoFactorEnabled" = true where id in ('${id}', '${other}');
    insert into auth.two_factors (user_id, secret, backup_codes, is_verified)
      values ('${id}', 'secret', 'codes', true), ('${other}', 'secret', 'codes', true);
    insert into auth.verification (identifier, value, "expiresAt")
      values ('trust-device-1', '${id}', now() + interval '1 day'), ('trust-device-2', '${other}', now() + interval '1 day')`);
  expect(parse(await runUsers(url, ['turn-off-second-factor', id, '--json']))).toEqual({ id, wasOn: true });
  const { rows } = await sql.query(`
    select id, "twoFactorEnabled" as "isOn", (select count(*)::int from auth.two_factors where user_id = people.id) as factors,
      (select count(*)::int from auth.verification where value = people.id::text) as browsers
    from auth."user" as people where id in ('${id}', '${other}') order by "twoFactorEnabled"`);
  expect(rows).toEqual([
    { id, isOn: false, factors: 0, browsers: 0 },
    { id: other, isOn: true, factors: 1, browsers: 1 },
  ]);
  expect((await runUsers(url, ['turn-off-second-factor', id])).stdout).toBe(`User ${id} had no second factor.\n`);
});

test('users revoke-sessions ends the sessions of one user, and with --tokens also the API tokens, and tells all servers', async () => {
  const [id, other] = [await createAccount(sql), await createAccount(sql)];
  const count = async (userId: string) => {
    const { rows } = await sql.query(
      `select (select count(*)::int from auth.session where "userId" = $1) as sessions,
        (select count(*)::int from auth.api_tokens where user_id = $1) as tokens`,
      [userId],
    );
    return rows[0] as unknown;
  };
  const { rows } = await sql.query<{ id: string }>(
    `select id from auth.session where "userId" = $1
    union all select id from auth.api_tokens where user_id = $1 and expires_at is null`,
    [id],
  );
  const ids = rows.map((row) => row.id);
  expect(parse(await runUsers(url, ['revoke-sessions', id, '--json']))).toEqual({ id, sessions: 2, tokens: 0 });
  expect(await count(id)).toEqual({ sessions: 0, tokens: 2 });
  expect(parse(await runUsers(url, ['revoke-sessions', id, '--tokens', '--json']))).toEqual({
    id,
    sessions: 0,
    tokens: 2,
  });
  expect(await count(id)).toEqual({ sessions: 0, tokens: 0 });
  const { sessionIds } = await readEndedAccess(store, '0');
  expect(sessionIds).toEqual(expect.arrayContaining(ids));
  expect(await count(other)).toEqual({ sessions: 2, tokens: 2 });
});

test('users delete asks for the address, deletes nothing without it, and then leaves only the mark of the ID', async () => {
  const [id, other] = [await createOwner(), await createOwner()];
  const before = await findTablesWith(url, id);
  for (const input of ['', 'yes\n']) {
    const outcome = await runUsers(url, ['delete', id], input);
    expect([outcome.code, outcome.stderr]).toEqual([
      1,
      expect.stringContaining('Nothing was deleted. Type the e-mail address of the user.'),
    ]);
    expect(toLogLine(outcome)).toMatchObject({ userId: id, outcome: 'NOT_CONFIRMED' });
    expect(outcome.stderr).not.toContain('@');
  }
  expect(await findTablesWith(url, id)).toEqual(before);
  const outcome = await runUsers(url, ['delete', id], `${id}@Example.org\n`);
  expect([outcome.code, outcome.stdout]).toEqual([0, expect.stringContaining(`Deleted user ${id}.`)]);
  expect(toLogLine(outcome)).toMatchObject({ command: 'users delete', userId: id, outcome: 'done' });
  expect(await findTablesWith(url, id)).toEqual(['auth.erased_users']);
  expect(await findTablesWith(url, other)).toEqual(before);
  expect(parse(await runUsers(url, ['delete', other, '--yes', '--json']))).toEqual({ id: other });
  expect(await findTablesWith(url, other)).toEqual(['auth.erased_users']);
});

test('users export writes the rows of user.export, to standard output or to a file that only the operator can read', async () => {
  const id = await createOwner();
  const scope = db.asUser(id);
  for (let part = 0; part < 3; part += 1) {
    await createTasks(
      scope,
      Array.from({ length: 400 }, (_, at) => ({ title: `task ${part} ${at}` })),
    );
  }
  const expected = await exportAll(scope);
  expect(expected.tasks.length).toBeGreaterThan(1000);
  const printed = await runUsers(url, ['export', id]);
  expect(parse(printed)).toEqual(expected);
  const file = join(makeFolder(), 'ada.json');
  const written = await runUsers(url, ['export', id, file, '--json']);
  expect(parse(written)).toEqual({ id, file, lists: 1, tasks: expected.tasks.length });
  expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await runUsers(url, ['export', id, file]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('already exists')]);
  const lost = await runUsers(url, ['export', id, join(file, 'x')]);
  expect([lost.code, lost.stderr]).toEqual([1, expect.stringContaining('The export cannot be written to')]);
  const nothing = await createAccount(sql);
  expect(parse(await runUsers(url, ['export', nothing]))).toEqual({ lists: [], tasks: [] });
});

test('PostgreSQL’s log has the command, the login and the ID of the user, before the command changes anything', async () => {
  const id = await createOwner();
  const proxy = await openLogProxy(sql, url);
  await runUsers(proxy.url, ['revoke-sessions', id]);
  const start = 'holdfast: work across all users, read-only, by \\w+: holdfast tools: ';
  expect(proxy.received()).toMatch(new RegExp(`${start}users revoke-sessions.*${start}user ${id}.*DELETE 2`, 's'));
});
