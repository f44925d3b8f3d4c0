import { type RawBuilder, sql } from 'kysely';
import type { TextRow } from '../../scope/prepared-statement.ts';
import { boundTask, measureTask, taskBytes, taskBytesMax, taskBytesMin, taskColumns } from '../record.ts';

/**
 * The database sends at most this many times the size limit of a page. It measures the tasks only if they can be larger,
 * because that costs more than the transfer of a usual page.
 */
const unboundedFactor = 5;

/** Whether the database must measure so many tasks. */
export function mustMeasure(tasks: number, maxBytes: number): boolean {
  return tasks * taskBytesMax > unboundedFactor * maxBytes;
}

export interface PageLimits {
  /** Maximum number of tasks. */
  limit: number;
  /**
   * Size limit of the page in bytes of text. A page that reaches it ends early, with at least one task. Default: no limit.
   */
  maxBytes?: number | undefined;
}

export interface PageSize {
  /** The number of rows to read. The last one only shows that there is a next page. */
  rows: number;
  /** Whether the database measures the tasks. */
  isBounded: boolean;
}

export function toPageSize({ limit, maxBytes = Infinity }: PageLimits): PageSize {
  const tasks = Math.min(limit, Math.ceil(maxBytes / taskBytesMin));
  return { rows: tasks + 1, isBounded: mustMeasure(tasks, maxBytes) };
}

interface Measure {
  orderBy: RawBuilder<unknown>;
  maxBytes: unknown;
  /** Columns after those of the task. */
  more?: RawBuilder<unknown>;
}

const columns = sql.join(
  taskColumns.map((column) =>
    column === 'description'
      ? sql`case when bytes_before < max_bytes then description end as description`
      : sql.ref(column),
  ),
);

/**
 * The tasks of a page up to its limit in bytes. The last column is the number of bytes before the task. The first task beyond
 * the limit, which shows that there is a next page, has no description.
 */
export function limitBytes(page: unknown, { orderBy, maxBytes, more = sql`` }: Measure): RawBuilder<unknown> {
  const inOrder = sql`(order by ${orderBy} rows unbounded preceding)`;
  return sql`(select ${columns}${more}, bytes_before
    from (select page.*, ${maxBytes}::bigint as max_bytes, sum(${taskBytes}) over ${inOrder} - (${taskBytes}) as bytes_before,
      lag(${taskBytes}, 1, 0) over ${inOrder} as previous_bytes from ${page} as page) as measured
    where bytes_before - previous_bytes < max_bytes)`;
}

/** The rows of the page among those that were read. */
export function takePage(
  rows: TextRow[],
  { limit, maxBytes = Infinity }: PageLimits,
  { isBounded }: PageSize,
): TextRow[] {
  const page = rows.slice(0, limit);
  // Almost every page. An exact measure reads all texts.
  if (page.reduce((bytes, row) => bytes + boundTask(row), 0) <= maxBytes) return page;
  let bytes = 0;
  const end = page.findIndex((row) => {
    const before = isBounded ? Math.max(bytes, Number(row.at(-1))) : bytes;
    bytes += measureTask(row);
    return before >= maxBytes;
  });
  return end === -1 ? page : page.slice(0, end);
}
