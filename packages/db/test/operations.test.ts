import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openScratchServer } from '@holdfast/embedded-postgres';
import { expect, test } from 'vitest';
import { migrate, openDatabase } from '../src/index.ts';
import { alice, asTools, atEnd, connect, openBareDatabase } from './fixture.ts';

const root = new URL('../../../', import.meta.url);
const page = await readFile(new URL('docs/operations.md', root), 'utf8');

/** The SQL statements below a heading, one array for each block. */
function sqlBelow(heading: string): string[][] {
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  return [...section.matchAll(/```sql\n(.*?)```/gs)].map(([, block]) => block!.split(/;\n/).filter(Boolean));
}

async function runEach(url: string, statements: string[]): Promise<void> {
  const sql = await connect(url);
  for (const statement of statements) await sql.query(statement);
}

test('every pnpm db command in docs/operations.md exists', async () => {
  const cli = fileURLToPath(new URL('packages/db/src/cli/main.ts', root));
  const { stdout } = await promisify(execFile)(process.execPath, [cli, '--help']);
  const named = new Set([...page.matchAll(/pnpm (?:--silent )?db ([a-z-]+)/g)].map(([, verb]) => verb!));
  expect(named).toContain('status');
  for (const verb of named) expect(stdout).toMatch(new RegExp(`^ +${verb} `, 'm'));
});

test('every setting in docs/operations.md is in .env.example or docs/errors.md', async () => {
  const example = await readFile(new URL('.env.example', root), 'utf8');
  const named = new Set([...page.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name));
  const errors = await readFile(new URL('docs/errors.md', root), 'utf8');
  // .env.example lists only the most common settings of OpenTelemetry, and none of Node.js itself.
  const isForeign = (name: string) =>
    /^(OTEL_|NODE_COMPILE_CACHE$|NEON_API_KEY$|AGE_RECIPIENT$|VERIFY_URL$|POSTGRES_PASSWORD$)/.test(name) ||
    errors.includes(`\`${name}\``);
  expect(named).toContain('DATABASE_URL');
  for (const name of named) if (!isForeign(name)) expect(example).toContain(name);
});

test('the queries for statistics in docs/operations.md run on a migrated database', async () => {
  const blocks = [...page.matchAll(/```sql\n(.*?)```/gs)].map(([, block]) => block!);
  const queries = blocks.filter((block) => block.includes('pg_stat_')).flatMap((block) => block.split(/;\n/));
  expect(queries.filter(Boolean)).toHaveLength(4);
  const { url } = await openBareDatabase();
  await expect(runEach(url, queries.filter(Boolean))).resolves.toBeUndefined();
});

test.each([
  ['that creates the roles', 0],
  ['for which an administrator created the roles', 1],
])('an owner %s can migrate with the SQL in docs/operations.md', async (_, block) => {
  const server = await openScratchServer();
  atEnd(() => server.stop());
  await runEach(server.adminUrl, sqlBelow('Any other PostgreSQL')[block]!);
  const owner = Object.assign(new URL(server.adminUrl), {
    username: 'holdfast_owner',
    password: 'change me',
    pathname: '/tasks',
  }).href;
  expect(await migrate({ url: owner })).not.toEqual([]);

  const [asAdministrator, asOwner] = sqlBelow('Roles');
  await runEach(server.adminUrl, asAdministrator!);
  await runEach(owner, asOwner!);
  const url = Object.assign(new URL(owner), { username: 'holdfast_server' }).href;
  expect(await migrate({ url })).toEqual([]);
  const db = await openDatabase({ url });
  expect(await db.pendingMigrations()).toEqual([]);
  await db.close();
  await expect(runEach(url, ['select from auth.session'])).resolves.toBeUndefined();
  await expect(runEach(url, ['alter table tasks add column colour text'])).rejects.toThrow('must be owner');
});

test('the owner sees no rows in psql, and all rows with the SQL in docs/operations.md', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await asTools(sql, `insert into users (id) values ('${alice}')`);
  await asTools(sql, `insert into tasks (user_id, id, title) values ('${alice}', '${alice}', 'x')`);
  const [[setRole, count, ...rest]] = sqlBelow('Look at the data with psql') as [string[]];
  expect((await sql.query(count!)).rows).toEqual([{ count: '0' }]);
  await sql.query(setRole!);
  expect((await sql.query(count!)).rows).toEqual([{ count: '1' }]);
  await sql.query(rest.join(';'));
  expect((await sql.query('select current_user = session_user as same')).rows).toEqual([{ same: true }]);
});

test('docs/operations.md names the way to back up a database after a downgrade', () => {
  const upgrading = page.split('\n## Upgrading\n')[1]!.split('\n## ')[0]!;
  expect(upgrading).toMatch(/older `pnpm db backup` refuses a database that a newer version has migrated/);
});
