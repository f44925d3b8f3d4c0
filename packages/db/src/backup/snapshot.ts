import type { Client } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { toolsRole } from '../schema/roles.ts';
import { type BackupTable, type CatalogTable, readCatalog, readMigrations, toSqlName } from './catalog.ts';
import { BackupError } from './error.ts';
import { type Head, toHead } from './manifest.ts';
import { canonicalSettings, disableTransactionTimeout, readRows } from './rows.ts';

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
 * @throws BackupError `ROWS_HIDDEN`, `READ_REPLICA`, `UNKNOWN_TABLES`, `MISSING_TABLES` or `TABLE_CHANGED`
 */
export async function openSnapshot(url: string, signal?: AbortSignal): Promise<Snapshot> {
  let client: Client | undefined;
  try {
    client = await openConnection(url, signal);
    return await takeSnapshot(client);
  } catch (error) {
    await client?.end();
    const named = toNamedError(error);
    throw named instanceof AccessRefusedError ? toRowsHiddenError(named) : named;
  }
}

async function takeSnapshot(client: Client): Promise<Snapshot> {
  await client.query(`begin; ${canonicalSettings}`);
  const { rows: replica } = await client.query('select where pg_is_in_recovery()');
  if (replica.length > 0) {
    throw new BackupError(
      'READ_REPLICA',
      'This is a read replica, which cannot provide a snapshot. Use the URL of the primary.',
    );
  }
  const before = await readCatalog(client, await readMigrations(client));
  await client.query('commit');
  if (before.length === 0) {
    throw new BackupError('MISSING_TABLES', 'The database contains no Holdfast tables. Check the database URL.');
  }
  // A deferrable transaction waits until no running transaction can make the snapshot inconsistent. The first query takes
  // the snapshot, so the locks must come first.
  await client.query(`
begin isolation level serializable, read only, deferrable;
${canonicalSettings};
set local row_security = off;
set local lock_timeout = '30s';
lock table ${before.map(toSqlName).join(', ')} in access share mode`);
  const { rows } = await client.query<{ takenAt: string; server: string; bypasses: boolean }>(momentSql);
  const { bypasses, ...moment } = rows[0]!;
  await disableTransactionTimeout(client);
  const migrations = await readMigrations(client);
  const tables = await readCatalog(client, migrations);
  if (JSON.stringify(tables) !== JSON.stringify(before)) {
    throw new BackupError('UNKNOWN_TABLES', 'Another session has just changed the schema. Try again.');
  }
  const asTools = new Set<string>();
  for (const table of tables.filter(({ hasRowSecurity }) => hasRowSecurity && !bypasses)) {
    await assertToolsSeeAll(client, table);
    asTools.add(table.name);
  }
  return {
    head: toHead({
      ...moment,
      migrations,
      tables: tables.map(({ name, columns, key }) => ({ name, columns, key })),
    }),
    tables,
    async *readRows(table) {
      try {
        await client.query(
          asTools.has(table.name)
            ? `set local role ${toolsRole}; set local row_security = on`
            : 'reset role; set local row_security = off',
        );
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
  current_setting('server_version') as server,
  (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as bypasses`;

async function assertToolsSeeAll(client: Client, table: CatalogTable): Promise<void> {
  const { rows } = await client.query<{ sees_all: boolean; may_switch: boolean }>(policySql, [
    toSqlName(table),
    toolsRole,
    `(CURRENT_USER = '${toolsRole}'::name)`,
  ]);
  if (rows[0]?.sees_all !== true || !rows[0].may_switch) throw toRowsHiddenError();
}

// Permissive policies add visible rows, and restrictive policies remove them. Up to PostgreSQL 15, every member of a role
// can switch to it. Since 16, that is a separate right.
const policySql = `
select
  exists (
    select from pg_policy
    where polrelid = $1::regclass and polpermissive and polcmd in ('*', 'r')
      and tools.oid = any (polroles) and pg_get_expr(polqual, polrelid) = $3
  ) and not exists (
    select from pg_policy where polrelid = $1::regclass and not polpermissive
  ) and has_table_privilege(tools.oid, $1::regclass, 'select') as sees_all,
  pg_has_role(
    session_user, tools.oid, case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end
  ) as may_switch
from pg_roles as tools
where rolname = $2`;

function toRowsHiddenError(cause?: Error): BackupError {
  return new BackupError(
    'ROWS_HIDDEN',
    `The database user cannot read all rows, so no backup was taken. Set DATABASE_URL_UNPOOLED to the owner of the tables. Grant ${toolsRole} to that user, or let it bypass row-level security.`,
    { cause },
  );
}
