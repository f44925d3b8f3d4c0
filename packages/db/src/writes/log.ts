import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import type { OperationArgs } from './operation.ts';

interface LogTaskArgs extends OperationArgs {
  userId: string;
  id: string;
}

/**
 * The last statement of a write to one task: adds a row to the log if the write changed the task. That row also remembers the
 * operation.
 */
export const logTaskStatement = createStatement<LogTaskArgs>(
  'log_task',
  (db, { value }) =>
    db
      .insertInto('changes')
      .columns(['user_id', 'revision', 'operation_id', 'request_hash', 'at', 'task_ids'])
      .expression((from) =>
        from
          .selectFrom('tasks')
          .select([
            'user_id',
            'revision',
            sql<string | null>`${value('operationId')}::uuid`.as('operation_id'),
            sql<string | null>`${value('requestHash')}::bigint`.as('request_hash'),
            sql<string>`now()`.as('at'),
            sql<string[]>`array[id]`.as('task_ids'),
          ])
          .where('user_id', '=', value('userId'))
          .where('id', '=', value('id'))
          .where('revision', '=', (user) =>
            user.selectFrom('users').select('revision').where('id', '=', value('userId')),
          ),
      )
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'operation_id']).where('operation_id', 'is not', null).doNothing(),
      ),
  { isIdempotent: true },
);

interface LogOperationArgs extends LogTaskArgs {
  operationId: string;
  requestHash: string;
  ifVersion: number | undefined;
  /** The list that the task must have moved to. */
  listId: string | null | undefined;
}

/** As `log_task`. It also remembers an accepted operation that changed nothing. A refused one is not remembered. */
export const logOperationStatement = createStatement<LogOperationArgs>(
  'log_task_operation',
  (db, { value }) =>
    db
      .insertInto('changes')
      .columns(['user_id', 'revision', 'operation_id', 'request_hash', 'at', 'task_ids'])
      .expression((from) =>
        from
          .selectFrom('users')
          .innerJoin('tasks', 'tasks.user_id', 'users.id')
          .select([
            'users.id as user_id',
            'users.revision',
            sql<string>`${value('operationId')}::uuid`.as('operation_id'),
            sql<string>`${value('requestHash')}::bigint`.as('request_hash'),
            sql<string>`now()`.as('at'),
            sql<string[]>`case when tasks.revision = users.revision then array[tasks.id] else '{}' end`.as('task_ids'),
          ])
          .where('users.id', '=', value('userId'))
          .where('tasks.user_id', '=', value('userId'))
          .where('tasks.id', '=', value('id'))
          .where(
            sql<boolean>`(tasks.revision = users.revision or (tasks.deleted_at is null
              and (${value('ifVersion')}::bigint is null or tasks.version = ${value('ifVersion')}::bigint)
              and (${value('listId')}::uuid is null or tasks.list_id = ${value('listId')}::uuid)))`,
          ),
      )
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'operation_id']).where('operation_id', 'is not', null).doNothing(),
      ),
  { isIdempotent: true },
);
