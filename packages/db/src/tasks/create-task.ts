import { sql } from 'kysely';
import { DatabaseUnavailableError } from '../errors.ts';
import { ListNotFoundError } from '../lists/errors.ts';
import { createIdAndTime } from '../records/new-id.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { internalsOf } from '../scope/user-scope.ts';
import { isFirst } from '../writes/conditions.ts';
import { logTaskStatement } from '../writes/log.ts';
import { type OperationArgs, toOperation } from '../writes/operation.ts';
import { runWrite } from '../writes/run-write.ts';
import { hasList, type TaskKey } from './conditions.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import {
  type ColumnValues,
  hasValues,
  type NewTaskValues,
  type TaskChanges,
  type TaskRecord,
  taskColumns,
  toColumnValues,
  toSearch,
  toTask,
  withInitialValues,
  writableColumns,
} from './record.ts';

export type NewTask = NewTaskValues & {
  /** UUID. Default: a new UUIDv7. */
  id?: string | undefined;
};

interface CreateArgs extends TaskKey, ColumnValues, OperationArgs {
  completedAt: string | null;
  createdAt: string;
  search: string;
}

/** Returns no row if the user has or had a task with this ID, or has no such list. */
export const createTaskStatement = createStatement<CreateArgs>(
  'task_create',
  (db, { value }) =>
    db
      .insertInto('tasks')
      .columns([
        ...writableColumns.map(({ column }) => column),
        ...(['user_id', 'id', 'completed_at', 'created_at', 'updated_at', 'search', 'is_folded', 'revision'] as const),
      ])
      .expression((from) =>
        from
          .selectFrom('users')
          .select([
            ...writableColumns.map(({ column, type }) => sql`${value(column)}::${sql.raw(type)}`.as(column)),
            'users.id as user_id',
            sql`${value('id')}::uuid`.as('id'),
            sql`${value('completedAt')}::timestamptz`.as('completed_at'),
            sql`${value('createdAt')}::timestamptz`.as('created_at'),
            sql`${value('createdAt')}::timestamptz`.as('updated_at'),
            sql`${value('search')}::text`.as('search'),
            sql`true`.as('is_folded'),
            'users.revision',
          ])
          .where('users.id', '=', value('userId'))
          .where(hasList(value('userId'), value('list_id')))
          .where(isFirst(value('userId'), value('operationId'))),
      )
      .onConflict((conflict) => conflict.columns(['user_id', 'id']).doNothing())
      .returning(taskColumns),
  { isIdempotent: true },
);

/** The task with this ID as it is now, and the hash of the call that has created one. Both can be absent. */
export const getCreatedTaskStatement = createStatement<TaskKey>(
  'task_get_created',
  (db, { value }) =>
    db
      .selectFrom('users')
      .leftJoin('tasks', (join) => join.onRef('tasks.user_id', '=', 'users.id').on('tasks.id', '=', value('id')))
      .leftJoin('changes', (join) =>
        join.onRef('changes.user_id', '=', 'users.id').on('changes.operation_id', '=', value('id')),
      )
      .select(taskColumns.map((column) => `tasks.${column}` as const))
      .select('changes.request_hash')
      .where('users.id', '=', value('userId')),
  { isOnPrimary: true },
);

/**
 * Creates a task. If the user has created a task with the given id and the same input before, returns that task as it is now
 * and creates nothing, so the call can be repeated safely.
 *
 * @throws ListNotFoundError
 * @throws TaskConflictError if the input differs.
 * @throws TaskNotFoundError if the task was created before and is purged.
 */
export async function createTask(scope: UserScope, input: NewTask): Promise<TaskRecord> {
  const { userId } = scope;
  const { id: newId, createdAt } = createIdAndTime();
  const { id = newId, ...given } = input;
  const values = withInitialValues(given);
  const request = { ...values, position: given.position };
  // Without an ID, the client cannot repeat the call.
  const operation = toOperation('task.create', input.id, request);
  const args: CreateArgs = {
    ...toColumnValues(values),
    ...operation,
    userId,
    id,
    completedAt: values.completed ? createdAt : null,
    createdAt,
    search: toSearch(values),
  };
  const [row] = await runWrite(
    scope,
    { statement: createTaskStatement, args },
    { statement: logTaskStatement, args: { userId, id, ...operation } },
  );
  return row === undefined ? findCreatedTask(scope, args, request) : toTask(row);
}

/** An earlier attempt of this call may have created the task. */
function rethrowAsUnknown(error: unknown): never {
  if (error instanceof DatabaseUnavailableError) throw new DatabaseUnavailableError({ cause: error.cause });
  throw error;
}

const otherTask = 'Another task has this ID. Use a new ID.';

async function findCreatedTask(scope: UserScope, args: CreateArgs, request: TaskChanges): Promise<TaskRecord> {
  const [row] = await internalsOf(scope).run(getCreatedTaskStatement, args).catch(rethrowAsUnknown);
  // The user was deleted meanwhile.
  if (row === undefined) throw new TaskNotFoundError();
  const hash = row.at(-1);
  const task = row[0] === null ? null : toTask(row);
  if (task === null && hash === null) throw new ListNotFoundError('listId');
  const isSame = hash === null ? hasValues(task!, request) : hash === args.requestHash;
  if (!isSame) throw new TaskConflictError(otherTask, task);
  if (task === null) throw new TaskNotFoundError();
  return task;
}
