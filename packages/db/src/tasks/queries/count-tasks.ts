import { sql } from 'kysely';
import { createStatement, type Statement } from '../../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../../scope/user-scope.ts';
import { filterColumns, isLongFilter, matches, type ReadFilter, type TaskFilter, toFilterArgs } from './list-filter.ts';
import { toSource } from './list-statements.ts';

interface CountArgs {
  userId: string;
  /** Each filter as JSON. */
  filters: readonly string[];
  /** True if a filter has words to search for. */
  isLong: boolean;
}

const readFilter: ReadFilter = (name) => sql`wanted.${sql.id(name)}`;

/** Returns each filter with its number of tasks. */
const countEach = createStatement<CountArgs>(
  'task_count',
  (db, { value }) =>
    db
      .selectFrom(
        sql<{ filter: string; count: string }>`(select filter, (select count(*)
        from ${toSource(readFilter, sql`${value('userId')}::uuid`)} as source where ${matches(readFilter)}) as count
      from unnest(${value('filters')}::text[]) as filters (filter),
        jsonb_to_record(filter::jsonb) as wanted (${filterColumns}))`.as<'counts'>(sql`counts`),
      )
      .selectAll(),
  { isLong: ({ isLong }) => isLong },
);

export const countTasksStatement: Statement<CountArgs> = {
  ...countEach,
  batch: {
    statement: countEach,
    toArgs: (calls) => ({
      userId: calls[0]!.userId,
      filters: [...new Set(calls.flatMap(({ filters }) => filters))],
      isLong: calls.some(({ isLong }) => isLong),
    }),
    isFor: ({ filters }, [filter]) => filter === filters[0],
  },
};

/** Returns the number of tasks that match the filter. Counts of one batch share one statement. */
export async function countTasks(scope: UserScope, filter: TaskFilter): Promise<{ count: number }> {
  const wanted = toFilterArgs(filter);
  const args = { userId: scope.userId, filters: [JSON.stringify(wanted)], isLong: isLongFilter(wanted) };
  const [row] = await internalsOf(scope).run(countTasksStatement, args);
  return { count: Number(row![1]) };
}
