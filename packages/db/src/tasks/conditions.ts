import { sql } from 'kysely';

export interface TaskKey {
  userId: string;
  id: string;
}

/**
 * Whether a task that is looked up by its ID is not in the trash. For `deleted_at is null`, PostgreSQL may read all of the
 * user's tasks in a partial index instead of one in the primary key.
 */
export const isPresent = sql<boolean>`coalesce(deleted_at, 'infinity') = 'infinity'`;

/** True if no version is given. The cast to bigint accepts versions that no task can have. */
export function hasVersion(version: number | undefined) {
  return sql<boolean>`(${version}::bigint is null or version = ${version}::bigint)`;
}

/** True for the inbox, and for a list of the user that is not in the trash. */
export function hasList(userId: string, listId: unknown) {
  return sql<boolean>`(${listId}::uuid is null or exists (
    select from public.lists where user_id = ${userId}::uuid and id = ${listId}::uuid and deleted_at is null))`;
}

/** The user's revision, which the first statement of the write has taken. */
export function readRevision(userId: string) {
  return sql<string>`(select revision from public.users where id = ${userId}::uuid)`;
}
