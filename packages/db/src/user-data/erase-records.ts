import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { lockUserStatement } from '../writes/lock.ts';
import { maxTasksPerWrite } from '../writes/size-limit.ts';

/** For each removed list, PostgreSQL looks for its tasks among all tasks of the user, with those that were removed just now. */
const listsPerWrite = 50;

export const eraseTasksStatement = createStatement<{ userId: string }>(
  'user_erase_tasks',
  (db, { value }) =>
    db
      .with('batch', (query) =>
        query
          .selectFrom('tasks')
          .select('id')
          .where('user_id', '=', value('userId'))
          .orderBy('id')
          .limit(sql.lit(maxTasksPerWrite)),
      )
      .with('removed', (query) =>
        query
          .deleteFrom('tasks')
          .using('batch')
          .where('tasks.user_id', '=', value('userId'))
          .whereRef('tasks.id', '=', 'batch.id')
          .returning('tasks.id'),
      )
      .selectFrom('removed')
      .select(sql<number>`count(*)`.as('count')),
  { isIdempotent: true },
);

/** Removes no list while the user has tasks. */
export const eraseListsStatement = createStatement<{ userId: string }>(
  'user_erase_lists',
  (db, { value }) =>
    db
      .with('batch', (query) =>
        query
          .selectFrom('lists')
          .select('id')
          .where('user_id', '=', value('userId'))
          .where(sql<boolean>`not exists (select from public.tasks where user_id = ${value('userId')}::uuid)`)
          .orderBy('id')
          .limit(sql.lit(listsPerWrite)),
      )
      .with('removed', (query) =>
        query
          .deleteFrom('lists')
          .using('batch')
          .where('lists.user_id', '=', value('userId'))
          .whereRef('lists.id', '=', 'batch.id')
          .returning('lists.id'),
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
