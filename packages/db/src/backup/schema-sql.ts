import type { Migration } from '@mikro-orm/migrations';
import { createMigrationsTable } from '../schema/migrate.ts';
import { migrations } from '../schema/migrations/index.ts';
import { migrationsTable, openOrm } from '../schema/orm.ts';
import { toColumnList } from './rows.ts';
import { type GuardedTable, toSqlName } from './tables.ts';

/** What a person needs who has psql and this file, and nothing else. */
const instructions = `-- A Holdfast database. To bring it back without Holdfast, unpack the backup, enter the folder and say, with the URL
-- of a new and empty database whose user may create roles (zstd must be there as well):
--
--   psql "$URL" --single-transaction --file schema.sql --file load.sql
--
-- tables/ holds each table's rows as COPY text, packed with zstd and cut into parts. Whether a table is whole tells
--   echo tables/public.tasks.*.copy.zst | xargs zstd -dc | sha256sum
-- which must be what manifest.json says.
`;

/** The schema as these migrations make it, as a script for psql. */
export async function toSchemaSql(names: readonly string[]): Promise<string> {
  // Migrations give their SQL away without being connected to anything.
  const orm = openOrm('postgresql://localhost/unused');
  try {
    const statements = [createMigrationsTable];
    for (const { name, class: Class } of migrations.filter(({ name }) => names.includes(name))) {
      const migration = new Class(orm.em.getDriver(), orm.config) as Migration;
      await migration.up();
      statements.push(...migration.getQueries().map(String));
      statements.push(`insert into ${migrationsTable} (name) values ('${name}')`);
    }
    const script = statements.map((statement) => `${statement.trim()};\n`);
    return [instructions, '\\set ON_ERROR_STOP on\n', ...script].join('\n');
  } finally {
    await orm.close();
  }
}

/**
 * Loads every table, as a script for psql that runs in the transaction of the schema's. The names of the parts go through
 * xargs because a shell gives no program more than some megabytes of them; `echo` is its own.
 */
export function toLoadSql(tables: readonly GuardedTable[]): string {
  return [
    '-- Runs after schema.sql and in its transaction; see there.',
    '\\set ON_ERROR_STOP on',
    `set client_encoding = 'UTF8';`,
    ...tables.flatMap((table) => {
      const copy = `\\copy ${toSqlName(table)} (${toColumnList(table)}) from program 'echo tables/${table.name}.*.copy.zst | xargs zstd -dc'`;
      if (!table.isForced) return [copy];
      const alter = `alter table ${toSqlName(table)}`;
      return [`${alter} no force row level security;`, copy, `${alter} force row level security;`];
    }),
    '',
  ].join('\n');
}
