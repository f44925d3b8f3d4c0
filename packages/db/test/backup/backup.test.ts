import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { takeBackup, toPartName } from '../../src/backup/backup.ts';
import { readBackupFile, writeBackupFile } from '../../src/backup/file.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { verifyBackup } from '../../src/backup/verify.ts';
import {
  createTask,
  deleteTask,
  listTasks,
  migrate,
  openDatabase,
  type TaskRecord,
  updateTask,
  type UserScope,
} from '../../src/index.ts';
import { findDrift } from '../../src/schema/drift.ts';
import { openFaultProxy, waitingForLocksSql } from '../../src/testing/index.ts';
import { asTools, atEnd, connect, openBareDatabase } from '../fixture.ts';
import { fill, fillWithMany, texts } from './fill.ts';
import {
  backUp,
  findMissingProgram,
  listFolderOf,
  makeFolder,
  openEmpty,
  runCli,
  server,
  superuserUrl,
  toHashes,
  verify,
} from './fixture.ts';

async function openFilled() {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await fill(sql);
  return { url, sql };
}

/** Writes one change after another, and records the tasks of the user after each. */
function startWriter(scope: UserScope) {
  const states: TaskRecord[][] = [[]];
  const stopping = new AbortController();

  async function write(turn: number): Promise<TaskRecord[]> {
    const tasks = states.at(-1)!;
    const oldest = tasks[0];
    if (turn < 20 || turn % 3 === 0 || oldest === undefined) {
      return [...tasks, await createTask(scope, { title: `Task ${turn}`, description: texts[turn % texts.length]! })];
    }
    if (turn % 3 === 1) {
      const changed = await updateTask(scope, { id: oldest.id, title: `Changed ${turn}`, completed: turn % 2 === 0 });
      return tasks.with(0, changed);
    }
    await deleteTask(scope, { id: oldest.id });
    return tasks.slice(1);
  }

  const writing = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn++) states.push(await write(turn));
  })();
  return {
    states,
    stop: () => {
      stopping.abort();
      return writing;
    },
  };
}

/** A text to compare tasks independently of their order. */
function toText(tasks: readonly TaskRecord[]): string {
  return JSON.stringify(tasks.toSorted((one, other) => one.id.localeCompare(other.id)));
}

test('a backup taken during writes contains every write acknowledged before it, in a state that existed', async () => {
  const { url, sql } = await openFilled();
  // With this many rows, the copy takes longer than many writes.
  await fillWithMany(sql, 10_000);
  const db = await openDatabase({ url });
  atEnd(() => db.close());
  const users = [1, 2, 3, 4].map((number) => `0190a000-0000-7000-8000-10000000000${number}`);
  const writers = users.map((user) => startWriter(db.asUser(user)));
  await expect.poll(() => Math.min(...writers.map(({ states }) => states.length))).toBeGreaterThan(10);
  const acknowledged = writers.map(({ states }) => states.length);

  const { file, manifest } = await backUp(url);

  // A write can be committed before it is acknowledged.
  const started = writers.map(({ states }) => states.length + 1);
  await Promise.all(writers.map(({ stop }) => stop()));
  expect(Math.max(...started.map((count, at) => count - acknowledged[at]!))).toBeGreaterThan(2);
  const target = await openEmpty();
  await restoreBackup({ url: target, source: readBackupFile(file) });
  const restored = await openDatabase({ url: target });
  atEnd(() => restored.close());
  for (const [at, user] of users.entries()) {
    const { items } = await listTasks(restored.asUser(user), { limit: 200, order: 'oldest' });
    const { states } = writers[at]!;
    const possible = states.slice(acknowledged[at]! - 1, started[at]).map(toText);
    expect(possible.includes(toText(items))).toBe(true);
  }
  expect(toHashes((await backUp(target)).manifest)).toEqual(toHashes(manifest));
});

test('texts, times, nulls and sign-in data are restored unchanged', async () => {
  const { url, sql } = await openFilled();
  const target = await openEmpty();

  const { file, manifest } = await backUp(url);
  await restoreBackup({ url: target, source: readBackupFile(file) });

  const restored = await connect(target);
  for (const { name, rows } of manifest.tables) {
    expect(rows, name).toBeGreaterThan(0);
    const all = `select to_jsonb(row) as row from ${name === 'auth.user' ? 'auth."user"' : name} as row order by 1`;
    const read = (client: typeof sql) => (name.startsWith('public.') ? asTools(client, all) : client.query(all));
    expect((await read(restored)).rows, name).toEqual((await read(sql)).rows);
  }
});

