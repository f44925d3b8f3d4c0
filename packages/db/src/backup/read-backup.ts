import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type ArchiveEntry, readArchive } from './archive.ts';
import { partLimitBytes, toPartName } from './backup.ts';
import type { BackupTable } from './catalog.ts';
import { BackupError, toDamagedError } from './error.ts';
import { type Head, headFile, type Manifest, manifestFile, notABackup, parseHead, parseManifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { createTableHash, type TableDigest } from './rows.ts';

/** Reads a backup once, from beginning to end. */
export interface BackupReader {
  readonly head: Head;
  /**
   * Passes the rows of each table to `load`, one table after another. The backup is verified only when this method
   * returns, so the caller must be able to roll back until then.
   *
   * @throws BackupError `BACKUP_DAMAGED`
   */
  readTables(load: (table: BackupTable, rows: AsyncIterable<Buffer>) => Promise<void>): Promise<Manifest>;
  close(): Promise<void>;
}

/** @throws BackupError `NOT_A_BACKUP` or `BACKUP_DAMAGED` */
export async function openBackup(source: AsyncIterable<Buffer>, onProgress?: OnProgress): Promise<BackupReader> {
  const entries = readArchive(source);
  const next = async () => (await entries.next()).value as ArchiveEntry | undefined;
  try {
    const head = await readHead(next);
    return {
      head,
      readTables: (load) => readTables(next, { head, load, onProgress }),
      close: async () => void (await entries.return(undefined)),
    };
  } catch (error) {
    await entries.return(undefined);
    throw error;
  }
}

type Next = () => Promise<ArchiveEntry | undefined>;

async function readHead(next: Next): Promise<Head> {
  let first: ArchiveEntry | undefined;
  try {
    first = await next();
  } catch (error) {
    if (!(error instanceof BackupError && error.code === 'BACKUP_DAMAGED')) throw error;
    throw new BackupError('NOT_A_BACKUP', notABackup, { cause: error });
  }
  if (first?.name !== headFile) throw new BackupError('NOT_A_BACKUP', notABackup);
  const head = parseHead(first.content.toString());
  // Only psql needs these two files.
  for (const name of ['schema.sql', 'load.sql']) {
    if ((await next())?.name !== name) throw toDamagedError(`${name} is missing`);
  }
  return head;
}

interface ReadOptions {
  readonly head: Head;
  readonly load: (table: BackupTable, rows: AsyncIterable<Buffer>) => Promise<void>;
  readonly onProgress: OnProgress | undefined;
}

async function readTables(next: Next, { head, load, onProgress }: ReadOptions): Promise<Manifest> {
  const digests: TableDigest[] = [];
  let entry = await next();

  async function* readParts(table: BackupTable): AsyncGenerator<Buffer> {
    const hash = createTableHash();
    let part = 1;
    for (; entry?.name === toPartName(table, part); part++) {
      const bytes = await decompressEntry(entry);
      hash.update(bytes);
      onProgress?.({ table: table.name, rows: hash.rows, bytes: hash.bytes });
      yield bytes;
      entry = await next();
    }
    if (part === 1) throw toDamagedError(`the rows of ${table.name} are missing`);
    digests.push(hash.digest());
  }

  for (const table of head.tables) await load(table, readParts(table));
  if (entry?.name !== manifestFile) throw toDamagedError(`${manifestFile} is missing or misplaced`);
  const manifest = parseManifest(entry.content.toString(), head);
  manifest.tables.forEach((table, at) => assertSameDigest(table, digests[at]!));
  if ((await next()) !== undefined) throw toDamagedError(`an entry follows ${manifestFile}`);
  return manifest;
}

function assertSameDigest(expected: BackupTable & TableDigest, actual: TableDigest): void {
  const { rows, bytes, sha256 } = expected;
  if (rows === actual.rows && bytes === actual.bytes && sha256 === actual.sha256) return;
  throw toDamagedError(`the rows of ${expected.name} do not match ${manifestFile}`);
}

const decompress = promisify(zstdDecompress);

async function decompressEntry({ name, content }: ArchiveEntry): Promise<Buffer> {
  try {
    return await decompress(content, { maxOutputLength: partLimitBytes });
  } catch (error) {
    throw toDamagedError(`${name} cannot be decompressed`, { cause: error });
  }
}
