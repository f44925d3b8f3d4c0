import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { listColumns, type ListRecord, toList } from './record.ts';

/** Without a limit, because a user can have at most `maxLists` lists. */
export const listListsStatement = createStatement<{ userId: string }>('list_list', (db, { value }) =>
  db
    .selectFrom('lists')
    .select(listColumns)
    .where('user_id', '=', value('userId'))
    .where('deleted_at', 'is', null)
    .orderBy('position')
    .orderBy('id'),
);

/** Returns all lists that are not in the trash, in manual order. Archived lists are among them. */
export async function listLists(scope: UserScope): Promise<{ items: ListRecord[] }> {
  const rows = await internalsOf(scope).run(listListsStatement, { userId: scope.userId });
  return { items: rows.map(toList) };
}
