import { sql } from 'kysely';
import { listColumns } from '../lists/record.ts';
import { taskBytes, taskColumns } from '../tasks/record.ts';

const aliases = listColumns.map((column) => sql`${sql.ref(column)} as ${sql.ref(`of_list_${column}`)}`);

/** The columns of a task, and its size in bytes. */
export const selectedOfTask = sql`${sql.join(taskColumns.map((column) => sql.ref(column)))}, ${taskBytes} as task_bytes`;

/** The columns of a list with other names than those of a task, whether it is in the trash, and its size in bytes. */
export const selectedOfList = sql`${sql.join(aliases)}, deleted_at is not null as of_list_is_deleted,
  octet_length(name) + coalesce(octet_length(color), 0) + 250 as list_bytes`;

/** The columns of the results of `selectedOfTask` and `selectedOfList` without the sizes. */
export const namesOfTask = sql.join(taskColumns.map((column) => sql.ref(column)));
export const namesOfList = sql.join([
  ...listColumns.map((column) => sql.ref(`of_list_${column}`)),
  sql.ref('of_list_is_deleted'),
]);

/** The size of the ID of a removed record. */
export const removedBytes = sql.lit(80);

/** The condition of a page's rows: all records before the first one beyond the limit, and that one. */
export const isWithin = (maxBytes: unknown) => sql`coalesce(bytes_before, 0) < ${maxBytes}::bigint`;

/** The bytes before the previous record. @param order The order of the page. */
export const sumBytesBefore = (order: string) => sql`sum(bytes) over (
  order by ${sql.raw(order)} rows between unbounded preceding and 2 preceding)`;