test('the settings of a database do not change the bytes of its backup', async () => {
  const { url, sql } = await openFilled();
  const { manifest } = await backUp(url);
  const name = new URL(url).pathname.slice(1);
  for (const setting of [
    `datestyle = 'German'`,
    `timezone = 'Asia/Kathmandu'`,
    `bytea_output = 'escape'`,
    `extra_float_digits = 0`,
    `client_encoding = 'LATIN1'`,
    `default_transaction_isolation = 'read committed'`,
    `search_path = 'auth'`,
  ]) {
    await sql.query(`alter database ${name} set ${setting}`);
  }
  expect(toHashes((await backUp(url)).manifest)).toEqual(toHashes(manifest));
});

test('a statement_timeout of the database does not stop a backup', async () => {
  const { url, sql } = await openFilled();
  await sql.query(`alter database ${new URL(url).pathname.slice(1)} set statement_timeout = '1s'`);
  await sql.query('begin; lock table tasks in access exclusive mode');
  const backup = backUp(url);
  await expect.poll(async () => (await sql.query(waitingForLocksSql)).rowCount).toBe(1);
  await sql.query('select pg_sleep(1.2)');
  await sql.query('commit');
  await expect(backup).resolves.toHaveProperty('manifest');
});

test('the owner, who is subject to row-level security, and a superuser take the same backup', async (context) => {
  context.skip(superuserUrl === undefined, 'no superuser is available');
  const { url } = await openFilled();
  const superuser = Object.assign(new URL(superuserUrl!), { pathname: new URL(url).pathname }).href;
  expect(toHashes((await backUp(superuser)).manifest)).toEqual(toHashes((await backUp(url)).manifest));
});

test.for([
  ['a restrictive policy', 'create policy less on tasks as restrictive using (false)'],
  ['the policy of the tools role dropped', 'drop policy tasks_tools on tasks'],
  [
    'a narrower policy for the tools role',
    'drop policy tasks_tools on tasks; create policy tasks_tools on tasks to holdfast_tools using (completed)',
  ],
  ['the read privilege of the tools role revoked', 'revoke select on tasks from holdfast_tools'],
])('a backup that would omit rows is refused: %s', async ([, change], context) => {
  const { url, sql } = await openFilled();
  const { rows } = await sql.query(
    'select rolsuper or rolbypassrls as sees_all from pg_roles where rolname = current_user',
  );
  context.skip(rows[0].sees_all, 'the login bypasses row-level security');
  await sql.query(change!);
  await expect(backUp(url)).rejects.toMatchObject({ code: 'ROWS_HIDDEN' });
});

test('a backup by a user without read privileges is refused', async () => {
  const { url, sql } = await openFilled();
  const role = `outsider_${new URL(url).pathname.slice(-8)}`;
  await sql.query(`create role ${role} login password 'outside'`);
  atEnd(async () => void (await sql.query(`drop role ${role}`)));
  const outside = Object.assign(new URL(url), { username: role, password: 'outside' }).href;
  await expect(backUp(outside)).rejects.toMatchObject({ code: 'ROWS_HIDDEN' });
});

test.each([
  ['create table notes (id int)', 'UNKNOWN_TABLES', 'public.notes'],
  ['create schema extra; create table extra.notes (id int) partition by range (id)', 'UNKNOWN_TABLES', 'extra.notes'],
  ['drop table auth.jwks', 'MISSING_TABLES', 'auth.jwks'],
  ['drop table tasks', 'MISSING_TABLES', 'public.tasks'],
  [
    'alter table tasks add column extra text',
    'TABLE_CHANGED',
    'public.tasks does not match its migrations (extra text)',
  ],
  ['alter table users alter column name type varchar(99)', 'TABLE_CHANGED', '(name character varying(99), name text)'],
  ['alter table auth.jwks drop column crv', 'TABLE_CHANGED', 'auth.jwks does not match its migrations (crv text)'],
  ['alter table users drop name, add name text', 'TABLE_CHANGED', 'the order of its columns'],
])('a backup of a database that differs from its migrations is refused: %s', async (change, code, name) => {
  const { url, sql } = await openFilled();
  await sql.query(change);
  await expect(backUp(url)).rejects.toMatchObject({ code, message: expect.stringContaining(name) });
});

