import { lateIndexes } from './migrations/index.ts';
import type { Query } from './query.ts';

/** Returns the SQL that builds the late indexes of these migrations in a transaction. It blocks writes. */
export function toIndexSql(names: readonly string[]): string[] {
  return names.flatMap((name) => lateIndexes[name] ?? []).map(({ name, on }) => `create index ${name} on ${on}`);
}

export interface MissingIndex {
  readonly name: string;
  /** The SQL that builds the index without blocking writes. Each statement runs outside of a transaction. */
  readonly statements: readonly string[];
  /** Whether another session builds it, such as that of a process which was killed. */
  readonly isBeingBuilt: boolean;
}

/**
 * Finds the late indexes that the database lacks. If a process ends while it builds one, an invalid index can remain, which is
 * dropped first. Returns none to a user who does not own the tables.
 *
 * @param query Runs SQL outside of a transaction, because PostgreSQL shows a transaction the progress of its first look only.
 */
export async function findMissingIndexes(query: Query): Promise<MissingIndex[]> {
  const known = Object.values(lateIndexes).flat();
  const rows = await query<{ name: string; isInvalid: boolean; isBeingBuilt: boolean }>(`
select
  known.name,
  pg_index.indexrelid is not null as "isInvalid",
  exists (select from pg_stat_progress_create_index where index_relid = pg_index.indexrelid) as "isBeingBuilt"
from unnest(array[${known.map(({ name }) => `'${name}'`).join(', ')}]) with ordinality as known (name, place)
join pg_class as tasks on tasks.oid = to_regclass('public.tasks') and pg_has_role(current_user, tasks.relowner, 'usage')
left join pg_class as found on found.relname = known.name and found.relnamespace = tasks.relnamespace
left join pg_index on pg_index.indexrelid = found.oid
where indisvalid is not true
order by place`);
  return rows.map(({ name, isInvalid, isBeingBuilt }) => ({
    name,
    isBeingBuilt,
    statements: [
      ...(isInvalid ? [`drop index concurrently if exists public.${name}`] : []),
      `create index concurrently ${name} on ${known.find((index) => index.name === name)!.on}`,
    ],
  }));
}
