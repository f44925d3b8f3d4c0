import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { lockUserStatement } from '../writes/lock.ts';
import { maxTasksPerWrite } from '../writes/size-limit.ts';

/** For each removed list, PostgreSQL looks for its tasks among all tasks of the user, with those that were removed just now. */
const listsPerWrite = 50;

interface EraseArgs {
  userId: string;
}

/**
 * The ID of the last row of a batch. A range of IDs has one good plan, but a join with the IDs can read all rows for each of them.
 * It is a query as a whole, because under row-level security, a condition with `coalesce` could not use an index.
 */
function findLast(table: 'tasks' | 'lists', userId: string, rows: number) {
  return sql<string>`(select coalesce((
    select id from public.${sql.ref(table)} where user_id = ${userId}::uuid order by id offset ${sql.lit(rows - 1)} limit 1
  ), 'ffffffff-ffff-ffff-ffff-ffffffffffff'))`;
}

export const eraseTasksStatement = createStatement<EraseArgs>(
  'user_erase_tasks',
  (db, { value }) =>
    db
      .with('removed', (query) =>
        query
          .deleteFrom('tasks')
          .where('user_id', '=', value('userId'))
          .where('id', '<=', findLast('tasks', value('userId'), maxTasksPerWrite))
          .returning('id'),
      )
      .selectFrom('removed')
      .select(sql<number>`count(*)`.as('count')),
  { isIdempotent: true },
);

/** Removes no list while the user has tasks. */
export const eraseListsStatement = createStatement<EraseArgs>(
  'user_erase_lists',
  (db, { value }) =>
    db
      .with('removed', (query) =>
        query
          .deleteFrom('lists')
          .where('user_id', '=', value('userId'))
          .where('id', '<=', findLast('lists', value('userId'), listsPerWrite))
          .where(sql<boolean>`not exists (select from public.tasks where user_id = ${value('userId')}::uuid)`)
          .returning('id'),
      )
      .selectFrom('removed')
      .select(sql<number>`count(*)`.as('count')),
  { isIdempotent: true },
);

/**
 * Removes all tasks and lists of the scope's user for good, in transactions of at most 10,000 tasks, so that each one is short.
 * After a failure, call it again. It removes neither the user nor the log: `eraseUser` does, and should follow.
 *
 * @throws UserErasedError
 */
export async function eraseRecords(scope: UserScope): Promise<void> {
  const { userId, profile } = scope;
  const calls = [
    { statement: lockUserStatement, args: { userId, ...profile } },
    { statement: eraseTasksStatement, args: { userId } },
    { statement: eraseListsStatement, args: { userId } },
  ];
  for (let isEmpty = false; !isEmpty;) {
    const [, [tasks], [lists]] = (await internalsOf(scope).runAll(calls)) as [unknown, [string][], [string][]];
    isEmpty = Number(tasks![0]) < maxTasksPerWrite && Number(lists![0]) < listsPerWrite;
  }
}
