import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { takeScheduledBackup, defaultRetention } from '../../src/backup/scheduled-backup.ts';
import { atEnd, connect, openBareDatabase } from '../fixture.ts';
import { fill } from './fill.ts';
import { findMissingProgram, makeFolder, runCli, server, verify } from './fixture.ts';

const { url } = await openBareDatabase();
await fill(await connect(url));
const retainNone = { daily: 0, weekly: 0, monthly: 0 };

function place(folder: string, ...names: string[]): void {
  for (const name of names) writeFileSync(join(folder, name), name);
}

test('a scheduled backup is verified, gets its final name, and writes its snapshot time for Prometheus', async () => {
  const folder = join(makeFolder(), 'deeper', 'backups');
  const { file, verification, removed } = await takeScheduledBackup({
    url,
    folder,
    retention: defaultRetention,
    server,
  });
  expect(basename(file)).toMatch(/^holdfast-\d{8}T\d{9}Z\.tar$/);
  expect(readdirSync(folder)).toEqual([basename(file), 'holdfast-backup.prom', 'holdfast-erased-users.txt']);
  expect(removed).toEqual([]);
  expect((await verify(file)).manifest).toEqual(verification.manifest);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const metrics = readFileSync(join(folder, 'holdfast-backup.prom'), 'utf8');
  const time = /^holdfast_backup_last_verified_timestamp_seconds (\S+)$/m.exec(metrics)?.[1];
  expect(Number(time) * 1000).toBeCloseTo(Date.parse(verification.manifest.takenAt), 0);
  expect(statSync(join(folder, 'holdfast-backup.prom')).mode & 0o777).toBe(0o644);
});

test('old backups are removed after a new one is verified, and files with other names stay', async () => {
  const folder = makeFolder();
  const old = ['holdfast-20260101T000000000Z.tar', 'holdfast-20260102T000000000Z.tar'];
  const foreign = [
    'holdfast-mine.tar',
    'notes.txt',
    'holdfast-20260101T000000000Z.tar.age',
    'holdfast-20269999T000000000Z.tar',
  ];
  mkdirSync(join(folder, 'holdfast-20250101T000000000Z.tar'));
  place(folder, ...old, 'holdfast-20260103T000000000Z.unverified.tar', ...foreign, '.holdfast-x.partial');
  utimesSync(join(folder, '.holdfast-x.partial'), new Date(2026, 0), new Date(2026, 0));
  const { file, removed } = await takeScheduledBackup({ url, folder, retention: { ...retainNone, daily: 2 }, server });
  expect(removed).toEqual([old[0], 'holdfast-20260103T000000000Z.unverified.tar']);
  expect(new Set(readdirSync(folder))).toEqual(
    new Set([
      old[1],
      basename(file),
      'holdfast-backup.prom',
      'holdfast-erased-users.txt',
      'holdfast-20250101T000000000Z.tar',
      ...foreign,
    ]),
  );
});

