import { expect, inject, test } from 'vitest';
import { describeFailure } from '../../src/connection/describe-failure.ts';
import { openPool } from '../../src/connection/pool.ts';
import { migrate } from '../../src/index.ts';
import { runCli } from '../backup/fixture.ts';
import { atEnd, connect, openBareDatabase } from '../fixture.ts';

const { url: server } = inject('testServer');
const changed = (change: (url: URL) => unknown, url = server) => {
  const copy = new URL(url);
  change(copy);
  return copy.href;
};

test.each([
  [
    'a NUL in application_name',
    changed((url) => (url.search = '?application_name=a%00b')),
    'The database URL contains %00. Remove it.',
  ],
  ['a NUL in the user', changed((url) => (url.username = 'a%00b')), 'The database URL contains %00. Remove it.'],
  ['no password', changed((url) => (url.password = '')), 'the database URL has none. Add it to the URL.'],
  [
    'a wrong password',
    changed((url) => (url.password = 'wrong')),
    'PostgreSQL: password authentication failed for user',
  ],
  [
    'an unknown database',
    changed((url) => (url.pathname = '/nowhere')),
    'PostgreSQL: database "nowhere" does not exist (3D000)',
  ],
  ['a port without a server', changed((url) => (url.port = '1')), 'Check the host and port in the database URL'],
])('a database URL with %s is reported with its cause', async (_, url, text) => {
  const { code, stderr, stdout } = await runCli(url, ['migrate']).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(text);
  expect(stderr + stdout).not.toContain(`:${new URL(server).password}@`);
});

test('a read-only database is reported with its cause and its fix', async () => {
  // A replica refuses writes in the same way.
  const pool = openPool(server, { max: 1 });
  atEnd(() => pool.end());
  const client = await pool.connect();
  const error = await client.query('begin read only; create table written ()').catch((reason: unknown) => reason);
  client.release();
  expect(describeFailure(error)).toContain('The database is read-only.');
  expect(describeFailure(error)).toContain('in a read-only transaction (25006)');
});

test.each([
  ['connection limit 0', 'The database accepts no more connections.', 'too many connections for role'],
  ['nologin', 'refuses the user in the database URL', 'is not permitted to log in'],
])('a login with "%s" is reported with PostgreSQL\'s message', async (option, cause, message) => {
  const { url } = await openBareDatabase();
  const role = `limited_${new URL(url).pathname.slice(-8)}`;
  const sql = await connect(url);
  await sql.query(`create role ${role} login password 'limit'; alter role ${role} ${option}`);
  atEnd(async () => void (await sql.query(`drop role ${role}`)));
  const given = changed((other) => Object.assign(other, { username: role, password: 'limit' }), url);
  const { stderr } = await runCli(given, ['migrate']).ended;
  expect(stderr).toContain(cause);
  expect(stderr).toContain(message);
});

test("an unexpected error on the command line shows PostgreSQL's message, and --verbose shows all fields and the stack", async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`
alter table tasks drop constraint tasks_pkey;
drop table holdfast_migrations;
create view holdfast_migrations as select 'x'::text as other`);
  const plain = await runCli(url, ['migrate']).ended;
  expect(plain.stderr.trimEnd().split('\n')).toEqual([
    'The database reported an unexpected error. (42703)',
    'PostgreSQL: column "name" does not exist (42703)',
  ]);
  const verbose = await runCli(url, ['migrate', '--verbose']).ended;
  expect(verbose.stderr).toContain('  routine: errorMissingColumn');
  expect(verbose.stderr).toMatch(/\n +at /);
});

test('an error about a value shows the value only with --verbose', async () => {
  const { url } = await openBareDatabase({ empty: true });
  const sql = await connect(url);
  await sql.query(`
create table secrets (text text); insert into secrets values ('my secret');
create view holdfast_migrations as select text::int::text as name, 1 as id from secrets`);
  const plain = await runCli(url, ['migrate']).ended;
  expect(plain.stderr).toContain('The database rejected a value. (22P02)');
  expect(plain.stderr).not.toContain('my secret');
  expect((await runCli(url, ['migrate', '--verbose']).ended).stderr).toContain('my secret');
  await expect(migrate({ url })).rejects.toMatchObject({ code: 'INVALID_VALUE' });
});
