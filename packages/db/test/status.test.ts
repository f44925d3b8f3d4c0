import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { migrations } from '../src/schema/migrations/index.ts';
import type { Status } from '../src/status/status.ts';
import { openFaultProxy } from '../src/testing/index.ts';
import { connect, openBareDatabase } from './fixture.ts';

const cli = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

interface Outcome {
  code: number;
  output: string;
}

/** Runs `pnpm db status` as a separate process with only these environment variables. */
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

test('pnpm db status reports a migrated database as healthy and prints no password', async () => {
  const { url } = await openBareDatabase();
  const { code, output } = await run({ DATABASE_URL: url });
  expect(output.trimEnd()).toMatch(/Healthy\.$/);
  expect(code).toBe(0);
  for (const fact of ['PostgreSQL ', new URL(url).host, new URL(url).pathname.slice(1), 'at head', 'enforced']) {
    expect(output).toContain(fact);
  }
  expect(output).not.toContain(`:${new URL(url).password}`);
});

test('pnpm db status --json contains the same facts as the report', async () => {
  const { url } = await openBareDatabase();
  const { code, status } = await read(url);
  expect(code).toBe(0);
  expect(status).toEqual({
    problems: [],
    server: { product: expect.stringMatching(/^PostgreSQL \d/) as string, host: new URL(url).host },
    database: {
      name: new URL(url).pathname.slice(1),
      user: new URL(url).username,
      bytes: expect.any(Number) as number,
    },
    migrations: { pending: [], unknown: [] },
    isolation: { missing: [] },
    indexes: { invalid: [] },
    schema: { differences: [], additional: [] },
    backup: { refusal: null, isDistributed: false },
    logins: { checked: [{ name: new URL(url).username, missing: [] }] },
  });
});

test('pnpm db status lists every migration as missing for an empty database', async () => {
  const { url } = await openBareDatabase({ empty: true });
  const { code, output } = await run({ DATABASE_URL: url });
  expect(code).toBe(1);
  expect(output).toContain(
    `Migrations are missing (${migrations.map(({ name }) => name).join(', ')}). Run pnpm db migrate.`,
  );
});

test('pnpm db status names migrations of a newer version, and the version that can still back up the database', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`insert into holdfast_migrations (name) values ('9999-later')`);
  const { code, output } = await run({ DATABASE_URL: url });
  expect(output).toContain('at head; a newer version has also applied 9999-later');
  expect(output).toMatch(
    /A backup is not possible\. A newer Holdfast migrated this database \(9999-later\)\. Run this command with that version/,
  );
  expect(code).toBe(1);
});

test('pnpm db status exits with 1 if row-level security is incomplete', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('alter table tasks no force row level security');
  const { code, output } = await run({ DATABASE_URL: url });
  expect(code).toBe(1);
  expect(output).toContain('table public.tasks does not force row-level security. Run: alter table');
  expect(output).toContain('Row-level security is incomplete.');
});

test('pnpm db status prints the SQL that fixes an index whose build failed', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(
    `insert into auth.verification (identifier, value, "expiresAt") select 'same', '', now() from generate_series(1, 2)`,
  );
  const build = 'create unique index concurrently "Words" on auth.verification (identifier)';
  await expect(sql.query(build)).rejects.toThrow('could not create');
  await expect(sql.query('reindex index concurrently auth."Words"')).rejects.toThrow('could not create');
  const broken = await read(url);
  expect(broken.code).toBe(1);
  expect(broken.status.problems).toHaveLength(2);
  const invalid = 'unavailable' in broken.status.indexes ? [] : broken.status.indexes.invalid;
  expect(invalid.map(({ name }) => name)).toEqual(['auth."Words"', 'auth."Words_ccnew"']);
  expect(invalid.every(({ fix }, at) => broken.status.problems[at]!.endsWith(fix))).toBe(true);

  await sql.query('truncate auth.verification');
  for (const { fix } of invalid) await sql.query(fix);
  expect((await read(url)).code).toBe(0);
});

test('pnpm db status does not report an index that is still being built', async () => {
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

test('a lock on a table makes only the section that reads the table unavailable', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('begin; lock table holdfast_migrations in access exclusive mode');
  expect(await read(url)).toMatchObject({
    code: 1,
    status: {
      problems: ['The migrations cannot be read: another transaction has locked it.'],
      database: { name: new URL(url).pathname.slice(1) },
      migrations: { unavailable: 'another transaction has locked it' },
      isolation: { missing: [] },
    },
  });
});

test('pnpm db status names the sections that a user without privileges cannot read', async () => {
  const { url } = await openBareDatabase();
  const role = `watcher_${new URL(url).pathname.slice(-8)}`;
  const owner = await connect(url);
  await owner.query(`create role ${role} login password 'watch'`);
  const watcher = Object.assign(new URL(url), { username: role, password: 'watch' });
  const { code, output } = await run({ DATABASE_URL: watcher.href });
  await owner.query(`drop role ${role}`);
  expect(code).toBe(1);
  expect(output).toContain('migrations    unavailable: the database user lacks the privilege to read it');
});

test('pnpm db status reports an unreachable database as text and as JSON', async () => {
  const env = { DATABASE_URL: 'postgresql://ada:hunter2@127.0.0.1:1/tasks' };
  const sentence =
    'The database cannot be reached at 127.0.0.1:1 (ECONNREFUSED). Check the host and port in the database URL, and that the server runs.';
  expect(await run(env)).toEqual({ code: 1, output: `This needs a person:\n  - ${sentence}\n` });
  const { code, output } = await run(env, '--json');
  expect([code, JSON.parse(output)]).toEqual([1, { problems: [sentence] }]);
});

test('pnpm db status ends if the database stops responding', async () => {
  const { url } = await openBareDatabase();
  const proxy = await openFaultProxy(url);
  proxy.modifyResponses((response) => {
    if (proxy.roundTrips() > 8) proxy.stall('everything');
    return response;
  });
  const { code, output } = await run({ DATABASE_URL: proxy.url });
  await proxy.close();
  expect(code).toBe(1);
  expect(output).toContain('The database cannot be reached');
});

test('pnpm db status reports a missing embedded database and does not create it', async () => {
  const dataDir = join(tmpdir(), `holdfast-nothing-${process.pid}`);
  const { code, output } = await run({ HOLDFAST_DATA_DIR: dataDir });
  expect(code).toBe(1);
  expect(output).toContain(`There is no database in ${dataDir}, and DATABASE_URL is not set.`);
  expect(existsSync(dataDir)).toBe(false);
});
