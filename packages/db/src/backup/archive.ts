import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import { type BackupError, toDamagedError } from './error.ts';

/** A file inside the archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content: Buffer;
}

const blockBytes = 512;
const endBytes = 2 * blockBytes;
const checksumName = 'sha256';
/** The checksum entry at the end: its header, its content in one block, and the end of the archive. */
const trailerBytes = 2 * blockBytes + endBytes;

/** Larger than every real entry. A larger one is not read into memory. */
const entryLimitBytes = 64 * 2 ** 20;

/**
 * Returns the bytes of a tar file with these entries and a checksum as its last entry: the SHA-256 of all bytes before it.
 * The checksum covers headers and padding too, so every changed, missing or additional byte is detected.
 */
export async function* toArchive(entries: AsyncIterable<ArchiveEntry>, mtime: Date): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const entry of entries) {
    const bytes = (await toTar(entry, mtime)).subarray(0, -endBytes);
    hash.update(bytes);
    yield bytes;
  }
  yield await toTrailer(hash.digest('hex'));
}

/**
 * Yields the entries of an archive in order, without the checksum. The checksum is verified only when the caller reads
 * past the last entry.
 *
 * @throws BackupError `BACKUP_DAMAGED` if the bytes differ from those that were written.
 */
export async function* readArchive(source: AsyncIterable<Buffer>): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  let mismatch: BackupError | undefined;
  const bytes = withoutTrailer(source, (error) => (mismatch = error));
  const feeding = pipeline(Readable.from(bytes, { objectMode: false }), entries);
  // The loop over the entries throws the same error.
  feeding.catch(() => {});
  try {
    for await (const entry of entries) {
      const { name, size } = entry.header;
      if (size === undefined || size > entryLimitBytes) throw toDamagedError('an entry is larger than any can be');
      yield { name, content: await buffer(entry) };
    }
    await feeding;
    if (mismatch !== undefined) throw mismatch;
  } catch (error) {
    throw isTarError(error) ? (mismatch ?? toDamagedError('a part of it is not tar', { cause: error })) : error;
  } finally {
    entries.destroy();
  }
}

/** Yields all bytes before the checksum. Reports a wrong checksum instead of throwing, so that a damaged entry is named first. */
async function* withoutTrailer(
  source: AsyncIterable<Buffer>,
  onMismatch: (error: BackupError) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let tail = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = Buffer.concat([tail, chunk]);
    const end = Math.max(0, bytes.length - trailerBytes);
    tail = bytes.subarray(end);
    if (end === 0) continue;
    hash.update(bytes.subarray(0, end));
    yield bytes.subarray(0, end);
  }
  if (tail.equals(await toTrailer(hash.digest('hex')))) return;
  const hasChecksum = tail.subarray(0, checksumName.length).toString('latin1') === checksumName;
  onMismatch(
    toDamagedError(
      hasChecksum
        ? 'its checksum does not match, so some bytes were changed'
        : 'its checksum is missing, so the file was truncated or its end was changed',
    ),
  );
}

function toTrailer(digest: string): Promise<Buffer> {
  return toTar({ name: checksumName, content: Buffer.from(`${digest}\n`) }, new Date(0));
}

/** A tar file with one entry. */
async function toTar({ name, content }: ArchiveEntry, mtime: Date): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, mtime, mode: 0o600 }, content);
  archive.finalize();
  return buffer(archive);
}

/** tar-stream throws a plain `Error` without a code if the bytes are not tar. */
function isTarError(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error && !('code' in error);
}
