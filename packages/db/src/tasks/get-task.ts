import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { isPresent, type TaskKey } from './conditions.ts';
import { TaskNotFoundError } from './errors.ts';
import { taskColumns, type TaskRecord, toTask } from './record.ts';

/**
 * Looks up each id separately. For `id = any(…)`, PostgreSQL may read all of the user's tasks in another index, which is
 * slow for a user with many tasks.
 */
export const getTasksStatement = createStatement<{ userId: string; ids: string }>('task_get_several', (db, { value }) =>
  db
    .selectFrom(sql<{ id: string }>`unnest(${value('ids')}::uuid[])`.as<'wanted'>(sql`wanted (id)`))
    .innerJoinLateral(
      (query) =>
        query
          .selectFrom('tasks')
          .select(taskColumns)
          .where('tasks.user_id', '=', value('userId'))
          .whereRef('tasks.id', '=', 'wanted.id')
          .where(isPresent)
          .limit(sql.lit(1))
          .as('task'),
      (join) => join.onTrue(),
    )
    .selectAll('task'),
);

export const getTaskStatement = createStatement<TaskKey>(
  'task_get',
  (db, { value }) =>
    db
      .selectFrom('tasks')
      .select(taskColumns)
      .where('user_id', '=', value('userId'))
      .where('id', '=', value('id'))
      .where(isPresent),
  {
    batch: {
      statement: getTasksStatement,
      toArgs: (calls) => ({ userId: calls[0]!.userId, ids: `{${calls.map(({ id }) => id).join()}}` }),
      isFor: ({ id }, [rowId]) => rowId === id.toLowerCase(),
    },
  },
);

/** @throws TaskNotFoundError */
export async function getTask(scope: UserScope, { id }: { id: string }): Promise<TaskRecord> {
  const [row] = await internalsOf(scope).run(getTaskStatement, { userId: scope.userId, id });
  if (row === undefined) throw new TaskNotFoundError();
  return toTask(row);
}
