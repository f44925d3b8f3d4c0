import type { Migration } from '@mikro-orm/migrations';
import { transactionSettings } from '../connection/fixed-settings.ts';
import { toIndexSql } from '../schema/late-indexes.ts';
import { createMigrationsTable } from '../schema/migrate.ts';
import { migrations } from '../schema/migrations/index.ts';
import { migrationsTable, openOrm } from '../schema/orm.ts';
import { type CatalogTable, toSqlName } from './catalog.ts';
import { loggedTables } from './known-tables.ts';
import { toColumnList } from './rows.ts';

/** For a person who has psql and this file, but not Holdfast. */
const instructions = `-- A Holdfast database. To restore it without Holdfast, install zstd, create an empty database, and set URL to it. Its
-- user must be allowed to create roles. Extract the backup, change to its folder, and run:
--
--   psql "$URL" --single-transaction --file schema.sql --file load.sql
--
-- tables/ contains the rows of each table as COPY text, in parts that are compressed with zstd. To check a table, compare
-- the output of this command with its sha256 in manifest.json:
--   echo tables/public.tasks.*.copy.zst | xargs zstd -dc | sha256sum
`;

const settings = Object.entries(transactionSettings).map(([name, value]) => `set ${name} = '${value}';`);

/** Returns a script for psql that creates the schema as these migrations do. */
export async function toSchemaSql(names: readonly string[]): Promise<string> {
  // Migrations return their SQL without a connection.
  const orm = openOrm('postgresql://localhost/unused');
  try {
    const statements = [createMigrationsTable];
    for (const { name, class: Class } of migrations.filter(({ name }) => names.includes(name))) {
      const migration = new Class(orm.em.getDriver(), orm.config) as Migration;
      await migration.up();
      statements.push(...migration.getQueries().map(String), ...toIndexSql([name]));
      statements.push(`insert into public.${migrationsTable} (name) values ('${name}')`);
    }
    const script = statements.map((statement) => `${statement.trim()};\n`);
    return [instructions, '\\set ON_ERROR_STOP on\n', ...settings, ...script].join('\n');
  } finally {
    await orm.close();
  }
}

/**
 * Returns a script for psql that loads every table, in the transaction of `schema.sql`. The file names go through xargs
 * because the system limits the arguments of a program to a few megabytes. `echo` has no limit, because it runs in the shell.
 */
export function toLoadSql(tables: readonly CatalogTable[]): string {
  return [
    '-- Runs after schema.sql in the same transaction. See the instructions in schema.sql.',
    '\\set ON_ERROR_STOP on',
    `set client_encoding = 'UTF8';`,
    ...tables.flatMap((table) => {
      const copy = `\\copy ${toSqlName(table)} (${toColumnList(table)}) from program 'echo tables/${table.name}.*.copy.zst | xargs zstd -dc'`;
      const alter = `alter table ${toSqlName(table)}`;
      const isLogged = loggedTables.includes(table.name);
      return [
        ...(table.forcesRowSecurity ? [`${alter} no force row level security;`] : []),
        ...(isLogged ? [`${alter} disable trigger user;`, copy, `${alter} enable trigger user;`] : [copy]),
        ...(table.forcesRowSecurity ? [`${alter} force row level security;`] : []),
      ];
    }),
    '',
  ].join('\n');
}