test('a backup of a database without Holdfast or migrated by a newer version is refused', async () => {
  await expect(backUp(await openEmpty())).rejects.toMatchObject({ code: 'MISSING_TABLES' });
  const { url, sql } = await openFilled();
  await sql.query(`insert into holdfast_migrations (name) values ('9999-later')`);
  await expect(backUp(url)).rejects.toMatchObject({ code: 'UNKNOWN_TABLES', message: expect.stringContaining('9999') });
});

test('a backup file is readable by its owner only and never replaces an existing file', async () => {
  const { url } = await openFilled();
  const { file } = await backUp(url);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = readFileSync(file);
  await expect(takeBackup({ url, write: (bytes) => writeBackupFile(file, bytes) })).rejects.toMatchObject({
    code: 'BACKUP_EXISTS',
  });
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(listFolderOf(file)).toEqual(['backup.tar']);
});

test('of two concurrent backups to one file name, one succeeds and the other is refused', async () => {
  for (let round = 0; round < 20; round++) {
    const file = join(makeFolder(), 'backup.tar');
    const writers = ['one', 'other'].map((text) => writeBackupFile(file, Readable.from([Buffer.from(text)])));
    const outcomes = await Promise.allSettled(writers);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(readFileSync(file, 'utf8')).toBe(outcomes[0]!.status === 'fulfilled' ? 'one' : 'other');
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'BACKUP_EXISTS' } });
    expect(listFolderOf(file)).toEqual(['backup.tar']);
  }
});

test('a dangling symbolic link is not overwritten by a backup', async () => {
  const file = join(makeFolder(), 'backup.tar');
  symlinkSync('nowhere', file);
  const backup = writeBackupFile(file, Readable.from([Buffer.from('backup')]));
  await expect(backup).rejects.toMatchObject({ code: 'BACKUP_EXISTS' });
  expect(readlinkSync(file)).toBe('nowhere');
});

test('creating tasks does not wait for a backup', async () => {
  const { url } = await openFilled();
  const db = await openDatabase({ url, statementTimeoutMs: 1_000 });
  atEnd(() => db.close());
  let written = 0;
  const write = async (bytes: AsyncIterable<Buffer>) => {
    for await (const _chunk of bytes) {
      await createTask(db.asUser('0190a000-0000-7000-8000-200000000000'), { title: 'during the backup' });
      written += 1;
    }
  };
  await takeBackup({ url, write });
  expect(written).toBeGreaterThan(5);
});

