import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openScratchServer } from '@holdfast/embedded-postgres';
import { expect, inject, test } from 'vitest';
import type { Status } from '../src/status/status.ts';
import { openFaultProxy } from '../src/testing/index.ts';
import { atEnd, connect, openBareDatabase } from './fixture.ts';

const cli = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

interface Outcome {
  code: number;
  output: string;
}

/** Runs `pnpm db status` as a process of its own, without any setting but these. */
function run(env: Record<string, string>, ...options: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, 'status', ...options], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

async function read(url: string): Promise<{ code: number; status: Status }> {
  const { code, output } = await run({ DATABASE_URL: url }, '--json');
  return { code, status: JSON.parse(output) as Status };
}

test('a migrated database is healthy, and the report shows no password', async () => {
  const { url } = await openBareDatabase();
  const { code, output } = await run({ DATABASE_URL: url });
  expect(output.trimEnd()).toMatch(/Healthy\.$/);
  expect(code).toBe(0);
  for (const fact of [
    'PostgreSQL ',
    new URL(url).host,
    'at head',
    'stand',
    'public.tasks',
    'tasks_user_id_created_at',
  ]) {
    expect(output).toContain(fact);
  }
  expect(output).not.toContain(`:${new URL(url).password}`);
});

test('the document holds the same', async () => {
  const { url } = await openBareDatabase();
  const { code, status } = await read(url);
  expect(code).toBe(0);
  expect(status).toMatchObject({
    problems: [],
    server: { host: new URL(url).host },
    database: { name: new URL(url).pathname.slice(1), bytes: expect.any(Number) as number },
    migrations: { pending: [], unknown: [] },
    walls: { missing: [] },
    connections: { max: expect.any(Number) as number },
    tables: expect.arrayContaining([expect.objectContaining({ name: 'public.tasks', rows: 0 })]) as unknown,
    indexes: { invalid: [] },
  });
});

test('primary keys and unique indexes are not called unused', async () => {
  const { url } = await openBareDatabase();
  const { status } = await read(url);
  const unused = 'unread' in status.indexes ? [] : status.indexes.unused.map(({ name }) => name);
  expect(unused).toContain('public.tasks_user_id_created_at');
  expect(unused.filter((name) => /pkey|_key/.test(name))).toEqual([]);
});

test('an index that was used is not called unused', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`
    create table notes (words text); create index notes_words on notes (words);
    set enable_seqscan = off; select from notes where words = 'a'; select pg_stat_force_next_flush()`);
  const { status } = await read(url);
  expect(JSON.stringify(status.indexes)).not.toContain('notes_words');
});

test('an empty database lacks every migration', async () => {
  const { url } = await openBareDatabase({ empty: true });
  const { code, output } = await run({ DATABASE_URL: url });
  expect(code).toBe(1);
  expect(output).toContain(
    'Migrations are missing (0001-users-and-tasks, 0002-auth, 0003-rate-limits, 0004-room-for-updates): run pnpm db migrate.',
  );
});

test('migrations of a newer version are named, and no reason for alarm', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`insert into holdfast_migrations (name) values ('9999-later')`);
  const { code, output } = await run({ DATABASE_URL: url });
  expect(output).toContain('at head; a newer version has also applied 9999-later');
  expect(code).toBe(0);
});

test('a missing wall needs a person', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('alter table tasks no force row level security');
  const { code, output } = await run({ DATABASE_URL: url });
  expect(code).toBe(1);
  expect(output).toContain('table public.tasks does not force row-level security. Run: alter table');
  expect(output).toContain('The walls between users are not complete.');
});

test('an index whose building failed is named with the SQL that mends it', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`create table "Notes" (words text); insert into "Notes" values ('same'), ('same')`);
  await expect(sql.query('create unique index concurrently "Words" on "Notes" (words)')).rejects.toThrow(
    'could not create',
  );
  await expect(sql.query('reindex index concurrently "Words"')).rejects.toThrow('could not create');
  const broken = await read(url);
  expect(broken.code).toBe(1);
  expect(broken.status.problems).toHaveLength(2);
  const invalid = 'unread' in broken.status.indexes ? [] : broken.status.indexes.invalid;
  expect(invalid.map(({ name }) => name)).toEqual(['public."Words"', 'public."Words_ccnew"']);

  await sql.query('truncate "Notes"');
  for (const { mend } of invalid) await sql.query(mend);
  expect((await read(url)).code).toBe(0);
});

test('an index that is being built is no failed one', async () => {
  const { url } = await openBareDatabase();
  const [reader, builder] = [await connect(url), await connect(url)];
  await reader.query('begin; select from tasks');
  const built = builder.query('create index concurrently tasks_version on tasks (version)');
  await expect
    .poll(async () => (await reader.query(`select from pg_class where relname = 'tasks_version'`)).rowCount)
    .toBe(1);
  expect(await read(url)).toMatchObject({ code: 0, status: { indexes: { invalid: [] } } });
  await reader.query('commit');
  await built;
});

