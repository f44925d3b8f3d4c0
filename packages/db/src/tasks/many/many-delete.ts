import { sql } from 'kysely';
import { createStatement } from '../../scope/prepared-statement.ts';
import type { UserScope } from '../../scope/user-scope.ts';
import { findPrior } from '../../writes/conditions.ts';
import { assertSameRequest, type Repeatable, toOperationArgs } from '../../writes/operation.ts';
import { runWrite } from '../../writes/run-write.ts';
import { isPresent, readRevision } from '../conditions.ts';
import { TaskNotFoundError } from '../errors.ts';
import { logTasksStatement, type ManyArgs, selectIds, toUniqueIds } from './many-rows.ts';

export interface TasksDeletion extends Repeatable {
  /** UUIDs of 1 to 500 tasks. Repeated IDs count once. */
  ids: readonly string[];
}

interface DeleteArgs extends ManyArgs {
  changedAt: string;
}

/** Moves the tasks to the trash, if all of them exist. */
export const deleteTasksStatement = createStatement<DeleteArgs>('tasks_delete', (db, { value }) => {
  const [userId, ids] = [value('userId'), value('ids')];
  const found = (condition: ReturnType<typeof sql>) => sql`wanted cross join lateral (
    select id from public.tasks
    where user_id = ${userId}::uuid and tasks.id = wanted.id and ${condition} limit 1) as task`;
  return (
    db
      .with('prior', (query) => findPrior(query, userId, value('operationId')))
      .with(
        (cte) => cte('wanted').materialized(),
        () => sql<{ id: string }>`(${selectIds(ids)})`,
      )
      .with(
        (cte) => cte('state').materialized(),
        () => sql<{
          prior_hash: string | null;
          is_ready: boolean;
        }>`(select (select request_hash from prior) as prior_hash,
          not exists (select from prior)
            and (select count(*) from ${found(isPresent)}) = cardinality(${ids}::uuid[]) as is_ready)`,
      )
      .with('changed', (query) =>
        query
          .updateTable('tasks')
          .from('wanted')
          .set({
            deleted_at: sql`greatest(created_at, ${value('changedAt')}::timestamptz)`,
            updated_at: sql`greatest(updated_at, ${value('changedAt')}::timestamptz)`,
            version: sql`version + 1`,
            revision: readRevision(userId) as never,
          })
          .where('tasks.user_id', '=', userId)
          .whereRef('tasks.id', '=', 'wanted.id')
          .where(isPresent)
          .where(sql<boolean>`(select is_ready from state)`)
          .returning('tasks.id'),
      )
      // The tasks, if this write did not change them. A task in the trash counts only if an earlier call has deleted it.
      .with(
        'unchanged',
        () => sql<{ id: string }>`(select task.* from ${found(sql`(${isPresent} or exists (select from prior))`)}
        where not (select is_ready from state))`,
      )
      .selectFrom('state')
      .leftJoin(sql<{ id: string }>`(select * from changed union all select * from unchanged)`.as('task'), (join) =>
        join.onTrue(),
      )
      .select(['task.id', 'prior_hash'])
  );
});

/**
 * Moves several tasks to the trash: either all or none.
 *
 * @returns The IDs, each once.
 * @throws TaskNotFoundError with the IDs of all missing tasks.
 * @throws OperationConflictError
 */
export async function deleteTasks(scope: UserScope, input: TasksDeletion): Promise<{ ids: string[] }> {
  const ids = toUniqueIds(input.ids);
  const request = { ...input, ids };
  const args: DeleteArgs = {
    ...toOperationArgs('task.deleteMany', request),
    userId: scope.userId,
    ids,
    changedAt: new Date().toISOString(),
  };
  const rows = await runWrite(scope, { statement: deleteTasksStatement, args }, { statement: logTasksStatement, args });
  assertSameRequest(rows[0]![1]!, args);
  const found = new Set(rows.map(([id]) => id));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length > 0) throw new TaskNotFoundError(missing);
  return { ids };
}
