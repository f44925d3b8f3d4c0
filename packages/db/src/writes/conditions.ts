import { type QueryCreator, sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';

/**
 * Whether a row that is looked up by its ID is not in the trash. For `deleted_at is null`, PostgreSQL may read all of the user's
 * rows in a partial index instead of one in the primary key.
 */
export const isPresent = sql<boolean>`coalesce(deleted_at, 'infinity') = 'infinity'`;

/** True if no version is given. The cast to bigint accepts versions that no row can have. */
export function hasVersion(version: number | undefined) {
  return sql<boolean>`(${version}::bigint is null or version = ${version}::bigint)`;
}

/** The user's revision, which the first statement of the write has taken. */
export function readRevision(userId: string) {
  return sql<string>`(select revision from public.users where id = ${userId}::uuid)`;
}

/** The earlier write with the same operation ID. */
export function findPrior(query: QueryCreator<Tables>, userId: string, operationId: string | undefined) {
  return query
    .selectFrom('changes')
    .select('request_hash')
    .where('user_id', '=', userId)
    .where('operation_id', '=', operationId!);
}

/** Whether no earlier write has the same operation ID. The query must have the part `prior`, made by `findPrior`. */
export const hasNoPrior = sql<boolean>`not exists (select from prior)`;

/** As `hasNoPrior`, without that part. */
export function isFirst(userId: string, operationId: string | undefined) {
  return sql<boolean>`not exists (
    select from public.changes where user_id = ${userId}::uuid and operation_id = ${operationId}::uuid)`;
}
