import { type OnConflictBuilder, type RawBuilder, sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import { createStatement, type Parameters, type Statement } from '../scope/prepared-statement.ts';
import type { OperationArgs } from './operation.ts';

function skipKnownOperation(conflict: OnConflictBuilder<Tables, 'changes'>) {
  return conflict.columns(['user_id', 'operation_id']).where('operation_id', 'is not', null).doNothing();
}

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
      .onConflict(skipKnownOperation),
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
      .onConflict(skipKnownOperation),
  { isIdempotent: true },
);

type Condition<Args> = (parameters: Parameters<Args>) => RawBuilder<boolean>;

interface LogConditions<Args> {
  /** The tasks that the write may have changed. Those with the user's revision are logged. Default: none. */
  tasks?: Condition<Args>;
  /** The same for lists. */
  lists?: Condition<Args>;
  /** Whether the operation is remembered although it changed nothing. */
  isAccepted: Condition<Args>;
}

/** The last statement of a write to several rows: adds a row to the log if the write changed any, or must be remembered. */
export function createLogStatement<Args extends OperationArgs & { userId: string }>(
  name: string,
  { tasks, lists, isAccepted }: LogConditions<Args>,
): Statement<Args> {
  return createStatement<Args>(
    name,
    (db, parameters) => {
      const { value } = parameters;
      const changedIds = (table: string, condition?: Condition<Args>) =>
        condition === undefined
          ? sql<string[]>`'{}'::uuid[]`
          : sql<string[]>`array(select id from public.${sql.ref(table)} where user_id = ${value('userId')}
              and revision = users.revision and ${condition(parameters)})`;
      return db
        .insertInto('changes')
        .columns(['user_id', 'revision', 'operation_id', 'request_hash', 'at', 'task_ids', 'list_ids'])
        .expression((from) =>
          from
            .selectFrom(
              from
                .selectFrom('users')
                .select([
                  'id as user_id',
                  'revision',
                  sql<string | null>`${value('operationId')}::uuid`.as('operation_id'),
                  sql<string | null>`${value('requestHash')}::bigint`.as('request_hash'),
                  sql<string>`now()`.as('at'),
                  changedIds('tasks', tasks).as('task_ids'),
                  changedIds('lists', lists).as('list_ids'),
                ])
                .where('id', '=', value('userId'))
                .as('change'),
            )
            .selectAll('change')
            .where(
              sql<boolean>`(task_ids <> '{}' or list_ids <> '{}'
                or (operation_id is not null and ${isAccepted(parameters)}))`,
            ),
        )
        .onConflict(skipKnownOperation);
    },
    { isIdempotent: true },
  );
}
