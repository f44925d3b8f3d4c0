import type { Client } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { toolsRole } from '../schema/roles.ts';
import { BackupError } from './error.ts';
import { type Head, toHead } from './manifest.ts';
import { canonicalSettings, liftTransactionTimeout, readRows } from './rows.ts';
import { type GuardedTable, readMigrations, readTables, type Table, toSqlName } from './tables.ts';

/** Everything in a database as of one moment, while others go on writing. */
export interface Snapshot {
  readonly head: Head;
  readonly guardedTables: readonly GuardedTable[];
  /** Every row of the table, as COPY text in the order of its key. */
  readRows(table: Table): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/**
 * Opens a snapshot that shows every row or fails. A user that row level security binds reads the guarded tables as
 * `holdfast_tools`, once it is certain that its policy shows that role everything.
 *
 * @throws BackupError `ROWS_HIDDEN`, `READ_REPLICA`, `UNKNOWN_TABLES` or `MISSING_TABLES`.
 */
export async function openSnapshot(url: string, signal?: AbortSignal): Promise<Snapshot> {
  let client: Client | undefined;
  try {
    client = await openConnection(url, signal);
    return await takeSnapshot(client);
  } catch (error) {
    await client?.end();
    const named = toNamedError(error);
    throw named instanceof AccessRefusedError ? hidden(named) : named;
  }
}

async function takeSnapshot(client: Client): Promise<Snapshot> {
  await client.query(`begin; ${canonicalSettings}`);
  const { rows: replica } = await client.query('select where pg_is_in_recovery()');
  if (replica.length > 0) {
    throw new BackupError('READ_REPLICA', 'This is a read replica, which cannot give a snapshot: name the primary.');
  }
  const before = await readTables(client, await readMigrations(client));
  await client.query('commit');
  if (before.length === 0)
    throw new BackupError('MISSING_TABLES', 'The database holds nothing of Holdfast to back up.');
  // Deferrable: waits for a moment after which no running transaction can make the snapshot inconsistent. No statement
  // before the locks may look at data, or the snapshot would be older than they are.
  await client.query(`
begin isolation level serializable, read only, deferrable;
${canonicalSettings};
set local row_security = off;
set local lock_timeout = '30s';
lock table ${before.map(toSqlName).join(', ')} in access share mode`);
  const { rows } = await client.query<{ takenAt: string; server: string; bypasses: boolean }>(momentSql);
  const { bypasses, ...moment } = rows[0]!;
  await liftTransactionTimeout(client);
  const migrations = await readMigrations(client);
  const tables = await readTables(client, migrations);
  if (JSON.stringify(tables) !== JSON.stringify(before)) {
    throw new BackupError('UNKNOWN_TABLES', 'The schema has just been changed by somebody else: try again.');
  }
  const guarded = new Map(tables.filter(({ isGuarded }) => isGuarded && !bypasses).map((table) => [table.name, table]));
  for (const table of guarded.values()) await assertToolsSeeAll(client, table);
  return {
    head: toHead({
      ...moment,
      migrations,
      tables: tables.map(({ name, columns, key }) => ({ name, columns, key })),
    }),
    guardedTables: tables,
    async *readRows(table) {
      try {
        await client.query(
          guarded.has(table.name)
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

async function assertToolsSeeAll(client: Client, table: GuardedTable): Promise<void> {
  const { rows } = await client.query<{ sees_all: boolean; may_switch: boolean }>(policySql, [
    toSqlName(table),
    toolsRole,
    `(CURRENT_USER = '${toolsRole}'::name)`,
  ]);
  if (rows[0]?.sees_all !== true || !rows[0].may_switch) throw hidden();
}

// Permissive policies add to what is shown, restrictive ones take from it. Up to PostgreSQL 15 every member may switch
// to a role; since 16 that is a right of its own.
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

function hidden(cause?: Error): BackupError {
  return new BackupError(
    'ROWS_HIDDEN',
    `The database user may not read every row, and a backup of some of them is none: set DATABASE_URL_UNPOOLED to the user that owns the tables, and either grant ${toolsRole} to it or let it bypass row level security.`,
    { cause },
  );
}
