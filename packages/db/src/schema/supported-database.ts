import { UnsupportedDatabaseError } from '../errors.ts';
import { migrationsTable } from './orm.ts';
import type { Query } from './query.ts';

interface DatabaseRow {
  encoding: string;
  isReadOnly: boolean;
  isolation: string;
  database: string;
  login: string;
  isMigrated: boolean;
  canReadMigrations: boolean | null;
  foreignTables: string[];
  hasForeignAuth: boolean;
}

// The tables are Holdfast's own once the migration that creates them is applied.
const databaseSql = `
select
  current_setting('server_encoding') as encoding,
  current_setting('default_transaction_read_only') = 'on' and not pg_is_in_recovery() as "isReadOnly",
  current_setting('default_transaction_isolation') as isolation,
  quote_ident(current_database()) as database,
  quote_ident(session_user) as login,
  to_regclass('public.${migrationsTable}') is not null as "isMigrated",
  has_table_privilege(to_regclass('public.${migrationsTable}'), 'select') as "canReadMigrations",
  array(
    select format('%I.%I', nspname, relname) from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = 'public' and relname in ('users', 'tasks')
    order by relname
  ) as "foreignTables",
  exists (select from pg_namespace where nspname = 'auth') as "hasForeignAuth"`;

/** The reasons why Holdfast cannot use a database, each with its fix. */
export interface Unsupported {
  readonly settings: readonly string[];
  /** Tables of another application that have Holdfast's names. No fix may change them. */
  readonly foreign: readonly string[];
}

export async function findUnsupported(query: Query): Promise<Unsupported> {
  const [row] = (await query<DatabaseRow>(databaseSql)) as [DatabaseRow];
  // A login for tools may use the tables without the privilege to read the list of migrations.
  if (row.canReadMigrations === false) return { settings: findSettingProblems(row), foreign: [] };
  const applied = row.isMigrated ? await query<{ name: string }>(`select name from public.${migrationsTable}`) : [];
  const has = (migration: string) => applied.some(({ name }) => name === migration);
  return { settings: findSettingProblems(row), foreign: findForeignProblems(row, has) };
}

function findSettingProblems({ encoding, isReadOnly, isolation, database, login }: DatabaseRow): string[] {
  const reset = (name: string) =>
    `The pooler keeps the setting ${name}. Run: alter database ${database} reset ${name}; alter role ${login} reset ${name}`;
  return [
    ...(encoding === 'UTF8'
      ? []
      : [
          `The database encoding is ${encoding}. Create a database with createdb --template=template0 --encoding=UTF8.`,
        ]),
    ...(isReadOnly ? [reset('default_transaction_read_only')] : []),
    ...(isolation === 'read committed' ? [] : [reset('default_transaction_isolation')]),
  ];
}

function findForeignProblems(row: DatabaseRow, has: (migration: string) => boolean): string[] {
  const foreign = [
    ...(has('0001-users-and-tasks') ? [] : row.foreignTables.map((name) => `table ${name}`)),
    ...(has('0002-auth') || !row.hasForeignAuth ? [] : ['schema auth']),
  ];
  if (foreign.length === 0) return [];
  return [`Another application uses ${foreign.join(', ')} in this database. Use a separate database.`];
}

/** @throws UnsupportedDatabaseError if Holdfast cannot use the database. */
export async function assertSupported(query: Query): Promise<void> {
  const { settings, foreign } = await findUnsupported(query);
  const problems = [...foreign, ...settings];
  if (problems.length > 0) throw new UnsupportedDatabaseError(problems);
}
