import { readFileSync } from 'node:fs';
import type { BackupTable } from './catalog.ts';
import { BackupError, toDamagedError } from './error.ts';
import type { Grant } from './grants.ts';
import type { TableDigest } from './rows.ts';

/** The version of the format. Increase it for a change that this version could not read. */
const format = 1;

/** The first entry of a backup. */
export interface Head {
  readonly format: typeof format;
  /** The version of Holdfast that made the backup. */
  readonly product: string;
  /** The version of PostgreSQL that the backup was taken from. */
  readonly server: string;
  /** The time of the snapshot by the server's clock, ISO 8601. The backup contains everything committed by then. */
  readonly takenAt: string;
  /** The migrations of the database, in order. */
  readonly migrations: readonly string[];
  /** In the order in which a restore loads them. */
  readonly tables: readonly BackupTable[];
  /** Objects that were made by hand and that the backup does not contain. Older backups do not list them. */
  readonly omitted?: readonly string[];
  /** The rights of logins other than the owner. Older backups do not list them. */
  readonly grants?: readonly Grant[];
}

/** The last entry of a backup: the head, with the digest of each table's rows. */
export interface Manifest extends Head {
  readonly tables: readonly (BackupTable & TableDigest)[];
}

export function toHead(snapshot: Omit<Head, 'format' | 'product'>): Head {
  return { format, product: readProductVersion(), ...snapshot };
}

/** @throws BackupError `NOT_A_BACKUP` if the text is not the head of a backup that this version can read. */
export function parseHead(text: string): Head {
  const head = parse(text);
  if (typeof head.format === 'number' && head.format !== format) {
    throw new BackupError(
      'NOT_A_BACKUP',
      `The backup has format ${head.format}, but this version of Holdfast reads format ${format}. Use the version that made the backup, or a newer one.`,
    );
  }
  if (!isHead(head)) throw new BackupError('NOT_A_BACKUP', notABackup);
  return head;
}

/** @throws BackupError `BACKUP_DAMAGED` if the manifest does not match the head. */
export function parseManifest(text: string, head: Head): Manifest {
  const manifest = parse(text);
  if (isManifest(manifest)) {
    const tables = manifest.tables.map(({ name, columns, key }) => ({ name, columns, key }));
    if (JSON.stringify({ ...manifest, tables }) === JSON.stringify(head)) return manifest;
  }
  throw toDamagedError(`${manifestFile} does not match ${headFile}`);
}

export const headFile = 'head.json';
export const manifestFile = 'manifest.json';

export const notABackup =
  'This is not a backup made by pnpm db backup, or its beginning is damaged. If it is encrypted or compressed, decode it and pass the result on standard input as -.';

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** A parsed object that is not validated yet. */
type Fields = Readonly<Record<string, unknown>>;

const safeText = /^[\w.+ ()~:-]{1,100}$/;
const isText = (value: unknown): value is string => typeof value === 'string';

function isHead(value: unknown): value is Head {
  if (!isObject(value)) return false;
  const { product, server, takenAt, migrations, tables, omitted = [], grants = [] } = value;
  return (
    value.format === format &&
    [product, server, takenAt].every((text) => isText(text) && safeText.test(text)) &&
    !Number.isNaN(Date.parse(String(takenAt))) &&
    Array.isArray(migrations) &&
    migrations.every((name) => isText(name) && safeText.test(name)) &&
    Array.isArray(tables) &&
    tables.every(isTable) &&
    Array.isArray(omitted) &&
    omitted.every(isText) &&
    Array.isArray(grants) &&
    grants.every(isGrant)
  );
}

function isManifest(value: unknown): value is Manifest {
  return (
    isHead(value) &&
    value.tables.every(
      ({ rows, bytes, sha256 }: BackupTable & Partial<TableDigest>) =>
        Number.isSafeInteger(rows) && Number.isSafeInteger(bytes) && isText(sha256),
    )
  );
}

function isTable(value: unknown): value is BackupTable {
  if (!isObject(value)) return false;
  const { name, columns, key } = value;
  return (
    isText(name) &&
    safeText.test(name) &&
    Array.isArray(key) &&
    key.every(isText) &&
    Array.isArray(columns) &&
    columns.every((column) => isObject(column) && isText(column.name) && isText(column.type))
  );
}

function isGrant(value: unknown): value is Grant {
  if (!isObject(value)) return false;
  const { to, on, privileges } = value;
  return isText(to) && isText(on) && Array.isArray(privileges) && privileges.every(isText);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function readProductVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
