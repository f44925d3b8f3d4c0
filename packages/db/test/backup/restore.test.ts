import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readBackupFile } from '../../src/backup/file.ts';
import { restoreBackup, type RestoreOptions } from '../../src/backup/restore.ts';
import { verifyBackup } from '../../src/backup/verify.ts';
import { openDatabase } from '../../src/index.ts';
import { findDrift } from '../../src/schema/drift.ts';
import { migrateWithin } from '../../src/schema/migrate.ts';
import { inLock } from '../../src/schema/migration-lock.ts';
import { migrations } from '../../src/schema/migrations/index.ts';
import { openOrm } from '../../src/schema/orm.ts';
import { dropDatabase, openScratchDatabase } from '../../src/scratch/database.ts';
import { openFaultProxy, terminateClientsSql } from '../../src/testing/index.ts';
import { asTools, atEnd, connect, openBareDatabase } from '../fixture.ts';
import { fill, fillWithMany } from './fill.ts';
import { backUp, objectsSql, openEmpty, runCli, server, toHashes, verify, waitForCopy } from './fixture.ts';

type Given = Pick<RestoreOptions, 'source' | 'signal'>;

async function backUpMany(tasks: number) {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await fill(sql);
  await fillWithMany(sql, tasks);
  return backUp(url);
}

async function expectEmpty(url: string): Promise<void> {
  const sql = await connect(url);
  // The server rolls back as soon as it detects the lost connection.
  await expect.poll(async () => (await sql.query(objectsSql)).rows).toEqual([]);
}

test('a restored database is migrated and has row-level security', async () => {
  const { file, manifest } = await backUpMany(10);
  const url = await openEmpty();
  await restoreBackup({ url, source: readBackupFile(file) });
  const db = await openDatabase({ url });
  expect(await db.pendingMigrations()).toEqual([]);
  await db.close();
  const sql = await connect(url);
  const { rows } = await sql.query(
    `select relname, relrowsecurity, relforcerowsecurity from pg_class where relname in ('users', 'tasks') and relnamespace = 'public'::regnamespace`,
  );
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row).toMatchObject({ relrowsecurity: true, relforcerowsecurity: true });
  expect(toHashes((await backUp(url)).manifest)).toEqual(toHashes(manifest));
});

test.each([
  ['tables', 'create table anything (id int)', 'public.anything'],
  ['a view', 'create view anything as select 1', 'public.anything'],
  ['a schema', 'create schema auth', 'schema auth'],
  ['a sequence', 'create sequence anything', 'public.anything'],
])('a restore into a database that contains %s is refused and changes nothing', async (_, sql, name) => {
  const { file } = await backUpMany(1);
  const url = await openEmpty();
  const client = await connect(url);
  await client.query(sql);
  const before = await client.query(objectsSql);
  await expect(restoreBackup({ url, source: readBackupFile(file) })).rejects.toMatchObject({
    code: 'TARGET_NOT_EMPTY',
    message: expect.stringContaining(name),
  });
  expect((await client.query(objectsSql)).rows).toEqual(before.rows);
});

test.each(['LATIN1', 'SQL_ASCII'])('a restore into a database with the encoding %s is refused', async (encoding) => {
  const { file } = await backUpMany(1);
  const template = `template0 encoding '${encoding}' locale 'C'`;
  const { url, drop } = await openScratchDatabase(server, { prefix: 'test', template });
  atEnd(drop);
  await expect(restoreBackup({ url, source: readBackupFile(file) })).rejects.toMatchObject({
    code: 'TARGET_NOT_UTF8',
    message: expect.stringContaining(encoding),
  });
  await expectEmpty(url);
});

test('a second restore into the same database is refused', async () => {
  const { file } = await backUpMany(1);
  const url = await openEmpty();
  await restoreBackup({ url, source: readBackupFile(file) });
  const { code, stderr } = await runCli(url, ['restore', file]).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('not empty');
});

test.each([
  ['killed', 'SIGKILL'],
  ['interrupted', 'SIGINT'],
] as const)('a restore that is %s while it loads rows leaves the database empty', async (_, signal) => {
  const { file } = await backUpMany(30_000);
  const url = await openEmpty();
  const { child, ended } = runCli(url, ['restore', file]);
  await waitForCopy(await connect(url));
  child.kill(signal);
  expect((await ended).code).toBe(signal === 'SIGINT' ? 130 : null);
  await expectEmpty(url);
});

test('a restore that is interrupted while it compares rows leaves the database empty', async () => {
  const { file } = await backUpMany(30_000);
  const url = await openEmpty();
  const { child, ended } = runCli(url, ['restore', file]);
  await waitForCopy(await connect(url), 'COPY TO');
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  await expectEmpty(url);
});

