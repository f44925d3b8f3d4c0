import { type RawBuilder, sql } from 'kysely';
import { createStatement, type Parameters, type Statement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { findPrior, hasNoPrior } from '../writes/conditions.ts';
import { isChanged, toNewValue } from '../writes/given-columns.ts';
import { logOperationStatement, logTaskStatement } from '../writes/log.ts';
import { type Repeatable, type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite, type WriteCall } from '../writes/run-write.ts';
import { hasList, hasVersion, isPresent, readRevision, type TaskKey } from './conditions.ts';
import {
  type ColumnValues,
  type FoldedTexts,
  taskColumns,
  type TaskChanges,
  type TaskRecord,
  toColumnValues,
  toFoldedTexts,
  type WritableColumn,
  writableColumns,
} from './record.ts';
import { selectResult, toResult } from './write-result.ts';

export interface Expectation extends Repeatable {
  id: string;
  /** Apply the write only if the task has this version. */
  ifVersion?: number | undefined;
}

export type TaskChange = TaskChanges & Expectation;

interface WriteArgs extends TaskKey, OperationArgs {
  ifVersion: number | undefined;
  changedAt: string;
}

interface Change {
  /** Besides the columns that each change sets. */
  set: object;
  /** Whether there is something to change. Default: always. */
  condition?: RawBuilder<boolean>;
  /** The parameter for the list that the task moves to, which must exist. Default: null. */
  listId?: unknown;
}

/** A statement that changes one task under the conditions of every write. Its result is that of `selectResult`. */
function createWriteStatement<Args extends WriteArgs>(
  name: string,
  toChange: (parameters: Parameters<Args>) => Change,
): Statement<Args> {
  return createStatement<Args>(name, (db, parameters) => {
    const { value } = parameters;
    const [userId, id, changedAt] = [value('userId'), value('id'), value('changedAt')];
    const { set, condition, listId = null } = toChange(parameters);
    const query = db
      .with('prior', (prior) => findPrior(prior, userId, value('operationId')))
      .with('changed', (changed) =>
        changed
          .updateTable('tasks')
          .set({
            ...set,
            updated_at: sql`greatest(updated_at, ${changedAt})`,
            version: sql`version + 1`,
            revision: readRevision(userId) as never,
          })
          .where('user_id', '=', userId)
          .where('id', '=', id)
          .where(isPresent)
          .where(hasVersion(value('ifVersion')))
          .$if(condition !== undefined, (update) => update.where(condition!))
          .$if(listId !== null, (update) => update.where(hasList(userId, listId)))
          .where(hasNoPrior)
          .returning(taskColumns),
      );
    return selectResult(query, { userId, id, listId });
  });
}

interface UpdateArgs extends WriteArgs, ColumnValues, FoldedTexts {}

/** A statement that changes the given ones of some columns. */
const createUpdateStatement = (name: string, columns: readonly WritableColumn[]) =>
  createWriteStatement<UpdateArgs>(name, (parameters) => {
    const { value, isGiven } = parameters;
    const foldedLine = (name: keyof FoldedTexts, line: number) =>
      sql`case when ${isGiven(name)} then ${value(name)} else split_part(search, E'\n', ${sql.lit(line)}) end`;
    return {
      set: {
        ...Object.fromEntries(columns.map((column) => [column, toNewValue(parameters, column)])),
        completed_at: sql`case when not ${isGiven('completed')} then completed_at
          when ${value('completed')} then coalesce(completed_at, greatest(created_at, ${value('changedAt')})) end`,
        search: sql`case when ${isGiven('foldedTitle')} or ${isGiven('foldedDescription')} or ${isGiven('foldedLabels')}
          then ${foldedLine('foldedTitle', 1)} || E'\n' || ${foldedLine('foldedDescription', 2)} || E'\n' || ${foldedLine('foldedLabels', 3)}
          else search end`,
      },
      condition: sql`(${sql.join(
        columns.map((column) => isChanged(parameters, column)),
        sql` or `,
      )})`,
      listId: columns.includes('list_id') ? value('list_id') : null,
    };
  });

const allColumns = writableColumns.map(({ column }) => column);

/** Columns that most updates do not change. */
const rareColumns = new Set<WritableColumn>(['list_id', 'due_date', 'due_time', 'due_time_zone']);

export const updateTaskStatement = createUpdateStatement(
  'task_update',
  allColumns.filter((column) => !rareColumns.has(column)),
);

/** Also changes the rare columns. Each column costs time in each update, also if its value does not change. */
export const updateAnyStatement = createUpdateStatement('task_update_any', allColumns);

/** Moves the task to the trash. */
export const deleteTaskStatement = createWriteStatement<WriteArgs>('task_delete', ({ value }) => ({
  set: { deleted_at: sql`greatest(created_at, ${value('changedAt')})` },
}));

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
  const hasRare = [...rareColumns].some((column) => args[column] !== undefined);
  const statement = hasRare ? updateAnyStatement : updateTaskStatement;
  const [row] = await runWrite(scope, { statement, args }, log);
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
  const args: WriteArgs = {
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
