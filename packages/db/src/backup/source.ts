import { isDistributed } from '../schema/cluster.ts';
import { compareSchema, type SchemaDifference } from '../schema/definitions.ts';
import type { QueryWithValues } from '../schema/query.ts';
import { toolsRole } from '../schema/roles.ts';
import { type CatalogTable, readCatalog, readMigrations, toSqlName } from './catalog.ts';
import { BackupError } from './error.ts';
import { type Grant, readGrants } from './grants.ts';

/** A database from which a complete backup is possible. */
export interface BackupSource {
  /** In the order in which they were applied. */
  readonly migrations: readonly string[];
  readonly tables: readonly CatalogTable[];
  /** The names of the tables that the user reads as `holdfast_tools`. */
  readonly asTools: ReadonlySet<string>;
  /** Objects made by hand, such as views. A backup does not contain them. */
  readonly omitted: readonly string[];
  /** Objects of the migrations that are missing or changed. A restore creates them again. */
  readonly differences: readonly SchemaDifference[];
  /** The rights of logins other than the owner. A backup lists them, but a restore does not grant them. */
  readonly grants: readonly Grant[];
}

/**
 * Reads the catalog of a database, and checks that a backup would contain every row and could be restored. Does not read the
 * rows. Run it in a transaction.
 *
 * @throws BackupError `ROWS_HIDDEN`, `READ_REPLICA`, `TABLES_DISTRIBUTED`, `UNKNOWN_TABLES`, `MISSING_TABLES` or `TABLE_CHANGED`
 */
export async function readBackupSource(query: QueryWithValues): Promise<BackupSource> {
  const [user] = await query<{ isReplica: boolean; bypasses: boolean }>(`
select pg_is_in_recovery() as "isReplica", rolsuper or rolbypassrls as bypasses from pg_roles where rolname = current_user`);
  if (user!.isReplica) {
    throw new BackupError(
      'READ_REPLICA',
      'This is a read replica, which cannot provide a snapshot. Use the URL of the primary.',
    );
  }
  if (await isDistributed(query)) {
    throw new BackupError(
      'TABLES_DISTRIBUTED',
      'The tables are distributed, so a backup would not be one snapshot. Back up each node of the cluster instead.',
    );
  }
  const migrations = await readMigrations(query);
  const tables = await readCatalog(query, migrations);
  if (tables.length === 0) {
    throw new BackupError('MISSING_TABLES', 'The database contains no Holdfast tables. Check the database URL.');
  }
  const asTools = new Set<string>();
  for (const table of tables) {
    if (table.hasRowSecurity && !user!.bypasses) {
      await assertToolsSeeAll(query, table);
      asTools.add(table.name);
    } else await assertReadable(query, table);
  }
  const { differences, additional } = await compareSchema(query, migrations);
  return { migrations, tables, asTools, omitted: additional, differences, grants: await readGrants(query) };
}

async function assertReadable(query: QueryWithValues, table: CatalogTable): Promise<void> {
  const [row] = await query<{ isReadable: boolean }>(
    `
select has_schema_privilege(relnamespace, 'usage') and has_table_privilege(oid, 'select') as "isReadable"
from pg_class where oid = $1::regclass`,
    [toSqlName(table)],
  );
  if (!row!.isReadable) throw toRowsHiddenError({ table });
}

async function assertToolsSeeAll(query: QueryWithValues, table: CatalogTable): Promise<void> {
  const [row] = await query<{ sees_all: boolean; may_switch: boolean }>(policySql, [
    toSqlName(table),
    toolsRole,
    `(CURRENT_USER = '${toolsRole}'::name)`,
  ]);
  if (row?.sees_all !== true || !row.may_switch) throw toRowsHiddenError({ table });
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

export function toRowsHiddenError({ table, cause }: { table?: CatalogTable; cause?: Error }): BackupError {
  const rows = table === undefined ? 'all rows' : `all rows of ${table.name}`;
  return new BackupError(
    'ROWS_HIDDEN',
    `The database user cannot read ${rows}, so no backup is possible. Set DATABASE_URL_UNPOOLED to the owner of the tables. Grant ${toolsRole} to that user, or let it bypass row-level security.`,
    { cause },
  );
}

/** Returns SQL that selects a row which violates an object, or undefined if no row can violate it. */
export function toViolationSql({ kind, table, name, expected }: SchemaDifference): string | undefined {
  if (kind === 'column') {
    return expected.endsWith(' not null') ? `select from ${table} where ${name} is null limit 1` : undefined;
  }
  const check = /^CHECK \((.*)\)$/s.exec(expected);
  if (check !== null) return `select from ${table} where not (${check[1]}) limit 1`;
  const unique = /^(?:UNIQUE|PRIMARY KEY) \(([^()]*)\)$/.exec(expected);
  if (unique !== null) {
    const columns = unique[1]!;
    return `select from ${table} where (${columns}) is not null group by ${columns} having count(*) > 1 limit 1`;
  }
  const reference = /^FOREIGN KEY \(([^()]*)\) REFERENCES (\S+)\(([^()]*)\)/.exec(expected);
  if (reference === null) return undefined;
  const [, columns, parent, key] = reference;
  return `select from ${table} where (${columns}) is not null and (${columns}) not in (select ${key} from ${parent}) limit 1`;
}
