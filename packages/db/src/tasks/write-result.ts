import { type QueryCreator, sql } from 'kysely';
import { ListNotFoundError } from '../lists/errors.ts';
import type { Tables } from '../schema/row-types.ts';
import type { TextRow } from '../scope/prepared-statement.ts';
import { assertSameRequest, type OperationArgs } from '../writes/operation.ts';
import { hasList, isPresent, type TaskKey } from './conditions.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import { taskColumns, type TaskRecord, toTask } from './record.ts';

type WithChange = QueryCreator<
  Tables & { prior: { request_hash: bigint | null }; changed: Pick<Tables['tasks'], (typeof taskColumns)[number]> }
>;

/**
 * The changed task, or the task that the write did not change with what explains it. The query must have the parts `prior` and
 * `changed`. A task in the trash counts only if an earlier call has done this write.
 *
 * Internal tools do not lock the user, so the write may have waited for one of them. The new row is not in this statement's
 * snapshot: FOR SHARE reads it, and a weaker lock does not.
 */
export function selectResult(query: WithChange, { userId, id, listId }: TaskKey & { listId: unknown }) {
  return query
    .with('unchanged', (unchanged) =>
      unchanged
        .selectFrom('tasks')
        .select(taskColumns)
        .select([
          sql<boolean>`false`.as('is_applied'),
          sql<bigint | null>`(select request_hash from prior)`.as('prior_hash'),
          hasList(userId, listId).as('has_list'),
        ])
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .where(sql<boolean>`(${isPresent} or exists (select from prior))`)
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('changed').select('id'))))
        .forShare(),
    )
    .selectFrom('changed')
    .select([
      ...taskColumns,
      sql<boolean>`true`.as('is_applied'),
      sql<bigint | null>`null::bigint`.as('prior_hash'),
      sql<boolean>`true`.as('has_list'),
    ])
    .unionAll((union) => union.selectFrom('unchanged').selectAll());
}

/**
 * The task of a row of `selectResult`.
 *
 * @throws TaskNotFoundError
 * @throws ListNotFoundError
 * @throws TaskConflictError
 * @throws OperationConflictError
 */
export function toResult(
  row: TextRow | undefined,
  args: OperationArgs & { ifVersion: number | undefined },
): TaskRecord {
  if (row === undefined) throw new TaskNotFoundError();
  const task = toTask(row);
  const [isApplied, priorHash, hasTargetList] = row.slice(taskColumns.length);
  if (isApplied === 't') return task;
  assertSameRequest(priorHash!, args);
  if (priorHash !== null) return task;
  const { ifVersion } = args;
  if (ifVersion !== undefined && task.version !== ifVersion) {
    throw new TaskConflictError(`The task has version ${task.version}, not ${ifVersion}. Read it again.`, task);
  }
  if (hasTargetList === 'f') throw new ListNotFoundError('listId');
  return task;
}
