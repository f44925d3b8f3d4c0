import { type QueryCreator, sql } from 'kysely';
import { ListNotFoundError } from '../lists/errors.ts';
import type { Tables } from '../schema/row-types.ts';
import { createStatement, type TextRow } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { findPrior } from '../writes/conditions.ts';
import { isChanged, toNewValue } from '../writes/given-columns.ts';
import { logOperationStatement, logTaskStatement } from '../writes/log.ts';
import { assertSameRequest, type Repeatable, type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite, type WriteCall } from '../writes/run-write.ts';
import { hasList, hasVersion, isPresent, readRevision, type TaskKey } from './conditions.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import {
  type ColumnValues,
  type FoldedTexts,
  taskColumns,
  type TaskChanges,
  type TaskRecord,
  toColumnValues,
  toFoldedTexts,
  toTask,
  type WritableColumn,
  writableColumns,
} from './record.ts';

export interface Expectation extends Repeatable {
  id: string;
  /** Apply the write only if the task has this version. */
  ifVersion?: number | undefined;
}

export type TaskChange = TaskChanges & Expectation;

/** The columns of `findUnchanged` after those of the task, for a task that the write has changed. */
const applied = [
  sql<boolean>`true`.as('is_applied'),
  sql<bigint | null>`null::bigint`.as('prior_hash'),
  sql<boolean>`true`.as('has_list'),
] as const;

interface UpdateArgs extends TaskKey, ColumnValues, FoldedTexts, OperationArgs {
  ifVersion: number | undefined;
  changedAt: string;
}

/** Changes the given fields. The last columns of the result are those of `findUnchanged`. */
export const updateTaskStatement = createStatement<UpdateArgs>('task_update', (db, parameters) => {
  const { value, isGiven } = parameters;
  const [userId, listId] = [value('userId'), value('list_id')];
  const foldedLine = (name: keyof FoldedTexts, line: number) =>
    sql`case when ${isGiven(name)} then ${value(name)} else split_part(search, E'\n', ${sql.lit(line)}) end`;
  const assignments = writableColumns.map(({ column }) => [column, toNewValue(parameters, column)]);
  return db
    .with('prior', (query) => findPrior(query, userId, value('operationId')))
    .with('changed', (query) =>
      query
        .updateTable('tasks')
        .set({
          ...(Object.fromEntries(assignments) as Record<WritableColumn, never>),
          completed_at: sql`case when not ${isGiven('completed')} then completed_at
            when ${value('completed')} then coalesce(completed_at, greatest(created_at, ${value('changedAt')})) end`,
          updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
          version: sql`version + 1`,
          search: sql`case when ${isGiven('foldedTitle')} or ${isGiven('foldedDescription')} or ${isGiven('foldedLabels')}
            then concat_ws(E'\n', ${sql.join([foldedLine('foldedTitle', 1), foldedLine('foldedDescription', 2), foldedLine('foldedLabels', 3)])})
            else search end`,
          revision: readRevision(userId) as never,
        })
        .where('user_id', '=', userId)
        .where('id', '=', value('id'))
        .where(isPresent)
        .where(hasVersion(value('ifVersion')))
        .where((task) => task.or(writableColumns.map(({ column }) => isChanged(parameters, column))))
        .where(hasList(userId, listId))
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('prior').select('request_hash'))))
        .returning(taskColumns),
    )
    .with('unchanged', (query) => findUnchanged(query, { userId, id: value('id'), listId }))
    .selectFrom('changed')
    .select([...taskColumns, ...applied])
    .unionAll((query) => query.selectFrom('unchanged').selectAll());
});

interface DeleteArgs extends TaskKey, OperationArgs {
  ifVersion: number | undefined;
  changedAt: string;
}

