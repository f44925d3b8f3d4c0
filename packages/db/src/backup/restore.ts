import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Client, PoolClient } from 'pg';
import { destroy, detach } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { openPool } from '../connection/pool.ts';
import { InvalidValueError } from '../errors.ts';
import { eraseUsers } from '../schema/erase-users.ts';
import { migrateWithin } from '../schema/migrate.ts';
import { inLock } from '../schema/migration-lock.ts';
import { migrations } from '../schema/migrations/index.ts';
import { createOrm, ormTypes } from '../schema/orm.ts';
import { toClientQuery } from '../schema/query.ts';
import { assertRowSecurity } from '../schema/row-level-security.ts';
import { type BackupTable, type CatalogTable, listObjects, readCatalog, toSqlName } from './catalog.ts';
import { toCommitError } from './commit.ts';
import { BackupError, RejectedRowsError, toDamagedError } from './error.ts';
import { loggedTables } from './known-tables.ts';
import type { Head, Manifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { type BackupReader, openBackup } from './read-backup.ts';
import {
  canonicalSettings,
  createTableHash,
  disableTransactionTimeout,
  readRows,
  type TableDigest,
  writeRows,
} from './rows.ts';

export interface RestoreOptions {
  /** An empty database. Its user becomes the owner and needs the same rights as for migrations. */
  readonly url: string;
  readonly source: AsyncIterable<Buffer>;
  /** IDs of users to remove, because they were deleted after the backup. Their IDs are blocked. Default: none. */
  readonly erasedUsers?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface RestoreResult {
  readonly manifest: Manifest;
  /** The newer migrations that were applied to the restored rows. */
  readonly migrated: readonly string[];
  /** The number of users of the backup that were removed again. */
  readonly erased: number;
}

/**
 * Restores a whole backup into an empty database. One transaction creates the schema, loads and compares the rows, and
 * applies newer migrations. It commits only if every byte of the backup is verified and every table matches the backup. Then it
 * removes the users that were deleted after the backup.
 *
 * @throws BackupError
 */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreResult> {
  const { url, source, erasedUsers = [], signal, onProgress } = options;
  const backup = await openBackup(source, onProgress);
  // In a pool of one connection, the client made last is the one that the transaction runs on.
  let lastClient: Client | undefined;
  const onClient = (client: Client) => {
    destroy(client, signal);
    lastClient = client;
  };
  const pool = openPool(url, { max: 1, types: ormTypes, onClient });
  const orm = createOrm(pool, url);
  let isCommitting = false;
  try {
    const newer = toNewerMigrations(backup.head);
    const work = async (em: EntityManager) => {
      const client = lastClient as PoolClient;
      await assertUtf8(client);
      await assertEmpty(client);
      await migrateWithin(orm, em, backup.head.migrations);
      const manifest = await loadTables(client, backup);
      await migrateWithin(orm, em, newer);
      const erased = await eraseUsers((text, values) => client.query(text, values), erasedUsers);
      await assertRowSecurity(em);
      detach(client);
      isCommitting = true;
      return { manifest, migrated: newer, erased };
    };
    return await inLock(orm, work, signal);
  } catch (error) {
    throw isCommitting ? toCommitError(error) : toNamedError(error);
  } finally {
    await orm.close();
    await backup.close();
  }
}

/** @throws BackupError `BACKUP_TOO_NEW`. */
function toNewerMigrations({ migrations: had, product }: Head): string[] {
  const names = migrations.map(({ name }) => name);
  const unknown = had.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new BackupError(
      'BACKUP_TOO_NEW',
      `The backup needs migrations that this version lacks (${unknown.join(', ')}). Restore it with Holdfast ${product} or a newer version.`,
    );
  }
  return names.filter((name) => !had.includes(name));
}

/** Other encodings lack some characters or count bytes as characters. */
async function assertUtf8(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding');
  const { server_encoding: encoding } = rows[0]!;
  if (encoding === 'UTF8') return;
  throw new BackupError(
    'TARGET_NOT_UTF8',
    `The database uses the encoding ${encoding}, but Holdfast requires UTF8. Create it with createdb --template=template0 --encoding=UTF8. If the locale forbids that, add --locale=C.UTF-8.`,
  );
}

async function assertEmpty(client: PoolClient): Promise<void> {
  const objects = await listObjects(client);
  if (objects.length === 0) return;
  const others = objects.length > 3 ? ` and ${objects.length - 3} more` : '';
  throw new BackupError(
    'TARGET_NOT_EMPTY',
    `The database is not empty (${objects.slice(0, 3).join(', ')}${others}), and a restore never overwrites data. Create a new database and set DATABASE_URL_UNPOOLED to it. For the embedded server, set HOLDFAST_DATA_DIR to a new folder.`,
  );
}

async function loadTables(client: PoolClient, backup: BackupReader): Promise<Manifest> {
  const tables = await readCatalog(toClientQuery(client), backup.head.migrations);
  for (const { name } of tables) {
    if (!backup.head.tables.some((described) => described.name === name))
      throw toDamagedError(`it does not list ${name}`);
  }
  await client.query(`${canonicalSettings}; set local row_security = off`);
  await disableTransactionTimeout(client);
  // PostgreSQL refuses COPY into a table whose policies bind the user. The owner is exempt only within this transaction,
  // and no other session sees the tables before it commits.
  for (const table of tables) await setForcedRowSecurity(client, table, false);
  // The log of the backup already contains these changes.
  for (const table of loggedTables) await client.query(`alter table if exists ${table} disable trigger user`);
  const manifest = await backup.readTables(async (described, rows) => {
    const target = toTarget(tables, described);
    try {
      await pipeline(Readable.from(rows, { objectMode: false }), writeRows(client, target));
    } catch (error) {
      const named = toNamedError(error);
      throw named instanceof InvalidValueError ? new RejectedRowsError(target, named.constraint) : named;
    }
  });
  for (const table of manifest.tables) await assertMatchesBackup(client, table);
  for (const table of loggedTables) await client.query(`alter table if exists ${table} enable trigger user`);
  for (const table of tables) await setForcedRowSecurity(client, table, true);
  await client.query('set local row_security = on');
  return manifest;
}

async function setForcedRowSecurity(client: PoolClient, table: CatalogTable, isForced: boolean): Promise<void> {
  if (!table.forcesRowSecurity) return;
  await client.query(`alter table ${toSqlName(table)} ${isForced ? '' : 'no '}force row level security`);
}

/** Returns the table that the migrations created. Names from the file never become part of a statement. */
function toTarget(tables: readonly CatalogTable[], described: BackupTable): BackupTable {
  const found = tables.find(({ name }) => name === described.name);
  const { columns, key } = found ?? {};
  if (JSON.stringify({ columns, key }) === JSON.stringify({ columns: described.columns, key: described.key })) {
    return found!;
  }
  throw new BackupError(
    'RESTORE_DIFFERS',
    `The table ${described.name} of the backup does not match its migrations, because the source schema was changed by hand. Undo that change in the source database and take another backup.`,
  );
}

async function assertMatchesBackup(client: PoolClient, table: BackupTable & TableDigest): Promise<void> {
  const hash = createTableHash();
  for await (const chunk of readRows(client, table)) hash.update(chunk as Buffer);
  const { rows, sha256 } = hash.digest();
  if (rows === table.rows && sha256 === table.sha256) return;
  throw new BackupError(
    'RESTORE_DIFFERS',
    `The restored rows of ${table.name} differ from the backup, so nothing was saved. This server formats values differently: use the PostgreSQL version of the backup.`,
  );
}
