import { sql } from 'kysely';
import { listColumns } from '../lists/record.ts';
import type { Parameters } from '../scope/prepared-statement.ts';
import { taskBytes, taskColumns } from '../tasks/record.ts';
import { createPrimaryStatement } from './primary-statement.ts';
import { isWithin, sumBytesBefore } from './sizes.ts';

export interface CopyArgs {
  userId: string;
  /** The first ID that the page may contain. */
  from: string;
  /** The last ID of the previous page, which this page does not contain; undefined for the first page. */
  after: string | undefined;
  /** Number of rows of the result. */
  rows: number;
}

interface TasksPageArgs extends CopyArgs {
  /** The result ends with the first task that has this many bytes before it. */
  maxBytes: number;
}

interface CopyTasksArgs extends TasksPageArgs {
  /** The revision of the row that proves the cursor, or the greatest possible one. */
  revision: string;
}

/** Under row-level security, only conditions without an expression can use an index. So the start is two arguments. */
const isAfter = (value: (name: keyof CopyArgs) => unknown) =>
  sql`user_id = ${value('userId')}::uuid and id >= ${value('from')}::uuid and id is distinct from ${value('after')}::uuid
    order by id limit ${value('rows')}::int`;

const task = sql.join(taskColumns.map((column) => sql.ref(column)));

/** The tasks of a page, each with its size. */
function selectTasks(value: Parameters<TasksPageArgs>['value']) {
  const page = sql`select ${task}, ${taskBytes} as bytes from public.tasks where ${isAfter(value)}`;
  return sql`
    select bytes, ${task}
    from (select page.*, ${sumBytesBefore('id')} as bytes_before from (${page}) as page) as summed
    where ${isWithin(sql`bytes_before`, value('maxBytes'))}`;
}

/**
 * Returns the row of the log that proves the cursor, the newest row, and the tasks with their sizes. Without a row of the log,
 * the result is empty. Without tasks, it is one row without a task.
 */
export const copyTasksStatement = createPrimaryStatement<CopyTasksArgs>('changes_copy_tasks', (value) => {
  const log = sql`from public.changes where user_id = ${value('userId')}::uuid`;
  return sql`
    select proof.*, newest.*, page.*
    from (
      select revision, at ${log} and revision <= ${value('revision')}::bigint order by revision desc limit 1
    ) as proof
    cross join (
      select revision as newest, at as newest_at ${log} order by revision desc limit 1
    ) as newest
    left join lateral (${selectTasks(value)}) as page on true`;
});

/** Returns the tasks with their sizes, without the log. */
export const exportTasksStatement = createPrimaryStatement<TasksPageArgs>('user_export_tasks', selectTasks);

/** Returns the lists, each after the time at which it was moved to the trash. */
export const copyListsStatement = createPrimaryStatement<CopyArgs>(
  'changes_copy_lists',
  (value) => sql`
    select deleted_at, ${sql.join(listColumns.map((column) => sql.ref(column)))}
    from public.lists where ${isAfter(value)}`,
);
