import { type ClientBase, escapeIdentifier } from 'pg';
import { migrations } from '../schema/migrations/index.ts';
import { migrationsTable } from '../schema/orm.ts';
import type { QueryWithValues } from '../schema/query.ts';
import { BackupError } from './error.ts';
import { excludedTables, type KnownTable, knownTables } from './known-tables.ts';

/** A table in a backup. */
export interface BackupTable {
  /** With the schema: `public.tasks`. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The columns of the primary key. The rows of a backup are in this order. */
  readonly key: readonly string[];
}

/** A table as the catalog of a database describes it. */
export interface CatalogTable extends BackupTable {
  readonly hasRowSecurity: boolean;
  /** If true, row-level security applies to the owner of the table too. */
  readonly forcesRowSecurity: boolean;
}

/** Quotes the name of a table for SQL. */
export function toSqlName({ name }: Pick<BackupTable, 'name'>): string {
  return name.split('.').map(escapeIdentifier).join('.');
}

/**
 * Returns the tables of a database in the order in which a restore loads them, and asserts that they match the given
 * migrations.
 *
 * @throws BackupError `UNKNOWN_TABLES`, `MISSING_TABLES` or `TABLE_CHANGED`
 */
export async function readCatalog(query: QueryWithValues, migrations: readonly string[]): Promise<CatalogTable[]> {
  const rows = await query<CatalogTable>(tablesSql);
  const found = new Map(rows.map((table) => [table.name, table]));
  // If a table is known in several shapes, the last one wins.
  const known = knownTables
    .filter(({ since }) => migrations.includes(since))
    .map((table) => [table.name, table] as const);
  const expected = new Map(known);
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new BackupError(
      'MISSING_TABLES',
      `The database lacks ${missing.join(', ')}, which its migrations created. Find the cause of that first.`,
    );
  }
  const isExpected = new Set([...expected.keys(), ...excludedTables, `public.${migrationsTable}`]);
  const unknown = rows.filter(({ name }) => !isExpected.has(name));
  if (unknown.length > 0) {
    throw new BackupError(
      'UNKNOWN_TABLES',
      `The database has tables that a backup would omit: ${unknown.map(({ name }) => name).join(', ')}. Move them to another database.`,
    );
  }
  return [...expected.values()].map((table) => {
    const actual = found.get(table.name)!;
    assertUnchanged(actual, table);
    return actual;
  });
}

/** A restore creates tables with the migrations, so it cannot recreate a table that was changed by hand. */
function assertUnchanged({ name, key, columns }: BackupTable, known: KnownTable): void {
  const actual = columns.map((column) => `${column.name} ${column.type}`);
  if (actual.join(', ') === known.columns && key.join(', ') === known.key) return;
  const expected = known.columns.split(', ');
  const differences = [
    ...actual.filter((column) => !expected.includes(column)),
    ...expected.filter((column) => !actual.includes(column)),
  ];
  throw new BackupError(
    'TABLE_CHANGED',
    `The table ${name} does not match its migrations (${differences.join(', ') || 'the order of its columns, or its key'}), so it cannot be restored. Undo the change and move added data to another database.`,
  );
}

/** Lists the tables, views, sequences and schemas that belong neither to PostgreSQL nor to an extension. */
export async function listObjects(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(objectsSql);
  return rows.map(({ name }) => name);
}

/**
 * Returns the migrations of the database in order, or an empty list if it was never migrated.
 *
 * @throws BackupError `UNKNOWN_TABLES` if a newer version migrated the database.
 */
export async function readMigrations(query: QueryWithValues): Promise<string[]> {
  const [found] = await query<{ exists: boolean }>(
    `select to_regclass('public.${migrationsTable}') is not null as exists`,
  );
  if (!found!.exists) return [];
  const rows = await query<{ name: string }>(`select name from public.${migrationsTable} order by id`);
  const names = rows.map(({ name }) => name);
  const unknown = names.filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length === 0) return names;
  throw new BackupError(
    'UNKNOWN_TABLES',
    `A newer Holdfast migrated this database (${unknown.join(', ')}). Run this command with that version or a later one; servers of this version can continue to run.`,
  );
}

const isNotSystemObject = `
nspname <> 'information_schema' and nspname !~ '^pg_'
  and not exists (select from pg_depend where classid = objects.tableoid and objid = objects.oid and deptype = 'e')`;

const tablesSql = `
select
  nspname || '.' || relname as name,
  array(
    select json_build_object('name', attname, 'type', format_type(atttypid, atttypmod))
    from pg_attribute
    where attrelid = objects.oid and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum
  ) as columns,
  array(
    select attname::text
    from pg_index
    cross join unnest(indkey::int[]) with ordinality as part (number, place)
    join pg_attribute on attrelid = indrelid and attnum = number
    where indrelid = objects.oid and indisprimary
    order by place
  ) as key,
  relrowsecurity as "hasRowSecurity",
  relforcerowsecurity as "forcesRowSecurity"
from pg_class as objects
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p', 'f') and ${isNotSystemObject}
order by 1`;

const objectsSql = `
select nspname || '.' || relname as name
from pg_class as objects
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p', 'f', 'v', 'm', 'S') and ${isNotSystemObject}
union all
select 'schema ' || nspname from pg_namespace as objects where nspname <> 'public' and ${isNotSystemObject}
order by 1`;
