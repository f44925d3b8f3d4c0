import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Client, PoolClient } from 'pg';
import { destroy, detach } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { openPool } from '../connection/pool.ts';
import { InvalidValueError } from '../errors.ts';
import { inLock, migrateWithin } from '../schema/migrate.ts';
import { migrations } from '../schema/migrations/index.ts';
import { createOrm, ormTypes } from '../schema/orm.ts';
import { assertRowSecurity } from '../schema/row-level-security.ts';
import { toCommitError } from './commit.ts';
import { BackupError, toDamage } from './error.ts';
import type { Head, Manifest } from './manifest.ts';
import type { OnProgress } from './progress.ts';
import { type OpenBackup, openBackup } from './read-backup.ts';
import { canonicalSettings, createTally, liftTransactionTimeout, readRows, type Totals, writeRows } from './rows.ts';
import { type GuardedTable, readForeignObjects, readTables, type Table, toSqlName } from './tables.ts';

export interface RestoreOptions {
  /** An empty database; its user becomes the owner, and needs the rights that migrating needs. */
  readonly url: string;
  readonly source: AsyncIterable<Buffer>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface Restored {
  readonly manifest: Manifest;
  /** What newer migrations were applied to the restored rows. */
  readonly migrated: readonly string[];
}

/**
 * Brings a whole backup back into an empty database: schema, rows, comparison and newer migrations in one transaction,
 * which commits only when every byte of the backup has been checked and every table reads back as it was.
 *
 * @throws BackupError
 */
export async function restoreBackup({ url, source, signal, onProgress }: RestoreOptions): Promise<Restored> {
  const backup = await openBackup(source, onProgress);
  // In a pool of one connection, the client made last is the one that the transaction runs on.
  let lastClient: Client | undefined;
  const onClient = (client: Client) => {
    destroy(client, signal);
    lastClient = client;
  };
  const pool = openPool(url, { max: 1, types: ormTypes, onClient });
  const orm = createOrm(pool, url);
  let isDone = false;
  try {
    const newer = toNewerMigrations(backup.head);
    const work = async (em: EntityManager) => {
      const client = lastClient as PoolClient;
      await assertUtf8(client);
      await assertEmpty(client);
      await migrateWithin(orm, em, backup.head.migrations);
      const manifest = await load(client, backup);
      await migrateWithin(orm, em, newer);
      await assertRowSecurity(em);
      detach(client);
      isDone = true;
      return { manifest, migrated: newer };
    };
    return await inLock(orm, work, signal);
  } catch (error) {
    throw isDone ? toCommitError(error) : toNamedError(error);
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
      `The backup was made by Holdfast ${product} and needs ${unknown.join(', ')}, which this version does not have: restore it with Holdfast ${product} or a newer one.`,
    );
  }
  return names.filter((name) => !had.includes(name));
}

/** In any other encoding some texts have no place, or are as long as their bytes are many. */
async function assertUtf8(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('show server_encoding');
  const { server_encoding: encoding } = rows[0]!;
  if (encoding === 'UTF8') return;
  throw new BackupError(
    'TARGET_NOT_UTF8',
    `The database keeps texts as ${encoding}, and Holdfast's are UTF8: make it with createdb --template=template0 --encoding=UTF8, and where its locale forbids that with --locale=C.UTF-8 as well.`,
  );
}

async function assertEmpty(client: PoolClient): Promise<void> {
  const objects = await readForeignObjects(client);
  if (objects.length === 0) return;
  const others = objects.length > 3 ? ` and ${objects.length - 3} more` : '';
  throw new BackupError(
    'TARGET_NOT_EMPTY',
    `The database is not empty (${objects.slice(0, 3).join(', ')}${others}), and a restore never overwrites: make a new database and name it in DATABASE_URL_UNPOOLED, or set HOLDFAST_DATA_DIR to a new folder for the embedded one.`,
  );
}

async function load(client: PoolClient, backup: OpenBackup): Promise<Manifest> {
  const tables = await readTables(client, backup.head.migrations);
  for (const { name } of tables) {
    if (!backup.head.tables.some((described) => described.name === name)) throw toDamage(`it does not tell of ${name}`);
  }
  await client.query(`${canonicalSettings}; set local row_security = off`);
  await liftTransactionTimeout(client);
  // Rows cannot be copied past a wall. The owner's stands aside within this transaction, which nobody else sees into,
  // and stands again before it commits.
  for (const table of tables) await setForced(client, table, false);
  const manifest = await backup.readTables(async (described, rows) => {
    const target = toTarget(tables, described);
    try {
      await pipeline(Readable.from(rows, { objectMode: false }), writeRows(client, target));
    } catch (error) {
      const named = toNamedError(error);
      throw named instanceof InvalidValueError
        ? toDamage(`PostgreSQL does not take the rows of ${target.name}${toRule(named)}`)
        : named;
    }
  });
  for (const table of manifest.tables) await assertReadsBack(client, table);
  for (const table of tables) await setForced(client, table, true);
  await client.query('set local row_security = on');
  return manifest;
}

/** The rule that rows break: of the schema, so it shows nothing of them. */
function toRule({ constraint }: InvalidValueError): string {
  return constraint === undefined ? '' : `, which break its rule ${constraint}`;
}

async function setForced(client: PoolClient, table: GuardedTable, isForced: boolean): Promise<void> {
  if (!table.isForced) return;
  await client.query(`alter table ${toSqlName(table)} ${isForced ? '' : 'no '}force row level security`);
}

/** The table that the migrations have made; what a file says of a table never gets into a statement. */
function toTarget(tables: readonly GuardedTable[], described: Table): Table {
  const found = tables.find(({ name }) => name === described.name);
  const { columns, key } = found ?? {};
  if (JSON.stringify({ columns, key }) === JSON.stringify({ columns: described.columns, key: described.key })) {
    return found!;
  }
  throw new BackupError(
    'RESTORE_DIFFERS',
    `The table ${described.name} in the backup has other columns than its migrations make: the schema was changed by hand where it was taken. Undo that change there and take another backup.`,
  );
}

async function assertReadsBack(client: PoolClient, table: Table & Totals): Promise<void> {
  const tally = createTally();
  for await (const chunk of readRows(client, table)) tally.add(chunk as Buffer);
  const { rows, sha256 } = tally.toTotals();
  if (rows === table.rows && sha256 === table.sha256) return;
  throw new BackupError(
    'RESTORE_DIFFERS',
    `After the restore ${table.name} does not read back as it is in the backup, so nothing was kept. The new server writes values differently: use the PostgreSQL version that the backup names.`,
  );
}
