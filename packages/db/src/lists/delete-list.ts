import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { findPrior, hasNoPrior, hasVersion, isPresent, readRevision } from '../writes/conditions.ts';
import { type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite, type WriteCall } from '../writes/run-write.ts';
import { maxTasksPerWrite, TooManyTasksError } from '../writes/size-limit.ts';
import { hasList } from './conditions.ts';
import { ListNotFoundError } from './errors.ts';
import { logDeletedListStatement, logMovedListStatement } from './log.ts';
import { listColumns } from './record.ts';
import { assertVersion, type ListKey, selectResult, toResult } from './result.ts';
import type { ListExpectation } from './update-list.ts';

export interface ListDeletion extends ListExpectation {
  /**
   * The list to which the tasks move; null is the inbox. Default: the tasks go to the trash with the list, with the same
   * `deletedAt`.
   */
  moveTo?: string | null | undefined;
}

interface DeleteArgs extends ListKey, OperationArgs {
  ifVersion: number | undefined;
  moveTo: string | null | undefined;
  changedAt: string;
}

/** Moves the list to the trash, and its tasks too or to another list. Its result is that of `selectResult`. */
export const deleteListStatement = createStatement<DeleteArgs>(
  'list_delete',
  (db, { value, isGiven }) => {
    const [userId, id, moveTo] = [value('userId'), value('id'), value('moveTo')];
    const problem = sql<string | null>`case
    when not ${hasList(userId, moveTo)} or ${moveTo}::uuid = ${id}::uuid then 'no target'
    when (select count(*) from (select from public.tasks as task where task.user_id = ${userId} and task.list_id = ${id}
      and task.deleted_at is null limit ${sql.lit(maxTasksPerWrite + 1)}) as counted) > ${sql.lit(maxTasksPerWrite)} then 'too many tasks'
  end`;
    const at = sql`greatest(lists.created_at, ${value('changedAt')}::timestamptz)`;
    const query = db
      .with('prior', (query) => findPrior(query, userId, value('operationId')))
      .with('changed', (query) =>
        query
          .updateTable('lists')
          .set({
            // Later than the tasks of this list in the trash: those with the list's time are restored with it. The clocks of two
            // servers do not differ by a day.
            deleted_at: sql`greatest(${at}, (select max(task.deleted_at) + interval '1 millisecond' from public.tasks as task
            where task.user_id = ${userId} and task.list_id = ${id}
              and task.deleted_at between ${at} and ${at} + interval '1 day'))`,
            updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
            version: sql`version + 1`,
            revision: readRevision(userId) as never,
          })
          .where('user_id', '=', userId)
          .where('id', '=', id)
          .where(isPresent)
          .where(hasVersion(value('ifVersion')))
          .where(problem, 'is', null)
          .where(hasNoPrior)
          .returning([...listColumns, 'deleted_at']),
      )
      .with('emptied', (query) =>
        query
          .updateTable('tasks')
          .set({
            list_id: sql`case when ${isGiven('moveTo')} then ${moveTo}::uuid else list_id end`,
            deleted_at: sql`case when not ${isGiven('moveTo')}
            then greatest(created_at, (select deleted_at from changed)) end`,
            updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
            version: sql`version + 1`,
            revision: readRevision(userId) as never,
          })
          .where('user_id', '=', userId)
          .where('list_id', '=', id)
          .where('deleted_at', 'is', null)
          .where(({ exists, selectFrom }) => exists(selectFrom('changed').select('id'))),
      );
    return selectResult(query, { userId, id }, problem);
  },
  { isLong: () => true },
);

/**
 * Moves a list to the trash. Its tasks go with it, or move to another list or the inbox with `moveTo`.
 *
 * @throws ListNotFoundError
 * @throws ListConflictError if the list does not have the version `ifVersion`.
 * @throws TooManyTasksError if the list has more than 10,000 tasks that are not in the trash.
 * @throws OperationConflictError
 */
export async function deleteList(scope: UserScope, input: ListDeletion): Promise<{ id: string }> {
  const { id, ifVersion, moveTo } = input;
  const { userId } = scope;
  const operation = toOperationArgs('list.delete', input);
  const args: DeleteArgs = { ...operation, userId, id, ifVersion, moveTo, changedAt: new Date().toISOString() };
  const key = { ...operation, userId, id };
  const log: WriteCall =
    moveTo === undefined
      ? { statement: logDeletedListStatement, args: { ...key, changedAt: args.changedAt } }
      : { statement: logMovedListStatement, args: key };
  const [row] = await runWrite(scope, { statement: deleteListStatement, args }, log);
  const { list, isApplied, isInTrash, problem } = toResult(row, args);
  if (!isApplied) {
    if (isInTrash) throw new ListNotFoundError(null);
    assertVersion(list, ifVersion);
    if (problem === 'no target') throw new ListNotFoundError('moveTo');
    if (problem !== null)
      throw new TooManyTasksError('The list has more than 10,000 tasks. Move or delete some first.');
  }
  return { id: list.id };
}
