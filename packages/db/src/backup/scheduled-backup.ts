import { chmod, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { syncFolder } from '../files/sync-folder.ts';
import { takeBackup } from './backup.ts';
import { BackupError } from './error.ts';
import { partial, readFrom, toWriteError, writeTo } from './file.ts';
import type { OnProgress } from './progress.ts';
import { type Keep, toKept } from './retention.ts';
import { type Proof, verifyBackup } from './verify.ts';

export interface BackupIntoOptions {
  readonly url: string;
  readonly folder: string;
  readonly keep: Keep;
  /** For Prometheus' textfile collector; in the folder where it is not given. */
  readonly metrics?: string | undefined;
  /** A server to verify on; an embedded one where there is none. */
  readonly server?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface BackedUpInto {
  readonly file: string;
  readonly proof: Proof;
  /** The names of the old backups that were removed. */
  readonly removed: readonly string[];
}

export const defaultKeep: Keep = { daily: 7, weekly: 4, monthly: 12 };

/** A backup that nobody finishes for so long was left by a process that was killed. */
const leftoverMs = 86_400_000;

/**
 * Takes a backup into a folder, proves it, and only then removes old ones. A backup has the name that counts,
 * `holdfast-<time>.tar`, only once it is proven; one that could not be stays beside as `.unverified.tar`.
 *
 * @throws BackupError
 */
export async function backupInto(options: BackupIntoOptions): Promise<BackedUpInto> {
  const { url, folder, server, signal, onProgress } = options;
  await makeFolder(folder, 0o700).catch((error: unknown) => {
    throw toWriteError(folder, error);
  });
  const name = toName(new Date());
  const unverified = join(folder, name.replace(/tar$/, 'unverified.tar'));
  await takeBackup({ url, write: (bytes) => writeTo(unverified, bytes), signal, onProgress });
  const proof = await verifyBackup({ source: readFrom(unverified, signal), server, signal, onProgress });
  const file = join(folder, name);
  await rename(unverified, file);
  // On disk before anything older is removed.
  await syncFolder(folder);
  const { size } = await stat(file);
  await writeMetrics(options.metrics ?? join(folder, 'holdfast-backup.prom'), { proof, size });
  return { file, proof, removed: await prune(folder, { keep: options.keep, newest: name }) };
}

const pattern = /^holdfast-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z(\.unverified)?\.tar$/;

/** In the order of time, and without what Windows forbids in names. */
function toName(time: Date): string {
  return `holdfast-${time.toISOString().replace(/[-:.]/g, '')}.tar`;
}

function toTime(name: string): Date | undefined {
  const [, year, month, day, hour, minute, second, ms] = pattern.exec(name) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Touches nothing but what has a name of ours. */
async function prune(folder: string, { keep, newest }: { keep: Keep; newest: string }): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const verified = new Map<Date, string>();
  const removed: string[] = [];
  for (const name of names) {
    const time = toTime(name);
    if (time === undefined) await removeLeftover(folder, name);
    else if (!name.includes('.unverified')) verified.set(time, name);
    // Something newer has been proven since, and no other run can still be at it.
    else if (name < newest && Date.now() - time.getTime() > leftoverMs) removed.push(name);
  }
  const kept = toKept([...verified.keys()], keep);
  // The one that was just proven stays whatever the names of others say: a clock may have run ahead.
  removed.push(...[...verified].filter(([time, name]) => name !== newest && !kept.has(time)).map(([, name]) => name));
  for (const name of removed) await rm(join(folder, name), { force: true });
  return removed.sort();
}

async function removeLeftover(folder: string, name: string): Promise<void> {
  if (!name.startsWith(partial.prefix) || !name.endsWith(partial.suffix)) return;
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > leftoverMs) await rm(path, { force: true });
}

/** For others to read, and never half written. */
async function writeMetrics(path: string, { proof, size }: { proof: Proof; size: number }): Promise<void> {
  const takenAt = Date.parse(proof.manifest.takenAt) / 1000;
  const text = [
    gauge('last_verified_timestamp_seconds', 'The moment of the snapshot in the last verified backup.', takenAt),
    gauge('size_bytes', 'Size of the last verified backup.', size),
    gauge('restore_seconds', 'How long restoring the last verified backup took.', proof.restoreMs / 1000),
  ].join('');
  const draft = `${path}.${process.pid}`;
  try {
    await writeFile(draft, text);
    await chmod(draft, 0o644);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new BackupError(
      'METRICS_NOT_WRITTEN',
      `The backup is there and proven, but its time could not be written to ${path}: name a file in a folder that is there with --metrics.`,
      { cause },
    );
  }
}

function gauge(name: string, help: string, value: number): string {
  const metric = `holdfast_backup_${name}`;
  return `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${metric} ${value}\n`;
}
