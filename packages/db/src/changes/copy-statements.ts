import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import { isWithin, namesOfList, namesOfTask, selectedOfList, selectedOfTask, sumBytesBefore } from './columns.ts';

interface CopyArgs {
  userId: string;
  /** The last record of the previous page; undefined for the first page. */
  after: string | undefined;
  /** Number of rows of the result. */
  rows: number;
  /** The result ends with the first record that has this many bytes before it. */
  maxBytes: number;
}

interface CopyTasksArgs extends CopyArgs {
  /** The revision at which the copy began; undefined for the newest one. */
  revision: string | undefined;
}

type Value = (name: keyof CopyArgs) => unknown;

/** Reads a table in the order of its primary key. */
function selectPage(table: 'tasks' | 'lists', value: Value) {
  const isTasks = table === 'tasks';
  const after = sql`${value('after')}::uuid`;
  const names = sql`${isTasks ? namesOfTask : namesOfList}, bytes`;
  return sql`select ${names} from (
      select ${names}, ${sumBytesBefore(isTasks ? 'id' : 'of_list_id')} as bytes_before
      from (
        select ${isTasks ? selectedOfTask : selectedOfList}
        from ${sql.table(`public.${table}`)}
        where user_id = ${value('userId')}::uuid and id >= coalesce(${after}, '00000000-0000-0000-0000-000000000000')
          and id is distinct from ${after}
        order by id limit ${value('rows')}::int
      ) as page (${names})
    ) as summed
    where ${isWithin(value('maxBytes'))}`;
}

/**
 * Returns the row of the log at which the copy began, the newest revision, and the tasks. Without a row of the log, the result
 * is empty. Without tasks, it is one row without a task.
 */
export const copyTasksStatement = createStatement<CopyTasksArgs>('changes_copy_tasks', (db, { value }) => {
  const userId = sql`${value('userId')}::uuid`;
  return db
    .selectFrom(
      sql`(
        select start.revision, start.at, start.newest, page.*
        from (
          select revision, at, (
            select revision from public.changes where user_id = ${userId} order by revision desc limit 1) as newest
          from public.changes
          where user_id = ${userId} and revision <= coalesce(${value('revision')}::bigint, 9223372036854775807)
          order by revision desc limit 1
        ) as start
        left join lateral (${selectPage('tasks', value)}) as page on true
      )`.as<'copy'>(sql`copy`),
    )
    .selectAll();
});

export const copyListsStatement = createStatement<CopyArgs>('changes_copy_lists', (db, { value }) =>
  db.selectFrom(sql`(${selectPage('lists', value)})`.as<'copy'>(sql`copy`)).selectAll(),
);