test('a transaction whose client does nothing is shown without its statement', async () => {
  const { url } = await openBareDatabase();
  const named = new URL(url);
  named.searchParams.set('application_name', 'a forgotten console');
  const sql = await connect(named.href);
  await sql.query(`begin; select 'Water the plants'`);
  const { rows } = await sql.query<{ pid: number }>('select pg_backend_pid() as pid');
  const { output } = await run({ DATABASE_URL: url });
  expect(output).toMatch(
    new RegExp(`longest idle \\d+ s \\(pid ${rows[0]!.pid}, a forgotten console, idle in transaction\\)`),
  );
  expect(output).toMatch(/\d+ idle in transaction[,)]/);
  expect(output).not.toContain('Water the plants');
});

test('a lock on a table costs what needs the table, not the rest', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('begin; lock table tasks in access exclusive mode');
  const { status } = await read(url);
  expect(status).toMatchObject({
    tables: { unread: 'another transaction has locked it' },
    migrations: { pending: [] },
    transactions: { longest: { state: 'idle in transaction' } },
  });
});

test('a user without rights is told what it may not see', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('begin');
  const role = `watcher_${new URL(url).pathname.slice(-8)}`;
  const owner = await connect(url);
  await owner.query(`create role ${role} login password 'watch'`);
  const watcher = Object.assign(new URL(url), { username: role, password: 'watch' });
  const { code, output } = await run({ DATABASE_URL: watcher.href });
  await owner.query(`drop role ${role}`);
  expect(code).toBe(1);
  expect(output).toContain('migrations    not read: the user of the database URL lacks the right to read it');
  expect(output).toContain('sessions are hidden; to see what is hidden, grant pg_read_all_stats to the user');
});

test('without pg_stat_statements it says how to get it', async () => {
  const { url } = await openBareDatabase();
  const { output } = await run({ DATABASE_URL: url });
  expect(output).toMatch(/statements +not read: create extension pg_stat_statements/);
});

const { superuserUrl } = inject('testServer');

test.skipIf(superuserUrl === undefined)('so it does where the server has not loaded the extension', async () => {
  const { url } = await openBareDatabase();
  const administrator = Object.assign(new URL(superuserUrl!), { pathname: new URL(url).pathname });
  await (await connect(administrator.href)).query('create extension pg_stat_statements');
  expect((await read(administrator.href)).status.statements).toEqual({
    unread: 'pg_stat_statements is not in shared_preload_libraries of the server',
  });
});

test('the statements that take the most time are shown without literals', async () => {
  const server = await openScratchServer({ settings: { shared_preload_libraries: 'pg_stat_statements' } });
  atEnd(() => server.stop());
  const admin = new URL(server.adminUrl);
  admin.pathname = '/holdfast';
  await (await connect(admin.href)).query('create extension pg_stat_statements');
  const sql = await connect(server.url);
  await sql.query(`select 'Water the plants', count(*) from generate_series(1, 100000)`);
  await sql.query(`do $$ begin perform 'Water the plants', pg_sleep(0.2); end $$`);
  const { output } = await run({ DATABASE_URL: server.url });
  expect(output).toContain(`select $1, count(*) from generate_series($2, $3)`);
  expect(output).toMatch(/1 +\d+\.\d\d +\d+ +0 {2}do '…/);
  expect(output).not.toContain('Water the plants');
  expect(output).toContain('<insufficient privilege>');
});

test('an unreachable database needs a person, in words and in the document', async () => {
  const env = { DATABASE_URL: 'postgresql://ada:hunter2@127.0.0.1:1/tasks' };
  const sentence =
    'The database cannot be reached at 127.0.0.1:1 (ECONNREFUSED). Check the host and port in the database URL, and that the server runs.';
  expect(await run(env)).toEqual({ code: 1, output: `This needs a person:\n  - ${sentence}\n` });
  const { code, output } = await run(env, '--json');
  expect([code, JSON.parse(output)]).toEqual([1, { problems: [sentence] }]);
});

test('a database that falls silent is not waited for', async () => {
  const { url } = await openBareDatabase();
  const proxy = await openFaultProxy(url);
  proxy.modifyResponses((answer) => {
    if (proxy.roundTrips() > 8) proxy.stall('everything');
    return answer;
  });
  const { code, output } = await run({ DATABASE_URL: proxy.url });
  await proxy.close();
  expect(code).toBe(1);
  expect(output).toContain('The database cannot be reached');
});

test('where there is no database yet, it says so and makes none', async () => {
  const dataDir = join(tmpdir(), `holdfast-nothing-${process.pid}`);
  const { code, output } = await run({ HOLDFAST_DATA_DIR: dataDir });
  expect(code).toBe(1);
  expect(output).toContain(`There is no database yet: ${dataDir} holds none`);
  expect(existsSync(dataDir)).toBe(false);
});
