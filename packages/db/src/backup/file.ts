import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getSystemErrorMessage } from 'node:util';
import { syncFolder } from '../files/sync-folder.ts';
import { BackupError } from './error.ts';

/** The path that means standard input or output. */
export const standardStream = '-';

/** Marks a file that is still being written. A killed process leaves it behind. */
export const partialName = { prefix: '.holdfast-', suffix: '.partial' } as const;

/**
 * Yields the bytes of a backup.
 *
 * @throws BackupError `BACKUP_UNREADABLE`
 */
export async function* readBackupFile(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const stream = path === standardStream ? process.stdin : createReadStream(path, { highWaterMark: 2 ** 18 });
  if (signal !== undefined) addAbortSignal(signal, stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new BackupError(
      'BACKUP_UNREADABLE',
      `${path} cannot be read (${getSystemErrorMessage(cause.errno)}). Check the path and its permissions.`,
      {
        cause,
      },
    );
  }
}

/**
 * Writes a file that only its owner can read. The file gets its name once all bytes are on disk; if that fails, no file
 * has the name.
 *
 * @throws BackupError `BACKUP_EXISTS` or `BACKUP_NOT_WRITTEN`
 */
export async function writeBackupFile(path: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  if (path === standardStream) return writeToStandardOutput(bytes);
  await assertNoFile(path);
  const draft = join(
    dirname(path),
    `${partialName.prefix}${basename(path)}.${randomBytes(4).toString('hex')}${partialName.suffix}`,
  );
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await renameDraft(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // The cause of the error can also prevent the removal.
    await rm(draft, { force: true }).catch(() => {});
    throw toWriteError(path, error);
  }
}

/** Claims the name with an exclusive open, so that only one of several writers gets it. Not every file system has hard links. */
async function renameDraft(draft: string, path: string): Promise<void> {
  const claim = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw isSystemError(error) && error.code === 'EEXIST' ? toExistsError(path) : error;
  });
  await claim.close();
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
}

async function writeToStandardOutput(bytes: AsyncIterable<Buffer>): Promise<void> {
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), process.stdout, { end: false });
  } catch (error) {
    throw toWriteError('standard output', error);
  }
}

async function assertNoFile(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw toExistsError(path);
}

function toExistsError(path: string): BackupError {
  return new BackupError('BACKUP_EXISTS', `The file ${path} already exists. Choose another name or move the file.`);
}

/** Maps an error of the file system to `BACKUP_NOT_WRITTEN`. Other errors are returned unchanged. */
export function toWriteError(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const reason = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(error.code)
    ? 'no space left on the device'
    : getSystemErrorMessage(error.errno);
  return new BackupError(
    'BACKUP_NOT_WRITTEN',
    `The backup could not be written to ${path} (${reason}). No usable backup was created.`,
    { cause: error },
  );
}

function isSystemError(error: unknown): error is Error & { code: string; errno: number } {
  return (
    error instanceof Error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    'code' in error &&
    typeof error.code === 'string'
  );
}
