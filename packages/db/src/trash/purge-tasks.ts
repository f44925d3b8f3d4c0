import { type RawBuilder, sql } from 'kysely';
import { createStatement, type Parameters } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { toUniqueIds } from '../tasks/many/many-rows.ts';
import { readRevision } from '../writes/conditions.ts';
import { lockUserStatement } from '../writes/lock.ts';
import { selectGivenTasks } from './given-tasks.ts';

/** Most tasks that one call with `before` purges. */
const purgedTasksMax = 1_000;

export type TaskPurge =
  | {
      /** UUIDs. Those of tasks outside the trash are ignored. */
      ids: readonly string[];
      before?: never;
    }
  | {
      /** Purges tasks that were deleted before this time, in ISO 8601. */
      before: string;
      ids?: never;
    };

interface PurgeArgs {
  userId: string;
  ids: readonly string[] | undefined;
  before: string | undefined;
}

/** The log comes before the purge, which removes exactly the logged tasks: later, their IDs would be unknown. */
function createPurgeLog(name: string, selectIds: (parameters: Parameters<PurgeArgs>) => RawBuilder<unknown>) {
  return createStatement<PurgeArgs>(
    name,
    (db, parameters) =>
      db
        .insertInto('changes')
        .columns(['user_id', 'revision', 'at', 'task_ids'])
        .expression((from) =>
          from
            .selectFrom(
              from
                .selectFrom('users')
                .select([
                  'id as user_id',
                  'revision',
                  sql<string>`now()`.as('at'),
                  sql<string[]>`array(${selectIds(parameters)})`.as('task_ids'),
                ])
                .where('id', '=', parameters.value('userId'))
                .as('change'),
            )
            .selectAll('change')
            .where(sql<boolean>`task_ids <> '{}'`),
        ),
    { isIdempotent: true },
  );
}

export const logPurgeByIdStatement = createPurgeLog(
  'log_trash_purge',
  ({ value }) => sql`select id from ${selectGivenTasks({ userId: value('userId'), ids: value('ids') })} as found
    where deleted_at is not null`,
);

export const logPurgeByTimeStatement = createPurgeLog(
  'log_trash_purge_before',
  ({ value }) => sql`select id from public.tasks
    where user_id = ${value('userId')} and deleted_at < ${value('before')}::timestamptz
    order by deleted_at, id limit ${sql.lit(purgedTasksMax)}`,
);

/** Removes the tasks that this transaction has logged. Returns their number. */
export const purgeTasksStatement = createStatement<PurgeArgs>(
  'trash_purge',
  (db, { value }) =>
    db
      .with('logged', (query) =>
        query
          .selectFrom('changes')
          .select(sql<string>`unnest(task_ids)`.as('id'))
          .where('user_id', '=', value('userId'))
          .where('revision', '=', readRevision(value('userId')) as never),
      )
      .with('removed', (query) =>
        query
          .deleteFrom('tasks')
          .using('logged')
          .where('tasks.user_id', '=', value('userId'))
          .whereRef('tasks.id', '=', 'logged.id')
          .where('tasks.deleted_at', 'is not', null)
          .returning('tasks.id'),
      )
      .selectFrom('removed')
      // The trigger then does not log these tasks again.
      .select([
        sql<number>`count(*)`.as('count'),
        sql`set_config('holdfast.is_removal_logged', 'on', true)`.as('is_logged'),
      ]),
  { isIdempotent: true },
);

/**
 * Removes tasks in the trash for good: those with the given IDs, or the oldest ones that were deleted before a time, at most
 * 1,000 per call. A caller repeats a purge with `before` until the count is 0.
 *
 * @returns The number of removed tasks.
 */
export async function purgeTasks(scope: UserScope, input: TaskPurge): Promise<{ count: number }> {
  const { userId, profile } = scope;
  const args: PurgeArgs = {
    userId,
    ids: input.ids && toUniqueIds(input.ids),
    before: input.before,
  };
  const results = await internalsOf(scope).runAll([
    { statement: lockUserStatement, args: { userId, ...profile } },
    { statement: args.ids === undefined ? logPurgeByTimeStatement : logPurgeByIdStatement, args },
    { statement: purgeTasksStatement, args },
  ]);
  return { count: Number(results[2]![0]![0]) };
}
