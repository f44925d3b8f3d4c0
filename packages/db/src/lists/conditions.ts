import { sql } from 'kysely';
import { isPresent } from '../writes/conditions.ts';

/** Most lists of a user that are not in the trash. */
export const maxLists = 500;

/** True for the inbox, and for a list of the user that is not in the trash. */
export function hasList(userId: string, listId: unknown) {
  return sql<boolean>`(${listId}::uuid is null or exists (
    select from public.lists where user_id = ${userId}::uuid and id = ${listId}::uuid and ${isPresent}))`;
}

/** True if the user can have one more list. */
export function hasRoom(userId: string) {
  return sql<boolean>`((select count(*) from public.lists where user_id = ${userId}::uuid and deleted_at is null)
    < ${sql.lit(maxLists)})`;
}
