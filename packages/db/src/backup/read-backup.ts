import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { type ArchiveEntry, readArchive } from './archive.ts';
import { partLimitBytes, toPartName } from './backup.ts';
import { BackupError, toDamage } from './error.ts';
import { type Head, headFile, type Manifest, manifestFile, notABackup, parseHead, parseManifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { createTally, type Totals } from './rows.ts';
import type { Table } from './tables.ts';

/** A backup that is being read, from its beginning to its end. */
export interface OpenBackup {
  readonly head: Head;
  /**
   * Hands over the rows of one table after another. Only when this has returned is it certain that every byte is as it
   * was written: what was done with the rows until then must still be possible to undo.
   *
   * @throws BackupError `BACKUP_DAMAGED`.
   */
  readTables(load: (table: Table, rows: AsyncIterable<Buffer>) => Promise<void>): Promise<Manifest>;
  close(): Promise<void>;
}

/** @throws BackupError `NOT_A_BACKUP`. */
export async function openBackup(source: AsyncIterable<Buffer>, onProgress?: OnProgress): Promise<OpenBackup> {
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
  // For people without this program.
  for (const name of ['schema.sql', 'load.sql']) {
    if ((await next())?.name !== name) throw toDamage(`${name} is missing`);
  }
  return head;
}

interface ReadOptions {
  readonly head: Head;
  readonly load: (table: Table, rows: AsyncIterable<Buffer>) => Promise<void>;
  readonly onProgress: OnProgress | undefined;
}

async function readTables(next: Next, { head, load, onProgress }: ReadOptions): Promise<Manifest> {
  const counted: Totals[] = [];
  let entry = await next();

  async function* readParts(table: Table): AsyncGenerator<Buffer> {
    const tally = createTally();
    let part = 1;
    for (; entry?.name === toPartName(table, part); part++) {
      const bytes = await unpack(entry);
      tally.add(bytes);
      onProgress?.({ table: table.name, rows: tally.rows, bytes: tally.bytes });
      yield bytes;
      entry = await next();
    }
    if (part === 1) throw toDamage(`the rows of ${table.name} are missing`);
    counted.push(tally.toTotals());
  }

  for (const table of head.tables) await load(table, readParts(table));
  if (entry?.name !== manifestFile) throw toDamage(`${manifestFile} is not where it should be`);
  const manifest = parseManifest(entry.content.toString(), head);
  manifest.tables.forEach((table, at) => assertSame(table, counted[at]!));
  if ((await next()) !== undefined) throw toDamage(`something follows ${manifestFile}`);
  return manifest;
}

function assertSame(said: Table & Totals, counted: Totals): void {
  if (said.rows === counted.rows && said.bytes === counted.bytes && said.sha256 === counted.sha256) return;
  throw toDamage(`the rows of ${said.name} are not those that ${manifestFile} tells of`);
}

const decompress = promisify(zstdDecompress);

async function unpack({ name, content }: ArchiveEntry): Promise<Buffer> {
  try {
    return await decompress(content, { maxOutputLength: partLimitBytes });
  } catch (error) {
    throw toDamage(`${name} cannot be unpacked`, { cause: error });
  }
}
