import { sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { readRevision } from '../tasks/conditions.ts';
import { TaskNotFoundError } from '../tasks/errors.ts';
import { taskColumns, type TaskRecord, toTask } from '../tasks/record.ts';
import { assertSameRequest, type Operation, type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite } from '../writes/run-write.ts';
import { selectGivenTasks, toUniqueIds } from './given-tasks.ts';

export interface TaskRestore extends Operation {
  /** UUIDs. A repeated ID counts once. */
  ids: readonly string[];
}

interface RestoreArgs extends OperationArgs {
  userId: string;
  ids: readonly string[];
  changedAt: string;
}

/** Restores all tasks or none. The last two columns: whether the write changed the task, and the hash of an earlier call. */
export const restoreTasksStatement = createStatement<RestoreArgs>('trash_restore', (db, { value }) => {
  const [userId, ids] = [value('userId'), value('ids')];
  return db
    .with('prior', (query) =>
      query
        .selectFrom('changes')
        .select('request_hash')
        .where('user_id', '=', userId)
        .where('operation_id', '=', value('operationId')),
    )
    .with('found', () => selectGivenTasks<Tables['tasks']>({ userId, ids }))
    .with('changed', (query) =>
      query
        .updateTable('tasks')
        .from('found')
        .set({
          deleted_at: null,
          // A task cannot be in a list that is in the trash.
          list_id: sql`(select id from public.lists
            where lists.user_id = ${userId}::uuid and lists.id = tasks.list_id and lists.deleted_at is null)`,
          updated_at: sql`greatest(tasks.updated_at, ${value('changedAt')})`,
          version: sql`tasks.version + 1`,
          revision: readRevision(userId) as never,
        })
        .where('tasks.user_id', '=', userId)
        .whereRef('tasks.id', '=', 'found.id')
        .where('tasks.deleted_at', 'is not', null)
        .where(sql<boolean>`(select count(*) from found) = cardinality(${ids}::uuid[])`)
        .where(({ not, exists, selectFrom }) => not(exists(selectFrom('prior').select('request_hash'))))
        .returning(taskColumns.map((column) => `tasks.${column}` as const)),
    )
    .selectFrom('changed')
    .select([...taskColumns, sql<boolean>`true`.as('is_applied'), sql<bigint | null>`null::bigint`.as('prior_hash')])
    .unionAll((query) =>
      query
        .selectFrom('found')
        .select([
          ...taskColumns,
          sql<boolean>`false`.as('is_applied'),
          sql<bigint | null>`(select request_hash from prior)`.as('prior_hash'),
        ])
        .where('id', 'not in', ({ selectFrom }) => selectFrom('changed').select('changed.id')),
    );
});

/** Logs the tasks that the write has changed. An accepted operation is remembered, even if it changed nothing. */
export const logRestoreStatement = createStatement<RestoreArgs>(
  'log_trash_restore',
  (db, { value }) => {
    const [userId, ids] = [value('userId'), value('ids')];
    return db
      .with('found', () => selectGivenTasks<Tables['tasks']>({ userId, ids }))
      .insertInto('changes')
      .columns(['user_id', 'revision', 'operation_id', 'request_hash', 'at', 'task_ids'])
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
                sql<string[]>`array(select id from found where revision = users.revision)`.as('task_ids'),
              ])
              .where('id', '=', userId)
              .as('change'),
          )
          .selectAll('change')
          .where(
            sql<boolean>`(task_ids <> '{}' or (operation_id is not null
              and (select count(*) from found) = cardinality(${ids}::uuid[])))`,
          ),
      )
      .onConflict((conflict) =>
        conflict.columns(['user_id', 'operation_id']).where('operation_id', 'is not', null).doNothing(),
      );
  },
  { isIdempotent: true },
);

/**
 * Takes tasks out of the trash, all or none. A task whose list is gone or in the trash goes to the inbox. A task that is not
 * in the trash remains unchanged.
 *
 * @returns The tasks in the order of `ids`.
 * @throws TaskNotFoundError
 * @throws OperationConflictError
 */
export async function restoreTasks(scope: UserScope, input: TaskRestore): Promise<TaskRecord[]> {
  const ids = toUniqueIds(input.ids);
  const operation = { operationId: input.operationId, ids };
  const args: RestoreArgs = {
    ...toOperationArgs('trash.restore', operation),
    userId: scope.userId,
    ids,
    changedAt: new Date().toISOString(),
  };
  const rows = await runWrite(
    scope,
    { statement: restoreTasksStatement, args },
    { statement: logRestoreStatement, args },
  );
  const priorHash = rows[0]?.at(-1) ?? null;
  assertSameRequest(priorHash, args);
  const tasks = new Map(rows.map((row) => [row[0]!, row]));
  const missing = ids.filter((id) => !tasks.has(id));
  if (missing.length > 0) throw new TaskNotFoundError(missing);
  return ids.map((id) => toTask(tasks.get(id)!));
}
