import { openScratchServer } from '@holdfast/embedded-postgres';
import { expect, test } from 'vitest';
import { readBackupFile } from '../../src/backup/file.ts';
import { toGrantSql } from '../../src/backup/grants.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { maintenanceKinds, migrate, openDatabase, runMaintenance } from '../../src/index.ts';
import { openScratchDatabase } from '../../src/scratch/database.ts';
import { readStatus } from '../../src/status/status.ts';
import { createAccount, runUsers } from '../accounts/fixture.ts';
import { backUp, runCli } from '../backup/fixture.ts';
import { atEnd, connect } from '../fixture.ts';

// Roles belong to the whole server, so other tests would see these logins.
const server = await openScratchServer();
atEnd(() => server.stop());

async function createDatabase(): Promise<string> {
  return (await openScratchDatabase(server.url, { prefix: 'test', template: 'template0' })).url;
}

async function openMigrated(): Promise<string> {
  const url = await createDatabase();
  await migrate({ url });
  return url;
}

/** Creates a login with the rights of a server in one database. */
async function createServerLogin(url: string): Promise<string> {
  const sql = await connect(url);
  const role = `server_${new URL(url).pathname.slice(-8)}`;
  await sql.query(`
create role ${role} login password 'serve';
grant holdfast_app, holdfast_tools to ${role};
grant usage on schema auth to ${role};
grant select, insert, update, delete on all tables in schema auth to ${role};
grant select on holdfast_migrations to ${role}`);
  return role;
}

function asLogin(url: string, username: string): string {
  return Object.assign(new URL(url), { username, password: 'serve' }).href;
}

test('after a restore into a new database, the printed SQL gives the login of the servers its rights again', async () => {
  const source = await openMigrated();
  const role = await createServerLogin(source);
  const { file } = await backUp(source);
  const target = await createDatabase();
  const { code, stdout } = await runCli(target, ['restore', file]).ended;
  expect(code).toBe(0);
  const statements = stdout.split('\n').filter((line) => line.startsWith('  grant '));
  expect(statements).toHaveLength(5);

  const before = await readStatus(target, { login: { name: role } });
  expect(before.problems).toEqual([
    expect.stringContaining(`The login ${role} lacks rights of a server. Run: grant usage on schema auth to`),
  ]);

  const sql = await connect(target);
  for (const statement of statements) await sql.query(statement);
  expect((await readStatus(target, { login: { name: role } })).problems).toEqual([]);
  const url = asLogin(target, role);
  expect(await migrate({ url })).toEqual([]);
  await (await openDatabase({ url })).close();
});

test.each([
  ['DATABASE_URL', (role: string, url: string) => ({ env: [`DATABASE_URL=${asLogin(url, role)}`], args: [] })],
  ['--as', (role: string) => ({ env: [], args: ['--as', role] })],
  ['no setting, as the only login besides the owner', () => ({ env: [], args: [] })],
])('pnpm db status checks the login of the servers that is given with %s', async (_, toGiven) => {
  const url = await openMigrated();
  const role = await createServerLogin(url);
  const sql = await connect(url);
  const { env, args } = toGiven(role, url);
  const before = await runCli(url, ['status', ...args], ['env', ...env, process.execPath]).ended;
  expect([before.code, before.stdout]).toEqual([0, expect.stringContaining(`${role} can serve`)]);
  await sql.query(`revoke all on auth.session from ${role}`);
  const after = await runCli(url, ['status', ...args], ['env', ...env, process.execPath]).ended;
  expect(after.stdout).toContain(`${role} lacks rights`);
});

test('a login with the documented rights can do all maintenance', async () => {
  const url = await openMigrated();
  const role = await createServerLogin(url);
  const result = await runMaintenance({ url: asLogin(url, role), signal: new AbortController().signal, trashDays: 30 });
  expect([...(result as Map<string, number>).keys()]).toEqual(maintenanceKinds);
});

test('a login that may not switch to holdfast_tools still removes rows of sign-in, and status prints the grant', async () => {
  const url = await openMigrated();
  const role = await createServerLogin(url);
  const sql = await connect(url);
  await sql.query(`revoke holdfast_tools from ${role}`);
  const kinds: string[] = [];
  const onBatch = (kind: string) => void kinds.push(kind);
  const call = runMaintenance({
    url: asLogin(url, role),
    signal: new AbortController().signal,
    trashDays: 30,
    onBatch,
  });
  await expect(call).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
  expect(kinds).toEqual(['sessions', 'tokens', 'verifications', 'rate limits', 'ended sessions', 'erased users']);
  const { problems } = await readStatus(url, { login: { name: role } });
  expect(problems).toContainEqual(expect.stringContaining(`grant holdfast_tools to ${role}`));
});

test('pnpm db status --as reports a role that does not exist', async () => {
  const url = await openMigrated();
  const { code, stdout } = await runCli(url, ['status', '--as', 'nobody here']).ended;
  expect(code).toBe(1);
  expect(stdout).toContain(`create role "nobody here" login`);
});

test('grants in a backup file cannot become other SQL', async () => {
  const url = await openMigrated();
  const role = await createServerLogin(url);
  const { file, manifest } = await backUp(url);
  expect(manifest.grants?.map(({ to }) => to)).toContain(role);
  const result = await restoreBackup({ url: await createDatabase(), source: readBackupFile(file) });
  expect(toGrantSql(result.manifest.grants!).every((line) => line.endsWith(` to "${role}";`))).toBe(true);
  const evil = [
    { to: 'x"; drop table users; --', on: 'schema auth', privileges: ['usage'] },
    { to: 'x', on: 'table public.users; drop table users', privileges: ['select'] },
    { to: 'x', on: 'schema auth', privileges: ['usage on schema auth to y; drop table users'] },
    { to: 'x', on: 'role postgres', privileges: [] },
  ];
  expect(toGrantSql(evil)).toEqual(['grant usage on schema "auth" to "x""; drop table users; --";']);
});

test('a login with the rights of a server can run the commands for users', async () => {
  const url = await openMigrated();
  const login = asLogin(url, await createServerLogin(url));
  const sql = await connect(url);
  const id = await createAccount(sql);
  const run = (...args: string[]) => runUsers(login, [...args, '--json']);
  const outcomes = [
    await run('list'),
    await run('show', id),
    await run('reset-password', id, '--public-url', 'https://tasks.example.com'),
    await run('revoke-sessions', id, '--tokens'),
    await run('export', id),
    await run('delete', id, '--yes'),
  ];
  expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  expect((await sql.query('select id from auth.erased_users')).rows).toEqual([{ id }]);
});