test('a backup whose connection is lost leaves no file', async () => {
  const { url, sql } = await openFilled();
  await fillWithMany(sql, 10_000);
  const file = join(makeFolder(), 'backup.tar');
  async function* cut(bytes: AsyncIterable<Buffer>) {
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > 1_000_000) {
        await sql.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'copy%'`,
        );
      }
      yield chunk;
    }
  }
  const backup = takeBackup({ url, write: (bytes) => writeBackupFile(file, cut(bytes)) });
  await expect(backup).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(listFolderOf(file)).toEqual([]);
});

test('a backup that waits for an unresponsive server can be interrupted', async () => {
  const { url } = await openFilled();
  const proxy = await openFaultProxy(url);
  atEnd(() => proxy.close());
  proxy.stall('everything');
  const interruption = new AbortController();
  const file = join(makeFolder(), 'backup.tar');
  const { signal } = interruption;
  const backup = takeBackup({ url: proxy.url, write: (bytes) => writeBackupFile(file, bytes), signal });
  interruption.abort();
  await expect(backup).rejects.toMatchObject({ cause: { message: 'Connection terminated' } });
});

test.each(['SIGINT', 'SIGTERM'] as const)('a backup that receives %s leaves no file', async (signal) => {
  const { url, sql } = await openFilled();
  await fillWithMany(sql, 30_000);
  const file = join(makeFolder(), 'backup.tar');
  const { child, ended } = runCli(url, ['backup', file]);
  await expect.poll(() => listFolderOf(file).length, { interval: 1 }).toBe(1);
  child.kill(signal);
  const { code, stderr } = await ended;
  expect(stderr).toContain('Interrupted');
  expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
  expect(listFolderOf(file)).toEqual([]);
});

test('a killed backup leaves only a partial file that is refused', async () => {
  const { url, sql } = await openFilled();
  await fillWithMany(sql, 30_000);
  const file = join(makeFolder(), 'backup.tar');
  const { child, ended } = runCli(url, ['backup', file]);
  await expect.poll(() => listFolderOf(file).length, { interval: 1 }).toBe(1);
  child.kill('SIGKILL');
  await ended;
  expect(listFolderOf(file)).toEqual([expect.stringMatching(/^\.holdfast-backup\.tar\..*\.partial$/)]);
  await expect(verify(join(file, '..', listFolderOf(file)[0]!))).rejects.toMatchObject({
    code: expect.stringMatching(/^(BACKUP_DAMAGED|NOT_A_BACKUP)$/),
  });
});

test.skipIf(process.platform === 'win32')('a backup on a full disk leaves no file', async () => {
  const { url } = await openFilled();
  const file = join(makeFolder(), 'backup.tar');
  // The largest file size, in blocks of 1,024 bytes.
  const limited = ['bash', '-c', 'ulimit -f 16; exec "$@"', '--', process.execPath];
  const { code, stderr } = await runCli(url, ['backup', file], limited).ended;
  expect(stderr).toContain('no space left');
  expect(code).toBe(1);
  expect(listFolderOf(file)).toEqual([]);
});

test.skipIf(!existsSync('/dev/full'))('a backup to standard output fails if the disk behind it is full', async () => {
  const { url } = await openFilled();
  const { code, stderr } = await runCli(
    url,
    ['backup', '-'],
    ['bash', '-c', '"$@" > /dev/full', '--', process.execPath],
  ).ended;
  expect(stderr).toContain('no space left');
  expect(code).toBe(1);
});

test('a backup can be piped from the backup command to the verify command', async () => {
  const { url } = await openFilled();
  const through = [
    'bash',
    '-c',
    `set -o pipefail; "$1" "$2" backup - | "$1" "$2" verify - --server "$3"`,
    '--',
    process.execPath,
  ];
  const { code, stdout, stderr } = await runCli(url, [server], through).ended;
  expect(stderr).toContain('Verify it');
  expect(stdout).toContain('Verified. The file is intact');
  expect(code).toBe(0);
});

const missing = findMissingProgram('psql', 'tar', 'zstd');

/** Extracts a backup with tar, and creates an empty database for psql. */
async function unpackForPsql() {
  const { url } = await openFilled();
  const { file, manifest } = await backUp(url);
  const folder = makeFolder();
  const target = await openEmpty();
  execFileSync('tar', ['--extract', '--file', file, '--directory', folder]);
  return { manifest, folder, target };
}

test('psql, tar and zstd restore a backup without Holdfast, with the command in schema.sql', async (context) => {
  context.skip(missing !== undefined, `${missing} is not installed`);
  const { manifest, folder, target } = await unpackForPsql();
  // The command in the instructions of the file.
  const steps = /psql .*/.exec(readFileSync(join(folder, 'schema.sql'), 'utf8'))![0];
  expect(readFileSync(new URL('../../../../docs/operations.md', import.meta.url), 'utf8')).toContain(steps);
  execFileSync('bash', ['-c', steps], { cwd: folder, env: { ...process.env, URL: target }, stdio: 'pipe' });

  expect(toHashes((await backUp(target)).manifest)).toEqual(toHashes(manifest));
  // The first start validates the constraints, and builds no index, because the script has built all of them.
  const restored = await connect(target);
  const indexesSql = `select indexrelid from pg_index join pg_class on pg_class.oid = indrelid
    where relnamespace in ('public'::regnamespace, 'auth'::regnamespace) order by 1`;
  const indexes = (await restored.query(indexesSql)).rows;
  expect(await migrate({ url: target })).toEqual([]);
  expect((await restored.query(indexesSql)).rows).toEqual(indexes);
  expect(await findDrift({ url: target })).toEqual([]);
  const db = await openDatabase({ url: target });
  expect(await db.pendingMigrations()).toEqual([]);
  await db.close();
  const check = `echo tables/public.tasks.*.copy.zst | xargs zstd -dc | sha256sum`;
  const sum = execFileSync('bash', ['-c', check], { cwd: folder, encoding: 'utf8' });
  expect(sum.slice(0, 64)).toBe(toHashes(manifest)['public.tasks']);
});

test('psql loads a table with more parts than fit into the arguments of one program', async (context) => {
  context.skip(missing !== undefined, `${missing} is not installed`);
  const { manifest, folder, target } = await unpackForPsql();
  const nothing = zstdCompressSync('');
  for (let part = 2; part < 5_000; part++)
    writeFileSync(join(folder, toPartName({ name: 'public.tasks' }, part)), nothing);
  // A small stack limits the arguments of a program to 128 kB.
  const steps = 'ulimit -s 256 && psql "$URL" --single-transaction --file schema.sql --file load.sql';
  execFileSync('bash', ['-c', steps], { cwd: folder, env: { ...process.env, URL: target }, stdio: 'pipe' });
  expect(toHashes((await backUp(target)).manifest)).toEqual(toHashes(manifest));
});

test('psql loads no table if a part is missing', async (context) => {
  context.skip(missing !== undefined, `${missing} is not installed`);
  const { folder, target } = await unpackForPsql();
  mkdirSync(join(folder, 'away'));
  execFileSync('bash', ['-c', 'mv tables/auth.jwks.* away/'], { cwd: folder });
  const load = () =>
    execFileSync('bash', ['-c', 'psql "$URL" --single-transaction --file schema.sql --file load.sql'], {
      cwd: folder,
      env: { ...process.env, URL: target },
      stdio: 'pipe',
    });
  expect(load).toThrow('auth.jwks');
  const sql = await connect(target);
  expect((await sql.query(`select to_regclass('tasks') as tasks`)).rows).toEqual([{ tasks: null }]);
});

test('without --server, a backup is verified on an embedded server', async () => {
  const { url } = await openFilled();
  const { file, manifest } = await backUp(url);
  const verification = await verifyBackup({ source: readBackupFile(file) });
  expect(verification.manifest).toEqual(manifest);
});

test('pnpm db verify prints the restore time and the age of the data, and leaves no database', async () => {
  const { url, sql } = await openFilled();
  const { file } = await backUp(url);
  const { code, stdout } = await runCli(url, ['verify', file, '--server', server]).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/Restore time on this server \(RTO\): .* Data lost by a restore now \(RPO\): the last/);
  const { rows } = await sql.query(`select datname from pg_database where datname like 'holdfast\\_verify%'`);
  expect(rows).toEqual([]);
});

test('a verification by a user who cannot create databases names the missing right', async () => {
  const { url, sql } = await openFilled();
  const { file } = await backUp(url);
  const role = `lowly_${new URL(url).pathname.slice(-8)}`;
  await sql.query(`create role ${role} login password 'lowly'`);
  atEnd(async () => void (await sql.query(`drop role ${role}`)));
  const lowly = Object.assign(new URL(server), { username: role, password: 'lowly' }).href;
  await expect(verifyBackup({ source: readBackupFile(file), server: lowly })).rejects.toMatchObject({
    code: 'SCRATCH_REFUSED',
    message: expect.stringContaining('createdb'),
  });
});

test.each([
  ['a file in a missing folder', 'absent/backup.tar', 'no such file or directory'],
  ['a file below another file', 'file/backup.tar', 'not a directory'],
  ['a file name that is too long', 'a'.repeat(250), 'name too long'],
])('a backup to %s is refused with the message of the system', async (_, name, message) => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'file'), '');
  await expect(writeBackupFile(join(folder, name), Readable.from([]))).rejects.toMatchObject({
    code: 'BACKUP_NOT_WRITTEN',
    message: expect.stringContaining(message),
  });
});

test('pnpm db verify succeeds even if its output is closed', async () => {
  const { url } = await openFilled();
  const { file } = await backUp(url);
  const closedOutput = ['bash', '-c', '"$@" | true; exit "${PIPESTATUS[0]}"', '--', process.execPath];
  const { code, stderr } = await runCli(url, ['verify', file, '--server', server], closedOutput).ended;
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test('a file that is not a backup and a path that cannot be read get different error codes', async () => {
  const folder = makeFolder();
  for (const [name, bytes] of [
    ['empty', ''],
    ['words', 'words'.repeat(10_000)],
    ['short', 'w'],
  ] as const) {
    writeFileSync(join(folder, name), bytes);
    await expect(verify(join(folder, name)), name).rejects.toMatchObject({ code: 'NOT_A_BACKUP' });
  }
  await expect(verify(join(folder, 'absent'))).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
  await expect(verify(folder)).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
});

test('neither a backup nor the restore of one user creates a missing database', async () => {
  const folder = makeFolder();
  const dataDir = join(folder, 'absent');
  const inside = ['env', `HOLDFAST_DATA_DIR=${dataDir}`, process.execPath];
  for (const args of [
    ['backup', '--into', join(folder, 'backups')],
    ['restore', 'monday.tar', '--user', 'ada@example.org'],
  ]) {
    const { code, stderr } = await runCli('', args, inside).ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(`There is no database in ${dataDir}, and DATABASE_URL is not set.`),
    });
  }
  expect(existsSync(dataDir)).toBe(false);
});
