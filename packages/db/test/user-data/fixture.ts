import type { Client } from 'pg';
import { exportData, type ExportPage, importData, type UserScope } from '../../src/index.ts';
import { asTools } from '../fixture.ts';

/** Reads all pages of an export. */
export async function exportAll(scope: UserScope, maxBytes?: number): Promise<Omit<ExportPage, 'nextCursor'>> {
  const all: Omit<ExportPage, 'nextCursor'> = { lists: [], tasks: [] };
  let cursor: string | null = null;
  do {
    const page: ExportPage = await exportData(scope, { cursor: cursor ?? undefined, maxBytes });
    all.lists.push(...page.lists);
    all.tasks.push(...page.tasks);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** Imports the pages of an export in order, as many rows at a time. */
export async function importAll(scope: UserScope, { lists, tasks }: Omit<ExportPage, 'nextCursor'>) {
  const results = [];
  for (let at = 0; at < lists.length; at += 500) {
    results.push(await importData(scope, { lists: lists.slice(at, at + 500), tasks: [] }));
  }
  for (let at = 0; at < tasks.length; at += 500) {
    results.push(await importData(scope, { lists: [], tasks: tasks.slice(at, at + 500) }));
  }
  return {
    created: results.reduce((sum, { created }) => sum + created, 0),
    unchanged: results.reduce((sum, { unchanged }) => sum + unchanged, 0),
    conflicts: results.flatMap(({ conflicts }) => conflicts),
  };
}

/** The tables of all schemas, of which a column of any type contains the text. */
export async function findTablesWith(sql: Client, text: string): Promise<string[]> {
  const { rows: tables } = await sql.query<{ name: string; columns: string[] }>(`
    select format('%I.%I', nspname, relname) as name, array_agg(format('%I::text', attname)) as columns
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace join pg_attribute on attrelid = pg_class.oid
    where relkind in ('r', 'p') and nspname not like 'pg\\_%' and nspname <> 'information_schema' and attnum > 0 and not attisdropped
    group by 1 order by 1`);
  const found: string[] = [];
  for (const { name, columns } of tables) {
    const query = `select count(*) from ${name} where strpos(concat_ws(' ', ${columns.join(', ')}), $1) > 0`;
    const isPublic = name.startsWith('public.') && !/unlogged|migrations/.test(name);
    const { rows } = isPublic ? await asTools(sql, query, [text]) : await sql.query(query, [text]);
    if (Number(rows[0].count) > 0) found.push(name.replaceAll('"', ''));
  }
  return found.sort();
}
