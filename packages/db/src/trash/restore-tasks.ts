import { sql } from 'kysely';
import type { Tables } from '../schema/row-types.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { isGivenTask, type ManyArgs, toManyResult, toUniqueIds } from '../tasks/many/many-rows.ts';
import { taskJsonBytes, taskColumns, type TaskRecord } from '../tasks/record.ts';
import { findPrior, readRevision } from '../writes/conditions.ts';
import { createLogStatement } from '../writes/log.ts';
import { type Repeatable, toOperationArgs } from '../writes/operation.ts';
import { runWrite } from '../writes/run-write.ts';
import { areTooLarge } from '../writes/size-limit.ts';
import { selectGivenTasks } from './given-tasks.ts';

export interface TaskRestore extends Repeatable {
  /** UUIDs. A repeated ID counts once. */
  ids: readonly string[];
}

interface RestoreArgs extends ManyArgs {
  changedAt: string;
}

/** Restores all tasks or none. */
export const restoreTasksStatement = createStatement<RestoreArgs>('trash_restore', (db, { value }) => {
  const [userId, ids] = [value('userId'), value('ids')];
  return db
    .with('prior', (query) => findPrior(query, userId, value('operationId')))
    .with('found', () => selectGivenTasks<Tables['tasks']>({ userId, ids }))
    .with(
      (cte) => cte('state').materialized(),
      () => sql<{ prior_hash: string | null; has_list: boolean; is_too_large: boolean; is_ready: boolean }>`(
        select *, prior_hash is null and not is_too_large and found = cardinality(${ids}::uuid[]) as is_ready
        from (
          select (select request_hash from prior) as prior_hash, true as has_list, count(*) as found,
            ${areTooLarge} as is_too_large
          from (select ${taskJsonBytes} as bytes from found) as measured
        ) as conditions)`,
    )
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
        .where(sql<boolean>`(select is_ready from state)`)
        .returning(taskColumns.map((column) => `tasks.${column}` as const)),
    )
    .selectFrom('state')
    .leftJoin(
      sql<Record<(typeof taskColumns)[number], string>>`(select * from changed union all
        select ${sql.join(taskColumns.map((column) => sql.ref(column)))} from found
        where id not in (select id from changed) and not (select is_too_large from state))`.as('task'),
      (join) => join.onTrue(),
    )
    .select(taskColumns.map((column) => `task.${column}` as const))
    .select(['prior_hash', 'has_list', 'is_too_large']);
});

/** Logs the tasks that the write has changed. An accepted operation is remembered, even if it changed nothing. */
export const logRestoreStatement = createLogStatement<RestoreArgs>('log_trash_restore', {
  tasks: ({ value }) => isGivenTask(value('ids')),
  isAccepted: ({ value }) => sql<boolean>`(
    select count(*) = cardinality(${value('ids')}::uuid[]) and not ${areTooLarge}
    from (select ${taskJsonBytes} as bytes
      from ${selectGivenTasks({ userId: value('userId'), ids: value('ids') })} as found) as measured)`,
});

/**
 * Takes tasks out of the trash, all or none. A task whose list is gone or in the trash goes to the inbox. A task that is not
 * in the trash remains unchanged.
 *
 * @returns The tasks in the order of `ids`.
 * @throws TaskNotFoundError
 * @throws TooManyTasksError if the tasks together are too large.
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
  return toManyResult(rows, args);
}
