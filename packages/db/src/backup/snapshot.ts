import type { Client } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { describeDifference, type SchemaDifference } from '../schema/definitions.ts';
import { toClientQuery } from '../schema/query.ts';
import { toolsRole } from '../schema/roles.ts';
import { type BackupTable, type CatalogTable, toSqlName } from './catalog.ts';
import { BackupError } from './error.ts';
import { type Head, toHead } from './manifest.ts';
import { canonicalSettings, disableTransactionTimeout, readRows } from './rows.ts';
import { readBackupSource, toRowsHiddenError, toViolationSql } from './source.ts';

/** The state of a database at one moment. Other clients can write while it is open. */
export interface Snapshot {
  readonly head: Head;
  readonly tables: readonly CatalogTable[];
  /** Reads every row of the table as COPY text, in the order of the key. */
  readRows(table: BackupTable): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/**
 * Opens a snapshot that contains every row, or fails. A user that is subject to row-level security reads the protected
 * tables as `holdfast_tools`, after a check that the policies show every row to that role.
 *
 * @throws BackupError `ROWS_HIDDEN`, `ROWS_INVALID`, and the errors of `readBackupSource`
 */
export async function openSnapshot(url: string, signal?: AbortSignal): Promise<Snapshot> {
  let client: Client | undefined;
  try {
    client = await openConnection(url, signal);
    return await takeSnapshot(client);
  } catch (error) {
    await client?.end();
    const named = toNamedError(error);
    throw named instanceof AccessRefusedError ? toRowsHiddenError({ cause: named }) : named;
  }
}

async function takeSnapshot(client: Client): Promise<Snapshot> {
  const query = toClientQuery(client);
  await client.query(`begin; ${canonicalSettings}`);
  const before = await readBackupSource(query);
  await client.query('commit');
  // A deferrable transaction waits until no running transaction can make the snapshot inconsistent. The first query takes
  // the snapshot, so the locks must come first.
  await client.query(`
begin isolation level serializable, read only, deferrable;
${canonicalSettings};
set local row_security = off;
set local lock_timeout = '30s';
lock table ${before.tables.map(toSqlName).join(', ')} in access share mode`);
  const { rows } = await client.query<{ takenAt: string; server: string }>(momentSql);
  await disableTransactionTimeout(client);
  const { migrations, tables, asTools, omitted, differences, grants } = await readBackupSource(query);
  if (JSON.stringify(tables) !== JSON.stringify(before.tables)) {
    throw new BackupError('UNKNOWN_TABLES', 'Another session has just changed the schema. Try again.');
  }
  const read = (table: string | undefined) =>
    client.query(
      table !== undefined && asTools.has(table)
        ? `set local role ${toolsRole}; set local row_security = on`
        : 'reset role; set local row_security = off',
    );
  for (const difference of differences) {
    const table = tables.find(({ name }) => name === difference.table?.replaceAll('"', ''));
    if (table === undefined) continue;
    await read(table.name);
    await assertNoViolation(client, difference);
  }
  return {
    head: toHead({
      ...rows[0]!,
      migrations,
      tables: tables.map(({ name, columns, key }) => ({ name, columns, key })),
      omitted,
      grants,
    }),
    tables,
    async *readRows(table) {
      try {
        await read(table.name);
        yield* readRows(client, table);
      } catch (error) {
        throw toNamedError(error);
      }
    },
    close: () => client.end(),
  };
}

const momentSql = `
select
  to_char(statement_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "takenAt",
  current_setting('server_version') as server`;

/**
 * A restore creates the missing constraints again, and would refuse rows that violate them.
 *
 * @throws BackupError `ROWS_INVALID`
 */
async function assertNoViolation(client: Client, difference: SchemaDifference): Promise<void> {
  const sql = toViolationSql(difference);
  if (sql === undefined || (await client.query(sql)).rowCount === 0) return;
  throw new BackupError(
    'ROWS_INVALID',
    `The database has rows that violate the ${difference.object}, so a backup could not be restored. Correct these rows. ${describeDifference(difference)}`,
  );
}