/** Moves the task to the trash. The last columns of the result are those of `findUnchanged`. */
export const deleteTaskStatement = createStatement<DeleteArgs>('task_delete', (db, { value }) => {
  const userId = value('userId');
  return db
    .with('prior', (query) => findPrior(query, userId, value('operationId')))
    .with('changed', (query) =>
      query
        .updateTable('tasks')
        .set({
          deleted_at: sql`greatest(created_at, ${value('changedAt')})`,
          updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
          version: sql`version + 1`,
          revision: readRevision(userId) as never,
        })
        .where('user_id', '=', userId)
        .where('id', '=', value('id'))
        .where(isPresent)
        .where(hasVersion(value('ifVersion')))
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('prior').select('request_hash'))))
        .returning(taskColumns),
    )
    .with('unchanged', (query) => findUnchanged(query, { userId, id: value('id'), listId: null }))
    .selectFrom('changed')
    .select([...taskColumns, ...applied])
    .unionAll((query) => query.selectFrom('unchanged').selectAll());
});

type WithChange = Tables & { prior: { request_hash: bigint | null }; changed: Pick<Tables['tasks'], 'id'> };

/**
 * The task, if this write did not change it. A task in the trash counts only if an earlier call has done this write.
 *
 * Internal tools do not lock the user, so the write may have waited for one of them. The new row is not in this statement's
 * snapshot: FOR SHARE reads it, and a weaker lock does not.
 */
function findUnchanged(query: QueryCreator<WithChange>, key: TaskKey & { listId: unknown }) {
  return query
    .selectFrom('tasks')
    .select(taskColumns)
    .select([
      sql<boolean>`false`.as('is_applied'),
      sql<bigint | null>`(select request_hash from prior)`.as('prior_hash'),
      hasList(key.userId, key.listId).as('has_list'),
    ])
    .where('user_id', '=', key.userId)
    .where('id', '=', key.id)
    .where(sql<boolean>`(${isPresent} or exists (select from prior))`)
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('changed').select('id'))))
    .forShare();
}

/**
 * Changes the given fields and no others; `null` clears a field. An update without an effect changes nothing, including
 * `updatedAt` and `version`.
 *
 * @throws TaskNotFoundError
 * @throws ListNotFoundError
 * @throws TaskConflictError if the task does not have the version `ifVersion`.
 * @throws OperationConflictError
 */
export async function updateTask(scope: UserScope, input: TaskChange): Promise<TaskRecord> {
  const { id, ifVersion, operationId: _, ...changes } = input;
  const args: UpdateArgs = {
    ...toColumnValues(changes),
    ...toFoldedTexts(changes),
    ...toOperationArgs('task.update', input),
    userId: scope.userId,
    id,
    ifVersion,
    changedAt: new Date().toISOString(),
  };
  const log = toLog(args, { ifVersion, listId: changes.listId });
  const [row] = await runWrite(scope, { statement: updateTaskStatement, args }, log);
  return toResult(row, args);
}

/**
 * Moves a task to the trash.
 *
 * @throws TaskNotFoundError
 * @throws TaskConflictError if the task does not have the version `ifVersion`.
 * @throws OperationConflictError
 */
export async function deleteTask(scope: UserScope, input: Expectation): Promise<{ id: string }> {
  const { id, ifVersion } = input;
  const args: DeleteArgs = {
    ...toOperationArgs('task.delete', input),
    userId: scope.userId,
    id,
    ifVersion,
    changedAt: new Date().toISOString(),
  };
  const log = toLog(args, { ifVersion, listId: undefined });
  const [row] = await runWrite(scope, { statement: deleteTaskStatement, args }, log);
  return { id: toResult(row, args).id };
}

function toLog(
  { userId, id, operationId, requestHash }: TaskKey & OperationArgs,
  condition: { ifVersion: number | undefined; listId: string | null | undefined },
): WriteCall {
  return operationId === undefined || requestHash === undefined
    ? { statement: logTaskStatement, args: { userId, id, operationId, requestHash } }
    : { statement: logOperationStatement, args: { userId, id, operationId, requestHash, ...condition } };
}

/** The task of a conditional write. */
function toResult(row: TextRow | undefined, args: OperationArgs & { ifVersion: number | undefined }): TaskRecord {
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
