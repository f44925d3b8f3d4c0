import { ownerTables } from './cluster.ts';

/** In the order in which writes lock them. */
export const ownerTableNames = ownerTables.map(({ name }) => name);

const toName = (table: string) => table.replace('public.', '');

/** Whether the statement can lock the table: `alter table`, a trigger, a foreign key. It may also be true without need. */
function locks(statement: string, table: string): boolean {
  return new RegExp(String.raw`\b(?:alter table|references|on)\s+(?:public\.)?${toName(table)}\b`, 'i').test(statement);
}

/**
 * Adds a statement that locks all tables of a migration at once, in the order in which writes lock them, before the first
 * statement that locks one. In another order, the migration and a write would wait for each other: with many writes at a time,
 * in each attempt.
 */
export function lockInOrder(statements: readonly string[]): string[] {
  const tables = ownerTableNames.filter((name) => statements.some((statement) => locks(statement, name)));
  if (tables.length < 2) return [...statements];
  const first = statements.findIndex((statement) => tables.some((table) => locks(statement, table)));
  return statements.toSpliced(first, 0, toLockSql(tables, 'access exclusive'));
}

/** Locks the tables in this order. Leaves out those that do not exist yet. */
export const toLockSql = (tables: readonly string[], mode: 'access exclusive' | 'share update exclusive') => `
do $$
declare name text;
begin
  foreach name in array array[${tables.map((table) => `'${table}'`).join(', ')}] loop
    if to_regclass(name) is not null then
      execute 'lock table ' || name || ' in ${mode} mode';
    end if;
  end loop;
end $$`;
