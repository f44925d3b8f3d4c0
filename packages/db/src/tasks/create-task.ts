import { sql } from 'kysely';
import { ListNotFoundError } from '../lists/errors.ts';
import { createIdAndTime } from '../records/new-id.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { internalsOf } from '../scope/user-scope.ts';
import { logTaskStatement } from '../writes/log.ts';
import { hashRequest } from '../writes/request-hash.ts';
import { runWrite } from '../writes/run-write.ts';
import { hasList, type TaskKey } from './conditions.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import {
  type ColumnValues,
  hasValues,
  type NewTaskValues,
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

interface CreateArgs extends TaskKey, ColumnValues {
  completedAt: string | null;
  createdAt: string;
  search: string;
}

/** Returns no row if the user has created a task with this ID before, or has no such list. */
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
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('changes')
                  .select('revision')
                  .where('user_id', '=', value('userId'))
                  .where('operation_id', '=', value('id')),
              ),
            ),
          ),
      )
      // If the id is taken, this writes the row unchanged. Without a write, RETURNING would not return an existing row.
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'id']).doUpdateSet((row) => ({ version: row.ref('tasks.version') })),
      )
      .returning(taskColumns),
  { isIdempotent: true },
);

/** The task that an earlier call has created, as it is now, and the hash of that call. The task is null if it was purged. */
export const getCreatedTaskStatement = createStatement<TaskKey>('task_get_created', (db, { value }) =>
  db
    .selectFrom('changes')
    .leftJoin('tasks', (join) => join.onRef('tasks.user_id', '=', 'changes.user_id').on('tasks.id', '=', value('id')))
    .select(taskColumns.map((column) => `tasks.${column}` as const))
    .select('changes.request_hash')
    .where('changes.user_id', '=', value('userId'))
    .where('changes.operation_id', '=', value('id')),
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
  const requestHash = hashRequest('task.create', { ...values, position: given.position });
  const args: CreateArgs = {
    ...toColumnValues(values),
    userId,
    id,
    completedAt: values.completed ? createdAt : null,
    createdAt,
    search: toSearch(values),
  };
  const [row] = await runWrite(
    scope,
    { statement: createTaskStatement, args },
    { statement: logTaskStatement, args: { userId, id, operationId: id, requestHash } },
  );
  if (row === undefined) return findCreatedTask(scope, id, requestHash);
  const task = toTask(row);
  if (!hasValues(task, { ...values, position: given.position })) throw new TaskConflictError(otherTask, task);
  return task;
}

const otherTask = 'Another task has this ID. Use a new ID.';

async function findCreatedTask(scope: UserScope, id: string, requestHash: string): Promise<TaskRecord> {
  const { userId } = scope;
  const [row] = await internalsOf(scope).run(getCreatedTaskStatement, { userId, id });
  if (row === undefined) throw new ListNotFoundError('listId');
  const isSame = row.at(-1) === requestHash;
  if (row[0] === null) throw isSame ? new TaskNotFoundError() : new TaskConflictError(otherTask, null);
  const task = toTask(row);
  if (!isSame) throw new TaskConflictError(otherTask, task);
  return task;
}
