import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { type ArchiveEntry, toArchive } from './archive.ts';
import { headFile, type Manifest, manifestFile } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { createTally } from './rows.ts';
import { toLoadSql, toSchemaSql } from './schema-sql.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import type { Table } from './tables.ts';

export interface BackupOptions {
  /** A direct connection as the owner of the tables, or as a user that row level security does not bind. */
  readonly url: string;
  /** Takes the bytes; when it fails or stops early, nothing more is read. */
  readonly write: (bytes: AsyncIterable<Buffer>) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Writes one consistent snapshot of the whole database as a tar file, while others go on writing to it.
 *
 * @throws BackupError `ROWS_HIDDEN`, `UNKNOWN_TABLES` or `MISSING_TABLES`; whatever `write` throws.
 * @throws DatabaseUnavailableError where the database cannot be reached or the connection is lost.
 */
export async function takeBackup({ url, write, signal, onProgress }: BackupOptions): Promise<Manifest> {
  const snapshot = await openSnapshot(url, signal);
  let manifest: Manifest | undefined;
  try {
    const entries = toEntries(snapshot, { onProgress, onManifest: (whole) => (manifest = whole) });
    await write(toArchive(entries, new Date(snapshot.head.takenAt)));
  } finally {
    await snapshot.close();
  }
  return manifest!;
}

interface EntryOptions {
  readonly onProgress: OnProgress | undefined;
  readonly onManifest: (manifest: Manifest) => void;
}

async function* toEntries(snapshot: Snapshot, { onProgress, onManifest }: EntryOptions): AsyncGenerator<ArchiveEntry> {
  const { head, guardedTables } = snapshot;
  yield toJsonEntry(headFile, head);
  yield { name: 'schema.sql', content: Buffer.from(await toSchemaSql(head.migrations)) };
  yield { name: 'load.sql', content: Buffer.from(toLoadSql(guardedTables)) };
  const tables: Manifest['tables'][number][] = [];
  for (const table of head.tables) {
    const tally = createTally();
    let part = 0;
    for await (const bytes of toParts(snapshot.readRows(table))) {
      tally.add(bytes);
      part += 1;
      yield { name: toPartName(table, part), content: await compress(bytes, compression) };
      onProgress?.({ table: table.name, rows: tally.rows, bytes: tally.bytes });
    }
    tables.push({ ...table, ...tally.toTotals() });
  }
  const manifest: Manifest = { ...head, tables };
  yield toJsonEntry(manifestFile, manifest);
  onManifest(manifest);
}

const compress = promisify(zstdCompress);
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

/** What is held in memory at once; a part is larger by at most one chunk of what the connection gives. */
const partBytes = 2 ** 20;

/** No part unpacks to more; what claims to is not what was written. */
export const partLimitBytes = 16 * partBytes;

/** The files that a table's rows are in, numbered so that a shell names them in order. */
export function toPartName({ name }: Pick<Table, 'name'>, part: number): string {
  return `tables/${name}.${String(part).padStart(8, '0')}.copy.zst`;
}

/** Pieces of about one size, at least one. */
async function* toParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let [size, parts] = [0, 0];
  for await (const chunk of chunks) {
    held.push(chunk);
    size += chunk.length;
    if (size < partBytes) continue;
    yield Buffer.concat(held);
    parts += 1;
    [held, size] = [[], 0];
  }
  if (size > 0 || parts === 0) yield Buffer.concat(held);
}

function toJsonEntry(name: string, value: object): ArchiveEntry {
  return { name, content: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) };
}
