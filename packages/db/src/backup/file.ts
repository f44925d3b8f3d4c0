import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getSystemErrorMessage } from 'node:util';
import { syncFolder } from '../files/sync-folder.ts';
import { BackupError } from './error.ts';

/** The name that stands for standard input and output. */
export const standardStream = '-';

/** What a file is called until it is whole; `prefix` is for whoever clears up after a process that was killed. */
export const partial = { prefix: '.holdfast-', suffix: '.partial' } as const;

/**
 * The bytes of a backup.
 *
 * @throws BackupError `BACKUP_UNREADABLE` while they are read.
 */
export async function* readFrom(path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const stream = path === standardStream ? process.stdin : createReadStream(path, { highWaterMark: 2 ** 18 });
  if (signal !== undefined) addAbortSignal(signal, stream);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new BackupError('BACKUP_UNREADABLE', `${path} cannot be read (${getSystemErrorMessage(cause.errno)}).`, {
      cause,
    });
  }
}

/**
 * Keeps the bytes under this name once all of them are on disk, for the owner's eyes only; until then, and if it does not
 * come to that, there is no file by that name.
 *
 * @throws BackupError `BACKUP_EXISTS` or `BACKUP_NOT_WRITTEN`.
 */
export async function writeTo(path: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  if (path === standardStream) return writeToStandardOutput(bytes);
  await assertFree(path);
  const draft = join(
    dirname(path),
    `${partial.prefix}${basename(path)}.${randomBytes(4).toString('hex')}${partial.suffix}`,
  );
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveTo(path, draft);
    await syncFolder(dirname(path));
  } catch (error) {
    // What kept the draft from being made can keep it from being removed.
    await rm(draft, { force: true }).catch(() => {});
    throw toWriteError(path, error);
  }
}

/** Of all who want the name at once, only one can make a file by it. A link would do, where links are known. */
async function moveTo(path: string, draft: string): Promise<void> {
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

async function assertFree(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) throw toExistsError(path);
}

function toExistsError(path: string): BackupError {
  return new BackupError('BACKUP_EXISTS', `There is already a file ${path}: choose another name, or move it away.`);
}

/** What the file system refused, in words; other errors stay as they are. */
export function toWriteError(path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const reason = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(error.code)
    ? 'there is no space left for it'
    : getSystemErrorMessage(error.errno);
  return new BackupError(
    'BACKUP_NOT_WRITTEN',
    `The backup could not be written to ${path} (${reason}): nothing there is a backup.`,
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
