import { readFileSync } from 'node:fs';
import { BackupError, toDamage } from './error.ts';
import type { Totals } from './rows.ts';
import type { Table } from './tables.ts';

/** The one format so far. A change that this version could not read gets another number. */
const format = 1;

/** What is known of a backup from its first bytes on. */
export interface Head {
  readonly format: typeof format;
  /** The version of Holdfast that made it. */
  readonly product: string;
  /** The version of the PostgreSQL it was taken from. */
  readonly server: string;
  /** The moment of the snapshot, by the server's clock: whatever was committed by then is in the backup. */
  readonly takenAt: string;
  /** The migrations that the database had, in order. */
  readonly migrations: readonly string[];
  /** In the order in which they are loaded. */
  readonly tables: readonly Table[];
}

/** The head again, with what was counted while the rows went by; the last entry of a backup. */
export interface Manifest extends Head {
  readonly tables: readonly (Table & Totals)[];
}

export function toHead(snapshot: Omit<Head, 'format' | 'product'>): Head {
  return { format, product: readProductVersion(), ...snapshot };
}

/** @throws BackupError `NOT_A_BACKUP` for anything but the head of a backup that this version can read. */
export function parseHead(text: string): Head {
  const head = parse(text);
  if (typeof head.format === 'number' && head.format !== format) {
    throw new BackupError(
      'NOT_A_BACKUP',
      `The backup has the format ${head.format}, and this version of Holdfast reads ${format}: use the version that made it, or a newer one.`,
    );
  }
  if (!isHead(head)) throw new BackupError('NOT_A_BACKUP', notABackup);
  return head;
}

/** @throws BackupError `BACKUP_DAMAGED` for one that is not about what the head announced. */
export function parseManifest(text: string, head: Head): Manifest {
  const manifest = parse(text);
  if (isManifest(manifest)) {
    const tables = manifest.tables.map(({ name, columns, key }) => ({ name, columns, key }));
    if (JSON.stringify({ ...manifest, tables }) === JSON.stringify(head)) return manifest;
  }
  throw toDamage(`${manifestFile} does not fit ${headFile}`);
}

export const headFile = 'head.json';
export const manifestFile = 'manifest.json';

export const notABackup =
  'This is no backup made by pnpm db backup, or its beginning is damaged. Where it was encrypted or packed, undo that first, and give what comes out as - on standard input.';

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** An object of which nothing has been looked at yet. */
type Fields = Readonly<Record<string, unknown>>;

const plain = /^[\w.+ ()~:-]{1,100}$/;
const isText = (value: unknown): value is string => typeof value === 'string';

function isHead(value: unknown): value is Head {
  if (!isObject(value)) return false;
  const { product, server, takenAt, migrations, tables } = value;
  return (
    value.format === format &&
    [product, server, takenAt].every((text) => isText(text) && plain.test(text)) &&
    !Number.isNaN(Date.parse(String(takenAt))) &&
    Array.isArray(migrations) &&
    migrations.every((name) => isText(name) && plain.test(name)) &&
    Array.isArray(tables) &&
    tables.every(isTable)
  );
}

function isManifest(value: unknown): value is Manifest {
  return (
    isHead(value) &&
    value.tables.every(
      ({ rows, bytes, sha256 }: Table & Partial<Totals>) =>
        Number.isSafeInteger(rows) && Number.isSafeInteger(bytes) && isText(sha256),
    )
  );
}

function isTable(value: unknown): value is Table {
  if (!isObject(value)) return false;
  const { name, columns, key } = value;
  return (
    isText(name) &&
    plain.test(name) &&
    Array.isArray(key) &&
    key.every(isText) &&
    Array.isArray(columns) &&
    columns.every((column) => isObject(column) && isText(column.name) && isText(column.type))
  );
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function readProductVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
