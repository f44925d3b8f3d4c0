import { type QueryCreator, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import type { TextRow } from '../scope/prepared-statement.ts';
import { assertSameRequest, type OperationArgs } from '../writes/operation.ts';
import { ListConflictError, ListNotFoundError } from './errors.ts';
import { listColumns, type ListRecord, toList } from './record.ts';

export interface ListKey {
  userId: string;
  id: string;
}

type WithChange = QueryCreator<
  Tables & { prior: { request_hash: bigint | null }; changed: Pick<Tables['lists'], (typeof listColumns)[number]> }
>;

/**
 * The changed list, or the list that the write did not change with what explains it. The query must have the parts `prior` and
 * `changed`. FOR SHARE reads the new row if the write waited for an internal tool, which does not lock the user.
 *
 * @param problem Why other rows do not permit the write; null if they do.
 */
export function selectResult(
  query: WithChange,
  { userId, id }: ListKey,
  problem: RawBuilder<string | null> = sql`null::text`,
) {
  return query
    .with('unchanged', (unchanged) =>
      unchanged
        .selectFrom('lists')
        .select(listColumns)
        .select([
          sql<boolean>`false`.as('is_applied'),
          sql<bigint | null>`(select request_hash from prior)`.as('prior_hash'),
          sql<boolean>`deleted_at is not null`.as('is_in_trash'),
          problem.as('problem'),
        ])
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('changed').select('id'))))
        .forShare(),
    )
    .selectFrom('changed')
    .select([
      ...listColumns,
      sql<boolean>`true`.as('is_applied'),
      sql<bigint | null>`null::bigint`.as('prior_hash'),
      sql<boolean>`false`.as('is_in_trash'),
      sql<string | null>`null::text`.as('problem'),
    ])
    .unionAll((union) => union.selectFrom('unchanged').selectAll());
}

/** The outcome of a write to a list. */
export interface ListResult {
  list: ListRecord;
  /** Whether this call or an earlier one with the same operation ID has applied the write. */
  isApplied: boolean;
  isInTrash: boolean;
  problem: string | null;
}

/**
 * Converts a row of `selectResult`.
 *
 * @throws ListNotFoundError if the user has never had the list, or it was purged.
 * @throws OperationConflictError
 */
export function toResult(row: TextRow | undefined, args: OperationArgs): ListResult {
  if (row === undefined) throw new ListNotFoundError(null);
  const [isApplied, priorHash, isInTrash, problem] = row.slice(listColumns.length);
  assertSameRequest(priorHash!, args);
  return {
    list: toList(row),
    isApplied: isApplied === 't' || priorHash !== null,
    isInTrash: isInTrash === 't',
    problem: problem!,
  };
}

/** @throws ListConflictError if the list does not have the version `ifVersion`. */
export function assertVersion(list: ListRecord, ifVersion: number | undefined): void {
  if (ifVersion === undefined || list.version === ifVersion) return;
  throw new ListConflictError(`The list has version ${list.version}, not ${ifVersion}. Read it again.`, list);
}