test('the name of a new backup is on disk before an old backup is removed', async (context) => {
  const missing = findMissingProgram('strace');
  context.skip(missing !== undefined, `${missing} is not installed`);
  const folder = makeFolder();
  place(folder, 'holdfast-20260101T000000000Z.tar');
  const log = join(makeFolder(), 'calls');
  const traced = ['strace', '-f', '-o', log, '-e', 'trace=/^(rename|fsync|unlink)', process.execPath];
  const keep = ['daily', 'weekly', 'monthly'].flatMap((name) => [`--keep-${name}`, '0']);
  const { code, stderr } = await runCli(url, ['backup', '--into', folder, '--server', server, ...keep], traced).ended;
  context.skip(/PTRACE/.test(stderr), 'tracing is not permitted here');
  expect(code).toBe(0);
  const calls = readFileSync(log, 'utf8');
  let at = 0;
  for (const step of [/rename\("[^"]*\.unverified\.tar"/, /fsync\(/, /unlink\w*\(.*holdfast-20260101/]) {
    const found = calls.slice(at).search(step);
    expect(found, String(step)).not.toBe(-1);
    at += found;
  }
});

test.skipIf(!existsSync('/proc/self'))('a backup folder that cannot be created is named in the error', async () => {
  const backup = takeScheduledBackup({ url, folder: '/proc/holdfast/backups', retention: defaultRetention, server });
  await expect(backup).rejects.toMatchObject({
    code: 'BACKUP_NOT_WRITTEN',
    message: expect.stringContaining('/proc/holdfast/backups'),
  });
});

test('the newest verified backup stays even if the policy retains no backups', async () => {
  const folder = makeFolder();
  const first = await takeScheduledBackup({ url, folder, retention: retainNone, server });
  const second = await takeScheduledBackup({ url, folder, retention: retainNone, server });
  expect(second.removed).toEqual([basename(first.file)]);
  expect(existsSync(second.file)).toBe(true);
});

test('a backup with a name in the future does not cause the removal of the newest verified backup', async () => {
  const folder = makeFolder();
  place(folder, 'holdfast-29990101T000000000Z.tar');
  const { file } = await takeScheduledBackup({ url, folder, retention: retainNone, server });
  expect(existsSync(file)).toBe(true);
});

test('if verification fails, no backup is removed, the metrics stay unchanged, and the new backup stays marked unverified', async () => {
  const folder = makeFolder();
  const old = ['holdfast-20260101T000000000Z.tar', 'holdfast-20260102T000000000Z.tar'];
  place(folder, ...old, 'holdfast-backup.prom');
  // This user can create a database, but cannot restore into it.
  const role = `verifier_${new URL(url).pathname.slice(-8)}`;
  const sql = await connect(server);
  await sql.query(`create role ${role} login createdb password 'verify'`);
  atEnd(async () => void (await sql.query(`drop role ${role}`)));
  const lowly = Object.assign(new URL(server), { username: role, password: 'verify' }).href;
  const backup = takeScheduledBackup({ url, folder, retention: retainNone, server: lowly });
  await expect(backup).rejects.toMatchObject({ name: expect.stringMatching(/AccessRefused|RowSecurity/) });
  const names = readdirSync(folder);
  expect(names).toEqual(expect.arrayContaining([...old, expect.stringMatching(/\.unverified\.tar$/)]));
  expect(names.filter((name) => name.endsWith('Z.tar'))).toEqual(old);
  expect(readFileSync(join(folder, 'holdfast-backup.prom'), 'utf8')).toBe('holdfast-backup.prom');
});

test.each([
  [
    'a server for verification that does not respond',
    { server: 'postgresql://nobody@127.0.0.1:1/nothing' },
    'DATABASE_UNAVAILABLE',
  ],
  ['a folder for metrics that does not exist', { server, metrics: '/nowhere/backup.prom' }, 'METRICS_NOT_WRITTEN'],
])('%s is reported before a backup is written', async (_, given, code) => {
  const folder = makeFolder();
  await expect(takeScheduledBackup({ url, folder, retention: retainNone, ...given })).rejects.toMatchObject({ code });
  expect(readdirSync(folder)).toEqual([]);
});

test('hourly backups are retained with --keep-hourly and --keep-last', async () => {
  const folder = makeFolder();
  place(
    folder,
    ...[1, 2, 3, 4].map((hour) => `holdfast-20260101T0${hour}0000000Z.tar`),
    'holdfast-20260101T041500000Z.tar',
  );
  const none = ['daily', 'weekly', 'monthly'].flatMap((name) => [`--keep-${name}`, '0']);
  const args = ['backup', '--into', folder, '--server', server, ...none, '--keep-hourly', '3', '--keep-last', '3'];
  const { code, stdout } = await runCli(url, args).ended;
  expect(code).toBe(0);
  expect(stdout).toContain('Removed holdfast-20260101T010000000Z.tar, holdfast-20260101T020000000Z.tar.');
  expect(readdirSync(folder).filter((name) => name.startsWith('holdfast-2026'))).toEqual(
    expect.arrayContaining([
      'holdfast-20260101T030000000Z.tar',
      'holdfast-20260101T040000000Z.tar',
      'holdfast-20260101T041500000Z.tar',
    ]),
  );
});

test('a backup that fails leaves the folder unchanged', async () => {
  const folder = makeFolder();
  place(folder, 'holdfast-20260101T000000000Z.tar');
  const options = { url: 'postgresql://nobody@127.0.0.1:1/nothing', folder, retention: retainNone, server };
  await expect(takeScheduledBackup(options)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(readdirSync(folder)).toEqual(['holdfast-20260101T000000000Z.tar']);
});

test('a file at the path of the backup folder is refused with a message and stays unchanged', async () => {
  const folder = join(makeFolder(), 'file');
  writeFileSync(folder, 'file');
  await expect(takeScheduledBackup({ url, folder, retention: retainNone, server })).rejects.toMatchObject({
    code: 'BACKUP_NOT_WRITTEN',
    message: expect.stringContaining('file already exists'),
  });
  expect(readFileSync(folder, 'utf8')).toBe('file');
});

test('the metrics are written to the file given with --metrics', async () => {
  const [folder, collector] = [makeFolder(), makeFolder()];
  const args = ['backup', '--into', folder, '--server', server, '--metrics', join(collector, 'backup.prom')];
  const { code, stdout } = await runCli(url, args).ended;
  expect(stdout).toContain('Verified. The file is intact');
  expect(code).toBe(0);
  expect(readdirSync(collector)).toEqual(['backup.prom']);
});

test.each([
  [['backup'], 'expected either a file or --into'],
  [['backup', 'a.tar', '--into', 'folder'], 'expected either a file or --into'],
  [['backup', '--into', 'folder', '--keep-daily', 'all'], 'number from 0'],
  [['restore', 'a.tar', '--yes'], 'require --user'],
])('the arguments %j are refused with a usage error that contains "%s"', async (args, message) => {
  const { code, stderr } = await runCli(url, args).ended;
  expect(code).toBe(1);
  expect(stderr).toContain(message);
});
