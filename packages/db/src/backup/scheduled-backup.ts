import { randomBytes } from 'node:crypto';
import { chmod, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { syncFolder } from '../files/sync-folder.ts';
import { takeBackup } from './backup.ts';
import { addToErasedUsers, readErasedUsers } from './erased-users.ts';
import { BackupError } from './error.ts';
import { partialName, readBackupFile, toWriteError, writeBackupFile } from './file.ts';
import { type RetentionPolicy, selectRetained } from './retention.ts';
import { assertScratchPossible, type Verification, verifyBackup, type VerifyOptions } from './verify.ts';

export interface ScheduledBackupOptions extends Omit<VerifyOptions, 'source'> {
  readonly url: string;
  readonly folder: string;
  readonly retention: RetentionPolicy;
  /** The file for Prometheus' textfile collector. Default: `holdfast-backup.prom` in the folder. */
  readonly metrics?: string | undefined;
}

export interface ScheduledBackup {
  readonly file: string;
  readonly verification: Verification;
  /** The names of the removed old backups. */
  readonly removed: readonly string[];
}

export const defaultRetention: Required<RetentionPolicy> = { last: 0, hourly: 0, daily: 7, weekly: 4, monthly: 12 };

/** No backup runs longer than this, so an older incomplete file was left by a killed process. */
const leftoverMs = 86_400_000;

/**
 * Takes a backup into a folder, verifies it, and then removes old backups. Before it reads the database, it checks that it
 * can write to the folder and to the metrics, and that it can create a scratch database. The backup gets its final name,
 * `holdfast-<time>.tar`, after it is verified. A backup that fails verification stays as `holdfast-<time>.unverified.tar`.
 *
 * @throws BackupError
 */
export async function takeScheduledBackup(options: ScheduledBackupOptions): Promise<ScheduledBackup> {
  const { url, folder, server, signal, onProgress } = options;
  await makeFolder(folder, 0o700).catch((error: unknown) => {
    throw toWriteError(folder, error);
  });
  const metrics = options.metrics ?? join(folder, 'holdfast-backup.prom');
  await assertWritable(folder);
  await assertWritable(dirname(metrics)).catch((cause: unknown) => throwMetricsError(metrics, cause));
  await assertScratchPossible({ server, signal });
  const name = toName(new Date());
  const unverified = join(folder, name.replace(/tar$/, 'unverified.tar'));
  await takeBackup({ url, write: (bytes) => writeBackupFile(unverified, bytes), signal, onProgress });
  const source = readBackupFile(unverified, signal);
  const verification = await verifyBackup({ source, server, signal, onProgress });
  const file = join(folder, name);
  await rename(unverified, file);
  // The new name must be on disk before old backups are removed.
  await syncFolder(folder);
  await addToErasedUsers(folder, await readErasedUsers(url, signal));
  const { size } = await stat(file);
  await writeMetrics(metrics, { verification, size });
  return { file, verification, removed: await prune(folder, { retention: options.retention, newest: name }) };
}

const pattern = /^holdfast-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z(\.unverified)?\.tar$/;

/** Names sort by time and avoid characters that Windows forbids. */
function toName(time: Date): string {
  return `holdfast-${time.toISOString().replace(/[-:.]/g, '')}.tar`;
}

function toTime(name: string): Date | undefined {
  const [, year, month, day, hour, minute, second, ms] = pattern.exec(name) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

interface PruneOptions {
  readonly retention: RetentionPolicy;
  /** The name of the backup that was just verified. */
  readonly newest: string;
}

/** Removes old backups and leftovers. Ignores files with other names. */
async function prune(folder: string, { retention, newest }: PruneOptions): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const verified = new Map<Date, string>();
  const removed: string[] = [];
  for (const name of names) {
    const time = toTime(name);
    if (time === undefined) await removeLeftover(folder, name);
    else if (!name.includes('.unverified')) verified.set(time, name);
    // A newer backup is verified, and no other run can still be verifying this one.
    else if (name < newest && Date.now() - time.getTime() > leftoverMs) removed.push(name);
  }
  const retained = selectRetained([...verified.keys()], retention);
  // A clock that was ahead can leave names with later times, so the new backup is exempt.
  removed.push(
    ...[...verified].filter(([time, name]) => name !== newest && !retained.has(time)).map(([, name]) => name),
  );
  for (const name of removed) await rm(join(folder, name), { force: true });
  return removed.sort();
}

async function removeLeftover(folder: string, name: string): Promise<void> {
  if (!name.startsWith(partialName.prefix) || !name.endsWith(partialName.suffix)) return;
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true });
}

/** Writes a file that every user can read. The rename makes it appear complete. */
async function writeMetrics(
  path: string,
  { verification, size }: { verification: Verification; size: number },
): Promise<void> {
  const takenAt = Date.parse(verification.manifest.takenAt) / 1000;
  const text = [
    gauge('last_verified_timestamp_seconds', 'Time of the snapshot in the last verified backup.', takenAt),
    gauge('size_bytes', 'Size of the last verified backup.', size),
    gauge('restore_seconds', 'Duration of the restore that verified the last backup.', verification.restoreMs / 1000),
  ].join('');
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, text);
    await chmod(draft, 0o644);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throwMetricsError(path, cause);
  }
}

function throwMetricsError(path: string, cause: unknown): never {
  throw new BackupError(
    'METRICS_NOT_WRITTEN',
    `The metrics cannot be written to ${path}. Pass --metrics with a file in an existing folder.`,
    { cause },
  );
}

/** Writes and removes a file, because permissions do not show a read-only or full file system. */
async function assertWritable(folder: string): Promise<void> {
  const probe = join(folder, `${partialName.prefix}probe.${randomBytes(4).toString('hex')}${partialName.suffix}`);
  try {
    await writeFile(probe, 'x', { flag: 'wx' });
  } catch (error) {
    throw toWriteError(folder, error);
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}

function gauge(name: string, help: string, value: number): string {
  const metric = `holdfast_backup_${name}`;
  return `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${metric} ${value}\n`;
}
