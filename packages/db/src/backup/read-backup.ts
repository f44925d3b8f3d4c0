import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type ArchiveEntry, readArchive } from './archive.ts';
import { partLimitBytes, toPartName } from './backup.ts';
import type { BackupTable } from './catalog.ts';
import { BackupError, RejectedRowsError, toDamagedError } from './error.ts';
import { type Head, headFile, type Manifest, manifestFile, notABackup, parseHead, parseManifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { createTableHash, type TableDigest } from './rows.ts';

/** Reads a backup once, from beginning to end. */
export interface BackupReader {
  readonly head: Head;
  /**
   * Passes the rows of each table to `load`, one table after another. The backup is verified only when this method
   * returns, so the caller must be able to roll back until then. If `load` throws `RejectedRowsError`, the rest is read
   * without it.
   *
   * @throws BackupError `BACKUP_DAMAGED`, or `ROWS_INVALID` if `load` rejected rows and the backup is not damaged.
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
  /** The entry that follows the last part that was read. */
  let entry = await next();
  let rejection: RejectedRowsError | undefined;

  async function readTable(table: BackupTable): Promise<void> {
    const hash = createTableHash();
    let parts = 0;
    async function* readParts(): AsyncGenerator<Buffer> {
      for (; entry?.name === toPartName(table, parts + 1); entry ??= await next()) {
        const bytes = await decompressEntry(entry);
        hash.update(bytes);
        parts += 1;
        entry = undefined;
        onProgress?.({ table: table.name, rows: hash.rows, bytes: hash.bytes });
        yield bytes;
      }
    }
    if (rejection === undefined) {
      const rows = readParts();
      try {
        await load(table, rows);
      } catch (error) {
        if (!(error instanceof RejectedRowsError)) throw error;
        rejection = error;
        await rows.return(undefined);
        entry ??= await next();
      }
    }
    // After a rejection, the rest is read to find out whether the backup is damaged.
    for await (const _part of readParts());
    if (parts === 0) throw toDamagedError(`the rows of ${table.name} are missing`);
    digests.push(hash.digest());
  }

  try {
    for (const table of head.tables) await readTable(table);
    if (entry?.name !== manifestFile) throw toDamagedError(`${manifestFile} is missing or misplaced`);
    const manifest = parseManifest(entry.content.toString(), head);
    manifest.tables.forEach((table, at) => assertSameDigest(table, digests[at]!));
    if ((await next()) !== undefined) throw toDamagedError(`an entry follows ${manifestFile}`);
    if (rejection !== undefined) throw rejection.toIntactError();
    return manifest;
  } catch (error) {
    const isDamaged = error instanceof BackupError && error.code === 'BACKUP_DAMAGED';
    throw isDamaged && rejection !== undefined ? toDamagedError(rejection.problem, { cause: error }) : error;
  }
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
