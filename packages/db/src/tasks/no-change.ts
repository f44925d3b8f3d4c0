import { ListNotFoundError } from '../lists/errors.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { isChanged } from '../writes/given-columns.ts';
import { assertSameRequest, type OperationArgs } from '../writes/operation.ts';
import { hasList, type TaskKey } from './conditions.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import { type ColumnValues, taskColumns, type TaskRecord, toTask, writableColumns } from './record.ts';

interface NoChangeArgs extends TaskKey, ColumnValues, OperationArgs {
  ifVersion: number | undefined;
}

/** The task as it is now, also in the trash, and what a write without an effect must know. */
export const getUnchangedTaskStatement = createStatement<NoChangeArgs>(
  'task_get_unchanged',
  (db, parameters) => {
    const { value } = parameters;
    const userId = value('userId');
    return db
      .selectFrom('tasks')
      .select(taskColumns)
      .select((task) => [
        task
          .selectFrom('changes')
          .select('request_hash')
          .where('user_id', '=', userId)
          .where('operation_id', '=', value('operationId'))
          .as('prior_hash'),
        hasList(userId, value('list_id')).as('has_list'),
        task.not(task.or(writableColumns.map(({ column }) => isChanged(parameters, column)))).as('has_values'),
      ])
      .where('user_id', '=', userId)
      .where('id', '=', value('id'));
  },
  { isOnPrimary: true },
);

/**
 * Returns the task of a write that changed nothing because the task was equal, or because an earlier call has done this write.
 * Otherwise throws the reason. Other writes can come between, so a write counts as accepted only if that is certain: the log
 * remembers each accepted operation, and without an operation ID, the task must have the given values now.
 *
 * @param args.mayBeEqual Whether the write changes nothing if the task has the given values.
 * @throws TaskNotFoundError
 * @throws ListNotFoundError
 * @throws TaskConflictError
 * @throws OperationConflictError
 */
export async function explainNoChange(
  scope: UserScope,
  args: NoChangeArgs & { mayBeEqual: boolean },
): Promise<TaskRecord> {
  const [row] = await internalsOf(scope).run(getUnchangedTaskStatement, args);
  if (row === undefined) throw new TaskNotFoundError();
  const task = toTask(row);
  const [priorHash, hasTargetList, hasGivenValues] = row.slice(taskColumns.length);
  assertSameRequest(priorHash!, args);
  if (priorHash !== null) return task;
  if (task.deletedAt !== null) throw new TaskNotFoundError();
  const { ifVersion, operationId, mayBeEqual } = args;
  if (ifVersion !== undefined && task.version !== ifVersion) {
    throw new TaskConflictError(`The task has version ${task.version}, not ${ifVersion}. Read it again.`, task);
  }
  if (hasTargetList === 'f') throw new ListNotFoundError('listId');
  if (mayBeEqual && operationId === undefined && hasGivenValues === 't') return task;
  throw new TaskConflictError('The task has changed meanwhile. Read it again.', task);
}
