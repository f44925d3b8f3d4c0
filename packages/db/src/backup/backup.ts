import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { type ArchiveEntry, toArchive } from './archive.ts';
import type { BackupTable } from './catalog.ts';
import { headFile, type Manifest, manifestFile } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { createTableHash } from './rows.ts';
import { toLoadSql, toSchemaSql } from './schema-sql.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';

export interface BackupOptions {
  /** The user must own the tables or bypass row-level security. */
  readonly url: string;
  /** Stores the bytes. If it fails or stops early, the backup reads no more rows. */
  readonly write: (bytes: AsyncIterable<Buffer>) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/**
 * Writes a consistent snapshot of the whole database as a tar file. Other clients can read and write during the backup.
 *
 * @throws BackupError `ROWS_HIDDEN`, `READ_REPLICA`, `TABLES_DISTRIBUTED`, `UNKNOWN_TABLES`, `MISSING_TABLES` or `TABLE_CHANGED`. Errors of
 *   `write` are passed on.
 * @throws DatabaseUnavailableError if the database cannot be reached or the connection is lost.
 */
export async function takeBackup({ url, write, signal, onProgress }: BackupOptions): Promise<Manifest> {
  const snapshot = await openSnapshot(url, signal);
  let manifest: Manifest | undefined;
  try {
    const entries = toEntries(snapshot, { onProgress, onManifest: (complete) => (manifest = complete) });
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
  const { head, tables: catalogTables } = snapshot;
  yield toJsonEntry(headFile, head);
  yield { name: 'schema.sql', content: Buffer.from(await toSchemaSql(head.migrations)) };
  yield { name: 'load.sql', content: Buffer.from(toLoadSql(catalogTables)) };
  const tables: Manifest['tables'][number][] = [];
  for (const table of head.tables) {
    const hash = createTableHash();
    let part = 0;
    for await (const bytes of toParts(snapshot.readRows(table))) {
      hash.update(bytes);
      part += 1;
      yield { name: toPartName(table, part), content: await compress(bytes, compression) };
      onProgress?.({ table: table.name, rows: hash.rows, bytes: hash.bytes });
    }
    tables.push({ ...table, ...hash.digest() });
  }
  const manifest: Manifest = { ...head, tables };
  yield toJsonEntry(manifestFile, manifest);
  onManifest(manifest);
}

const compress = promisify(zstdCompress);
const compression = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

/** A part is larger than this by at most one chunk from the connection. */
const partBytes = 2 ** 20;

/** The most bytes that a part may have after decompression. Larger parts are treated as damage. */
export const partLimitBytes = 16 * partBytes;

/** The name of a file with some of the table's rows. The zeros make a shell list the parts in order. */
export function toPartName({ name }: Pick<BackupTable, 'name'>, part: number): string {
  return `tables/${name}.${String(part).padStart(8, '0')}.copy.zst`;
}

/** Joins chunks into parts of about `partBytes`. Yields at least one part, which is empty if there are no chunks. */
async function* toParts(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let [size, parts] = [0, 0];
  for await (const chunk of chunks) {
    pending.push(chunk);
    size += chunk.length;
    if (size < partBytes) continue;
    yield Buffer.concat(pending);
    parts += 1;
    [pending, size] = [[], 0];
  }
  if (size > 0 || parts === 0) yield Buffer.concat(pending);
}

function toJsonEntry(name: string, value: object): ArchiveEntry {
  return { name, content: Buffer.from(`${JSON.stringify(value, null, 2)}\n`) };
}
