import { type RawBuilder, sql } from 'kysely';

interface Given {
  userId: unknown;
  ids: unknown;
}

/**
 * The user's tasks with the given IDs, as a query in parentheses. Looks up each ID separately: for `id = any (…)`, PostgreSQL may
 * read all of the user's tasks in another index.
 */
export function selectGivenTasks<Row>({ userId, ids }: Given): RawBuilder<Row> {
  return sql<Row>`(select task.* from unnest(${ids}::uuid[]) as wanted (id)
    cross join lateral (select * from public.tasks where user_id = ${userId}::uuid and id = wanted.id limit 1) as task)`;
}
