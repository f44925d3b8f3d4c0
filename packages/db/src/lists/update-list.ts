import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { findPrior, hasNoPrior, hasVersion, isPresent, readRevision } from '../writes/conditions.ts';
import { isChanged, toNewValue } from '../writes/given-columns.ts';
import { type Repeatable, type OperationArgs, toOperationArgs } from '../writes/operation.ts';
import { runWrite } from '../writes/run-write.ts';
import { ListNotFoundError } from './errors.ts';
import { logUpdatedListStatement } from './log.ts';
import { type ListChanges, listColumns, type ListRecord, writableListColumns } from './record.ts';
import { assertVersion, type ListKey, selectResult, toResult } from './result.ts';

export interface ListExpectation extends Repeatable {
  id: string;
  /** Apply the write only if the list has this version. */
  ifVersion?: number | undefined;
}

export type ListChange = ListChanges & ListExpectation & { archived?: boolean | undefined };

interface UpdateArgs extends ListKey, ListChanges, OperationArgs {
  archived: boolean | undefined;
  ifVersion: number | undefined;
  changedAt: string;
}

/** Changes the given fields. Its result is that of `selectResult`. */
export const updateListStatement = createStatement<UpdateArgs>('list_update', (db, parameters) => {
  const { value, isGiven } = parameters;
  const userId = value('userId');
  const assignments = writableListColumns.map((column) => [column, toNewValue(parameters, column)]);
  const query = db
    .with('prior', (query) => findPrior(query, userId, value('operationId')))
    .with('changed', (query) =>
      query
        .updateTable('lists')
        .set({
          ...(Object.fromEntries(assignments) as Record<keyof ListChanges, never>),
          archived_at: sql`case when not ${isGiven('archived')} then archived_at
            when ${value('archived')} then coalesce(archived_at, greatest(created_at, ${value('changedAt')})) end`,
          updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
          version: sql`version + 1`,
          revision: readRevision(userId) as never,
        })
        .where('user_id', '=', userId)
        .where('id', '=', value('id'))
        .where(isPresent)
        .where(hasVersion(value('ifVersion')))
        .where((list) =>
          list.or([
            ...writableListColumns.map((column) => isChanged(parameters, column)),
            sql<boolean>`(${isGiven('archived')} and (archived_at is not null) <> ${value('archived')})`,
          ]),
        )
        .where(hasNoPrior)
        .returning(listColumns),
    );
  return selectResult(query, { userId, id: value('id') });
});

/**
 * Changes the given fields and no others; `null` clears the color. An update without an effect changes nothing, including
 * `updatedAt` and `version`.
 *
 * @throws ListNotFoundError also for a repeated call, if the list is in the trash now.
 * @throws ListConflictError if the list does not have the version `ifVersion`.
 * @throws OperationConflictError
 */
export async function updateList(scope: UserScope, input: ListChange): Promise<ListRecord> {
  const { id, ifVersion, archived, name, color, position } = input;
  const { userId } = scope;
  const operation = toOperationArgs('list.update', input);
  const changedAt = new Date().toISOString();
  const args: UpdateArgs = { ...operation, userId, id, ifVersion, archived, name, color, position, changedAt };
  const [row] = await runWrite(
    scope,
    { statement: updateListStatement, args },
    { statement: logUpdatedListStatement, args: { ...operation, userId, id, ifVersion } },
  );
  const { list, isApplied, isInTrash } = toResult(row, args);
  if (isInTrash) throw new ListNotFoundError(null);
  if (!isApplied) assertVersion(list, ifVersion);
  return list;
}
