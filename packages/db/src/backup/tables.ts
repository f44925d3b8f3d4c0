import { type ClientBase, escapeIdentifier } from 'pg';
import { migrations } from '../schema/migrations/index.ts';
import { migrationsTable } from '../schema/orm.ts';
import { BackupError } from './error.ts';
import { type KnownTable, knownTables, passingTables } from './known-tables.ts';

/** A table as it is in a database, and in a backup of it. */
export interface Table {
  /** With its schema: `public.tasks`. */
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** The columns of the primary key, which decide the order of the rows. */
  readonly key: readonly string[];
}

/** A table and what row level security does to its owner. */
export interface GuardedTable extends Table {
  readonly isGuarded: boolean;
  readonly isForced: boolean;
}

/** The table's name as SQL takes it. */
export function toSqlName({ name }: Pick<Table, 'name'>): string {
  return name.split('.').map(escapeIdentifier).join('.');
}

/**
 * The tables of a database that has these migrations, in the order in which they are loaded.
 *
 * @throws BackupError `UNKNOWN_TABLES`, `MISSING_TABLES` or `TABLE_CHANGED` where the database has others.
 */
export async function readTables(client: ClientBase, migrations: readonly string[]): Promise<GuardedTable[]> {
  const { rows } = await client.query<GuardedTable>(tablesSql);
  const found = new Map(rows.map((table) => [table.name, table]));
  // Of a table that is known as it was and as it is, the last counts.
  const known = knownTables
    .filter(({ since }) => migrations.includes(since))
    .map((table) => [table.name, table] as const);
  const expected = new Map(known);
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw new BackupError(
      'MISSING_TABLES',
      `The database lacks ${missing.join(', ')}, which its migrations made: something has removed them. Look into that first.`,
    );
  }
  const isExpected = new Set([...expected.keys(), ...passingTables, `public.${migrationsTable}`]);
  const unknown = rows.filter(({ name }) => !isExpected.has(name));
  if (unknown.length > 0) {
    throw new BackupError(
      'UNKNOWN_TABLES',
      `The database has tables that are not Holdfast's, and would be missing from a backup: ${unknown.map(({ name }) => name).join(', ')}. Move them to a database of their own.`,
    );
  }
  return [...expected.values()].map((table) => {
    const there = found.get(table.name)!;
    assertUnchanged(there, table);
    return there;
  });
}

/** What nobody's migrations make could not be brought back. */
function assertUnchanged({ name, key, columns }: Table, known: KnownTable): void {
  const there = columns.map((column) => `${column.name} ${column.type}`);
  if (there.join(', ') === known.columns && key.join(', ') === known.key) return;
  const made = known.columns.split(', ');
  const differences = [
    ...there.filter((column) => !made.includes(column)),
    ...made.filter((column) => !there.includes(column)),
  ];
  throw new BackupError(
    'TABLE_CHANGED',
    `The table ${name} has been changed by hand (${differences.join(', ') || 'the order of its columns, or its key'}), and a backup of it could not be brought back: undo that change, and keep what was added in a database of its own.`,
  );
}

/** Whatever in the database is not PostgreSQL's or an extension's: tables, views, sequences, schemas. */
export async function readForeignObjects(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(objectsSql);
  return rows.map(({ name }) => name);
}

/**
 * The migrations that the database has, in order; none where it has never been migrated.
 *
 * @throws BackupError `UNKNOWN_TABLES` for a database that a newer version has migrated.
 */
export async function readMigrations(client: ClientBase): Promise<string[]> {
  const { rows: found } = await client.query<{ is_there: boolean }>(
    `select to_regclass('public.${migrationsTable}') is not null as is_there`,
  );
  if (!found[0]!.is_there) return [];
  const { rows } = await client.query<{ name: string }>(`select name from public.${migrationsTable} order by id`);
  const names = rows.map(({ name }) => name);
  const unknown = names.filter((name) => !migrations.some((migration) => migration.name === name));
  if (unknown.length === 0) return names;
  throw new BackupError(
    'UNKNOWN_TABLES',
    `The database has been migrated by a newer Holdfast (${unknown.join(', ')}): use that one, or a newer one still.`,
  );
}

const ofPeople = `
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
  relrowsecurity as "isGuarded",
  relforcerowsecurity as "isForced"
from pg_class as objects
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p', 'f') and ${ofPeople}
order by 1`;

const objectsSql = `
select nspname || '.' || relname as name
from pg_class as objects
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p', 'f', 'v', 'm', 'S') and ${ofPeople}
union all
select 'schema ' || nspname from pg_namespace as objects where nspname <> 'public' and ${ofPeople}
order by 1`;