test('a restore that waits for the migration lock of another process can be interrupted', async () => {
  const { file } = await backUpMany(1);
  const url = await openEmpty();
  const sql = await connect(url);
  const lock = 7_203_415_118;
  await sql.query('begin');
  await sql.query('select pg_advisory_xact_lock($1)', [lock]);
  const { child, ended } = runCli(url, ['restore', file]);
  const connected = `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  const watcher = await connect(url);
  await expect.poll(async () => (await watcher.query(connected)).rowCount).toBe(2);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted') });
});

test.each([
  ['restore', (url: string, given: Given) => restoreBackup({ url, ...given })],
  ['verification', (url: string, given: Given) => verifyBackup({ server: url, ...given })],
])('a %s that waits for an unresponsive server ends when it is interrupted', async (_, work) => {
  const { file } = await backUpMany(1);
  const proxy = await openFaultProxy(server);
  atEnd(() => proxy.close());
  proxy.stall('everything');
  const interruption = new AbortController();
  const { signal } = interruption;
  const failure = work(proxy.url, { source: readBackupFile(file, signal), signal }).catch((error: unknown) => error);
  await expect.poll(() => proxy.roundTrips()).toBe(1);
  interruption.abort();
  expect(await failure).toMatchObject({ cause: { message: 'Connection terminated' } });
});

test('a verification that cannot drop its scratch database names it in the error', async () => {
  const proxy = await openFaultProxy(server);
  atEnd(() => proxy.close());
  async function* emptySource(): AsyncGenerator<Buffer> {
    proxy.stall('everything');
    yield* [];
  }
  const failure = await verifyBackup({ server: proxy.url, source: emptySource() }).catch((error: Error) => error);
  expect(failure).toMatchObject({ code: 'SCRATCH_LEFT' });
  const [name] = /holdfast_verify_\w+/.exec((failure as Error).message)!;
  await dropDatabase(server, name);
});

test('a restore that loses its connection during the commit reports an unknown outcome, and a second run reveals it', async () => {
  const { file } = await backUpMany(1);
  const url = await openEmpty();
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  const lost = proxy.loseResponse('commit\0');
  const restore = restoreBackup({ url: proxy.url, source: readBackupFile(file) });
  await expect(restore).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await lost;
  await expect(restoreBackup({ url, source: readBackupFile(file) })).rejects.toMatchObject({
    code: 'TARGET_NOT_EMPTY',
  });
});

test('a restore that loses its connection while it loads rows leaves the database empty', async () => {
  const { file } = await backUpMany(30_000);
  const url = await openEmpty();
  const sql = await connect(url);
  const restore = restoreBackup({ url, source: readBackupFile(file) });
  restore.catch(() => {});
  await waitForCopy(sql);
  await sql.query(terminateClientsSql(new URL(url).pathname.slice(1)));
  await expect(restore).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await expectEmpty(url);
});

test('a restore from a file with a read error leaves the database empty', async () => {
  const { file } = await backUpMany(30_000);
  const url = await openEmpty();
  async function* failing() {
    let size = 0;
    for await (const chunk of readBackupFile(file)) {
      size += chunk.length;
      if (size > 8_000_000) throw Object.assign(new Error('The disk is broken'), { code: 'EIO', errno: -5 });
      yield chunk;
    }
  }
  await expect(restoreBackup({ url, source: failing() })).rejects.toThrow('The disk is broken');
  await expectEmpty(url);
});

test('a restore to an unreachable server says that it cannot be reached', async () => {
  const { file } = await backUpMany(1);
  const { code, stderr } = await runCli('postgresql://nobody@127.0.0.1:1/nothing', ['restore', file]).ended;
  expect(code).toBe(1);
  expect(stderr).toContain('cannot be reached');
});

test('a backup of an older schema is migrated to the newest schema', async () => {
  const old = await openEmpty();
  const orm = openOrm(old, { poolMax: 1 });
  await inLock(orm, (em) => migrateWithin(orm, em, ['0001-users-and-tasks']));
  await orm.close();
  const source = await connect(old);
  await fillWithMany(source, 10);
  const { file, manifest } = await backUp(old);
  expect(manifest.tables.map(({ name }) => name)).toEqual(['public.users', 'public.tasks']);
  const url = await openEmpty();
  expect(await restoreBackup({ url, source: readBackupFile(file) })).toMatchObject({
    migrated: migrations.slice(1).map(({ name }) => name),
  });
  const target = await connect(url);
  for (const { name, columns, key, rows } of manifest.tables) {
    const select = `select ${columns.map((column) => column.name).join()} from ${name} order by ${key.join()}`;
    const restored = (await asTools(target, select)).rows;
    expect(restored).toHaveLength(rows);
    expect(restored).toEqual((await asTools(source, select)).rows);
  }
  const { manifest: after } = await backUp(url);
  expect(after.migrations).toEqual(migrations.map(({ name }) => name));
  expect(await findDrift({ url })).toEqual([]);
});

const shipped = fileURLToPath(new URL('../backups/', import.meta.url));

test.each(readdirSync(shipped))('the shipped backup %s is restored and migrated to the newest schema', async (name) => {
  const { manifest, migrated } = await verify(`${shipped}${name}`);
  expect([...manifest.migrations, ...migrated]).toEqual(migrations.map(({ name }) => name));
  expect(manifest.tables.map(({ rows }) => rows).every((rows) => rows > 0)).toBe(true);
});

test('a backup omits the generated times of due dates, and a restore computes them again', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await fill(sql);
  const { file, manifest } = await backUp(url);
  const { columns } = manifest.tables.find(({ name }) => name === 'public.tasks')!;
  expect(columns.map(({ name }) => name)).not.toContain('due_at');
  const target = await openEmpty();
  await restoreBackup({ url: target, source: readBackupFile(file) });
  const { rows } = await asTools(
    await connect(target),
    `select distinct title, due_at at time zone 'UTC' = timestamp '2026-10-25 01:30' as is_due_at from tasks
    where due_at is not null order by title`,
  );
  // In the repeated hour, PostgreSQL takes the second 02:30.
  expect(rows).toEqual([
    { title: 'due at the end of time', is_due_at: false },
    { title: 'due in a zone', is_due_at: true },
  ]);
});

test('test/backups contains a backup of the newest schema', () => {
  expect(readdirSync(shipped), 'run node packages/db/test/fixtures/keep-backup.ts').toContain(
    `${migrations.at(-1)!.name}.tar`,
  );
});
