import type { EntityManager } from '@mikro-orm/postgresql';
import type { Reasons, Unread } from './read-section.ts';

export interface StatementStatus {
  calls: number;
  totalMs: number;
  meanMs: number;
  rows: number;
  text: string;
}

/** Why the extension may be there and not answer. */
export const statementsReasons: Reasons = {
  '55000': 'pg_stat_statements is not in shared_preload_libraries of the server',
  '42703': 'pg_stat_statements is of an old version: alter extension pg_stat_statements update',
};

/** The statements of this database that have taken the most time in all. */
export async function readStatements(em: EntityManager): Promise<StatementStatus[] | Unread> {
  const [extension] = await em.execute<{ view: string }[]>(`
select format('%I.pg_stat_statements', nspname) as view
from pg_extension join pg_namespace on pg_namespace.oid = extnamespace
where extname = 'pg_stat_statements'`);
  if (extension === undefined) return { unread: await explainAbsence(em) };
  const rows = await em.execute<StatementStatus[]>(`
select calls::float8, total_exec_time as "totalMs", mean_exec_time as "meanMs", rows::float8, query as text
from ${extension.view}
where dbid = (select oid from pg_database where datname = current_database()) and toplevel
order by total_exec_time desc
limit 10`);
  for (const row of rows) row.text = withoutLiterals(row.text);
  return rows;
}

async function explainAbsence(em: EntityManager): Promise<string> {
  const available = await em.execute(`select from pg_available_extensions where name = 'pg_stat_statements'`);
  return available.length > 0
    ? 'create extension pg_stat_statements; the server also needs it in shared_preload_libraries'
    : 'this server comes without pg_stat_statements';
}

/**
 * PostgreSQL replaces a statement's literals by numbers, but not in every case: up to version 15 not in utility statements,
 * and in none that it forgot while it ran. What follows a literal that is left may hold a user's text.
 */
function withoutLiterals(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  const literal = line.search(/'|\$(?!\d)/);
  return literal < 0 ? line : `${line.slice(0, literal)}'…`;
}
