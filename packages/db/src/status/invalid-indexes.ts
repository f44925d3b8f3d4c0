import type { EntityManager } from '@mikro-orm/postgresql';

/** An index that slows down every write and serves no query, because building it failed. */
export interface InvalidIndex {
  readonly name: string;
  /** SQL that rebuilds or drops the index. */
  readonly fix: string;
}

export async function readInvalidIndexes(em: EntityManager): Promise<InvalidIndex[]> {
  // PostgreSQL also marks an index as invalid while it is being built.
  const rows = await em.execute<{ name: string; isUnique: boolean }[]>(`
select format('%I.%I', nspname, relname) as name, indisunique as "isUnique"
from pg_index
join pg_class on pg_class.oid = indexrelid and relkind = 'i' and relpersistence <> 't'
join pg_namespace on pg_namespace.oid = relnamespace and nspname not in ('pg_catalog', 'information_schema')
where not indisvalid and not exists (select from pg_stat_progress_create_index where index_relid = indexrelid)
order by name`);
  return rows.map(({ name, isUnique }) => ({ name, fix: toFix(name, isUnique) }));
}

function toFix(name: string, isUnique: boolean): string {
  // PostgreSQL gives these names to the leftovers of a failed `reindex concurrently`.
  if (/_cc(new|old)\d*"?$/.test(name)) return `drop index concurrently ${name};`;
  return `reindex index concurrently ${name};${isUnique ? ' -- first remove rows with equal keys' : ''}`;
}
