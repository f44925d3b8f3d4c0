import type { EntityManager } from '@mikro-orm/postgresql';
import { lateIndexes } from './migrations/index.ts';

/** Returns the SQL that builds the late indexes of these migrations in a transaction. It blocks writes. */
export function toIndexSql(names: readonly string[]): string[] {
  return names.flatMap((name) => lateIndexes[name] ?? []).map(({ name, on }) => `create index ${name} on ${on}`);
}

/**
 * Returns the SQL that builds the late indexes which the database lacks, without blocking writes. Each statement runs outside
 * of a transaction. If a process ends during one, an invalid index remains, which the SQL drops first. Empty for a user who
 * does not own the tables.
 */
export async function findMissingIndexes(em: EntityManager): Promise<string[]> {
  const known = Object.values(lateIndexes).flat();
  const rows = await em.execute<{ name: string; isInvalid: boolean }[]>(`
select known.name, pg_index.indexrelid is not null as "isInvalid"
from unnest(array[${known.map(({ name }) => `'${name}'`).join(', ')}]) with ordinality as known (name, place)
join pg_class as tasks on tasks.oid = to_regclass('public.tasks') and pg_has_role(current_user, tasks.relowner, 'usage')
left join pg_class as found on found.relname = known.name and found.relnamespace = tasks.relnamespace
left join pg_index on pg_index.indexrelid = found.oid
where indisvalid is not true
order by place`);
  return rows.flatMap(({ name, isInvalid }) => [
    ...(isInvalid ? [`drop index concurrently if exists public.${name}`] : []),
    `create index concurrently ${name} on ${known.find((index) => index.name === name)!.on}`,
  ]);
}
