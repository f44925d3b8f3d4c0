import type { EntityManager } from '@mikro-orm/postgresql';

export interface TableStatus {
  name: string;
  /** As the planner estimates them; null for a table that was never analysed. */
  rows: number | null;
  bytes: number;
  /** Of these bytes, those of its indexes. */
  indexBytes: number;
}

/** The tables of the database, the largest first. */
export function readTables(em: EntityManager): Promise<TableStatus[]> {
  return em.execute(`
select
  format('%I.%I', nspname, relname) as name,
  case
    when reltuples >= 0 then reltuples::float8
    when pg_relation_size(pg_class.oid) = 0 then 0
    else nullif(pg_stat_get_live_tuples(pg_class.oid), 0)::float8
  end as rows,
  pg_total_relation_size(pg_class.oid)::float8 as bytes,
  pg_indexes_size(pg_class.oid)::float8 as "indexBytes"
from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'm') and relpersistence <> 't' and nspname not in ('pg_catalog', 'information_schema')
order by bytes desc, name`);
}

export interface IndexesStatus {
  invalid: { name: string; table: string; mend: string }[];
  /** Neither unique nor scanned since `since`. */
  unused: { name: string; table: string; scans: number; bytes: number }[];
  /** When counting began, ISO 8601; null where the server does not know. */
  since: string | null;
}

const indexes = `
from pg_index
join pg_class on pg_class.oid = indexrelid and relkind = 'i' and relpersistence <> 't'
join pg_namespace on pg_namespace.oid = relnamespace and nspname not in ('pg_catalog', 'information_schema')`;

/** The indexes that somebody should look at. */
export async function readIndexes(em: EntityManager): Promise<IndexesStatus> {
  const [counted] = await em.execute<[{ since: string | null }]>(`
select to_char(stats_reset at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
from pg_stat_database where datname = current_database()`);
  return {
    invalid: await readInvalid(em),
    unused: await em.execute(`
select
  format('%I.%I', nspname, relname) as name,
  (select format('%s.%I', relnamespace::regnamespace, relname) from pg_class where oid = indrelid) as table,
  pg_stat_get_numscans(indexrelid)::float8 as scans,
  pg_relation_size(indexrelid)::float8 as bytes
${indexes}
where indisvalid and not indisunique and not indisexclusion and nspname <> 'pg_toast'
  and pg_stat_get_numscans(indexrelid) = 0
order by bytes desc, name`),
    since: counted.since,
  };
}

// An index that is being built looks the same as one whose building failed.
async function readInvalid(em: EntityManager): Promise<IndexesStatus['invalid']> {
  const rows = await em.execute<{ name: string; table: string; isUnique: boolean }[]>(`
select format('%I.%I', nspname, relname) as name, (select format('%s.%I', relnamespace::regnamespace, relname) from pg_class where oid = indrelid) as table, indisunique as "isUnique"
${indexes}
where not indisvalid and not exists (select from pg_stat_progress_create_index where index_relid = indexrelid)
order by name`);
  return rows.map(({ name, table, isUnique }) => ({ name, table, mend: toMend(name, isUnique) }));
}

/** What a failed `reindex concurrently` leaves behind is of no use; anything else is wanted and can be built anew. */
function toMend(name: string, isUnique: boolean): string {
  if (/_cc(new|old)\d*"?$/.test(name)) return `drop index concurrently ${name};`;
  return `reindex index concurrently ${name};${isUnique ? ' -- once no two rows are equal in it' : ''}`;
}
