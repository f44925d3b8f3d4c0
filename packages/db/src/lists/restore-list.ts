import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { findPrior, hasNoPrior, readRevision } from '../writes/conditions.ts';
import { type Repeatable, type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite } from '../writes/run-write.ts';
import { hasRoom } from './conditions.ts';
import { ListNotFoundError, TooManyListsError } from './errors.ts';
import { logRestoredListStatement } from './log.ts';
import { listColumns, type ListRecord } from './record.ts';
import { type ListKey, selectResult, toResult } from './result.ts';

export interface ListRestoration extends Repeatable {
  id: string;
}

interface RestoreArgs extends ListKey, OperationArgs {
  changedAt: string;
}

/** Restores the list, and the tasks that went to the trash with it. Its result is that of `selectResult`. */
export const restoreListStatement = createStatement<RestoreArgs>(
  'list_restore',
  (db, { value }) => {
    const [userId, id] = [value('userId'), value('id')];
    const deletedAt = sql<string>`(select deleted_at from trashed)`;
    const change = {
      deleted_at: null,
      updated_at: sql<string>`greatest(updated_at, ${value('changedAt')})`,
      version: sql<number>`version + 1`,
      revision: readRevision(userId) as never,
    };
    const query = db
      .with('prior', (query) => findPrior(query, userId, value('operationId')))
      .with('trashed', (query) =>
        query
          .selectFrom('lists')
          .select('deleted_at')
          .where('user_id', '=', userId)
          .where('id', '=', id)
          .where('deleted_at', 'is not', null)
          .where(hasRoom(userId))
          .where(hasNoPrior),
      )
      .with('changed', (query) =>
        query
          .updateTable('lists')
          .set(change)
          .where('user_id', '=', userId)
          .where('id', '=', id)
          .where('deleted_at', '=', deletedAt)
          .returning(listColumns),
      )
      .with('filled', (query) =>
        query
          .updateTable('tasks')
          .set(change)
          .where('user_id', '=', userId)
          .where('list_id', '=', id)
          // The first condition reads the index. The second one is that of `list_delete`.
          .where('deleted_at', '>=', deletedAt)
          .where('deleted_at', '=', sql<string>`greatest(created_at, ${deletedAt})`),
      );
    return selectResult(query, { userId, id });
  },
  { isLong: () => true },
);

/**
 * Moves a list out of the trash, with exactly the tasks that went there with it. For a list that is not in the trash, nothing
 * changes.
 *
 * @throws ListNotFoundError also for a repeated call, if the list is in the trash again.
 * @throws TooManyListsError
 * @throws OperationConflictError
 */
export async function restoreList(scope: UserScope, input: ListRestoration): Promise<ListRecord> {
  const { id } = input;
  const { userId } = scope;
  const operation = toOperationArgs('list.restore', input);
  const args: RestoreArgs = { ...operation, userId, id, changedAt: new Date().toISOString() };
  const [row] = await runWrite(
    scope,
    { statement: restoreListStatement, args },
    { statement: logRestoredListStatement, args: { ...operation, userId, id } },
  );
  const { list, isApplied, isInTrash } = toResult(row, args);
  if (!isInTrash) return list;
  throw isApplied ? new ListNotFoundError(null) : new TooManyListsError();
}
