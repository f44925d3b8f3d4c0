import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract, pack } from 'tar-stream';
import { type BackupError, toDamage } from './error.ts';

/** A file within the archive. */
export interface ArchiveEntry {
  readonly name: string;
  readonly content: Buffer;
}

const blockBytes = 512;
const endBytes = 2 * blockBytes;
const sealName = 'sha256';
/** The seal's header, its content in one block, and the end of the archive. */
const sealBytes = 2 * blockBytes + endBytes;

/** More than any entry has; what claims to be larger is not read into memory. */
const entryLimitBytes = 64 * 2 ** 20;

/**
 * The bytes of a tar file with these entries, and with a seal as its last: the SHA-256 of every byte before the seal. So
 * no byte can change, be missing or be too many without being noticed, headers and padding included.
 */
export async function* toArchive(entries: AsyncIterable<ArchiveEntry>, mtime: Date): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const entry of entries) {
    const bytes = (await toTar(entry, mtime)).subarray(0, -endBytes);
    hash.update(bytes);
    yield bytes;
  }
  yield await toSeal(hash.digest('hex'));
}

/**
 * The entries of an archive in their order, but for the seal. Reading on after the last one is what proves the seal.
 *
 * @throws BackupError `BACKUP_DAMAGED` where the bytes are not those that were written.
 */
export async function* readArchive(source: AsyncIterable<Buffer>): AsyncGenerator<ArchiveEntry> {
  const entries = extract();
  let broken: BackupError | undefined;
  const bytes = unseal(source, (problem) => (broken = problem));
  const feeding = pipeline(Readable.from(bytes, { objectMode: false }), entries);
  // The entries fail with the same error.
  feeding.catch(() => {});
  try {
    for await (const entry of entries) {
      const { name, size } = entry.header;
      if (size === undefined || size > entryLimitBytes)
        throw toDamage('it has an entry that is larger than any can be');
      yield { name, content: await buffer(entry) };
    }
    await feeding;
    if (broken !== undefined) throw broken;
  } catch (error) {
    throw isTarError(error) ? (broken ?? toDamage('it has a place that is no longer tar', { cause: error })) : error;
  } finally {
    entries.destroy();
  }
}

/** Everything before the seal. What is wrong with the seal is only told, so that an entry can still be named for it. */
async function* unseal(
  source: AsyncIterable<Buffer>,
  onBroken: (problem: BackupError) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let held = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes = Buffer.concat([held, chunk]);
    const end = Math.max(0, bytes.length - sealBytes);
    held = bytes.subarray(end);
    if (end === 0) continue;
    hash.update(bytes.subarray(0, end));
    yield bytes.subarray(0, end);
  }
  if (held.equals(await toSeal(hash.digest('hex')))) return;
  const isSealed = held.subarray(0, sealName.length).toString('latin1') === sealName;
  onBroken(
    toDamage(
      isSealed
        ? 'the seal at its end does not fit the bytes before it, so some of them were changed'
        : 'the seal at its end is missing, so the file was cut short or changed there',
    ),
  );
}

function toSeal(digest: string): Promise<Buffer> {
  return toTar({ name: sealName, content: Buffer.from(`${digest}\n`) }, new Date(0));
}

/** A tar file with one entry. */
async function toTar({ name, content }: ArchiveEntry, mtime: Date): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name, mtime, mode: 0o600 }, content);
  archive.finalize();
  return buffer(archive);
}

/** What tar-stream says of a file that is none is a plain error without a code. */
function isTarError(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error && !('code' in error);
}
