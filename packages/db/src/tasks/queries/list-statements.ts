import { type RawBuilder, sql } from 'kysely';
import { createStatement, type Statement } from '../../scope/prepared-statement.ts';
import { taskColumns } from '../record.ts';
import { type FilterArgs, isLongFilter, matches, type ReadFilter, readParameters, toSources } from './list-filter.ts';
import { orders, type TaskOrder, titleKey } from './list-orders.ts';
import { type Segment, type SegmentArgs, type SegmentedOrder, segmentedOrders } from './list-segments.ts';
import { limitBytes } from './page-size.ts';

/** The sort keys of the last task of the previous page. */
type KeyArgs = { [Name in `key${0 | 1 | 2 | 3}`]?: string | undefined };

export type ListArgs = FilterArgs &
  SegmentArgs &
  KeyArgs & {
    userId: string;
    /** The last row only shows that there is a next page. */
    rows: number;
    /** The page ends before the first task that has this many bytes of tasks before it. */
    maxBytes: number | undefined;
  };

type Value = (name: keyof ListArgs) => unknown;
type Query = RawBuilder<unknown>;

/**
 * How a list is read.
 * - plain: in the order of an index, without conditions
 * - completed: the same with the only condition `completed`, which has an index
 * - segments: in the order of indexes, with any conditions
 * - sorted: all tasks of a source, sorted
 */
export type ListForm =
  | { order: 'newest' | 'oldest'; by: 'plain' | 'completed' }
  | { order: keyof typeof segmentedOrders; by: 'segments' }
  | { order: TaskOrder; by: 'sorted' };

const columns = sql.raw(taskColumns.join(', '));

/** @param isBounded Whether the page has a limit in bytes. Its last column is the number of bytes before the task. */
export function createListStatement({ order, by }: ListForm, isBounded: boolean): Statement<ListArgs> {
  const suffix = { plain: '', completed: '_filtered', segments: '_by_index', sorted: '_sorted' }[by];
  const name = `task_list_${order}${suffix}${isBounded ? '_bounded' : ''}`;
  const { keys, direction } = orders[order];
  const orderBy = sql.raw(keys.map(([key]) => `${key} ${direction}`).join(', '));
  return createStatement<ListArgs>(
    name,
    (db, parameters) => {
      const value: Value = (name) => parameters.value(name);
      const page =
        by === 'sorted'
          ? toSortedPage(order, value, orderBy)
          : by === 'segments'
            ? toSegmentsPage(segmentedOrders[order], value, orderBy)
            : toSegment(segmentedOrders[order].segments[0]!, { value, by });
      const more = order === 'title' ? sql`, title_key` : sql``;
      const rows = isBounded
        ? limitBytes(sql`(${page})`, { orderBy, maxBytes: value('maxBytes'), more })
        : sql`(${page})`;
      return db.selectFrom(rows.as<'page'>(sql`page`)).selectAll();
    },
    { isLong: isLongFilter },
  );
}

type Condition = 'plain' | 'completed' | 'segments';

function toSegment(segment: Segment, { value, by }: { value: Value; by: Condition }, limit = toLimit(value)): Query {
  const condition = {
    plain: sql``,
    completed: sql` and completed = ${value('completed')}::boolean`,
    segments: sql` and ${matches(readParameters(value))}`,
  }[by];
  return sql`select ${columns} from public.tasks where user_id = ${value('userId')}::uuid and deleted_at is null
    and ${segment.where(value)}${condition} order by ${sql.raw(segment.orderBy)} limit ${limit}`;
}

const toLimit = (value: Value): Query => sql`${value('rows')}::bigint`;

/** Reads a segment only if the earlier ones have too few rows. */
function toSegmentsPage({ segments }: SegmentedOrder, value: Value, orderBy: Query): Query {
  const names = segments.map((_, at) => sql.raw(`segment_${at}`));
  const tables = segments.map((segment, at) => {
    const limit = names
      .slice(0, at)
      .reduce((rows, name) => sql`${rows} - (select count(*) from ${name})`, toLimit(value));
    return sql`${names[at]} as materialized (${toSegment(segment, { value, by: 'segments' }, limit)})`;
  });
  if (segments.length === 1) return toSegment(segments[0]!, { value, by: 'segments' });
  const all = names.map((name) => sql`select * from ${name}`);
  return sql`with ${sql.join(tables)} select * from (${sql.join(all, sql` union all `)}) as page order by ${orderBy}`;
}

/**
 * Sorts the keys of all matching tasks of a source, and then reads the tasks of the page. PostgreSQL copies each row that it
 * sorts, so whole tasks would take twice the time. Conditions beside the source are checked in one place, not once per source.
 */
function toSortedPage(order: TaskOrder, value: Value, orderBy: Query): Query {
  const { keys, direction } = orders[order];
  const read = readParameters(value);
  const userId = sql`${value('userId')}::uuid`;
  const isTitle = order === 'title';
  const names = keys.map((_, at) => sql.raw(`key_${at}`));
  const selected = keys.map(([key], at) => sql`${sql.raw(key === 'title_key' ? titleKey : key)} as ${names[at]}`);
  const start = keys.map(([, type], at) => sql`${value(`key${at as 0 | 1 | 2 | 3}`)}::${sql.raw(type)}`);
  const inOrder = sql.join(names.map((name) => sql`${name} ${sql.raw(direction)}`));
  // The last key is the ID.
  return sql`select task.*${isTitle ? sql`, key_0 as title_key` : sql``} from (
      select * from (select ${sql.join(selected)} from ${toSource(read, userId)} as source where ${matches(read)}) as matching
      where ${start[0]} is null or (${sql.join(names)}) ${sql.raw(direction === 'asc' ? '>' : '<')} (${sql.join(start)})
      order by ${inOrder} limit ${toLimit(value)}) as page
    cross join lateral (select ${columns} from public.tasks
      where user_id = ${userId} and id = page.${names.at(-1)} and deleted_at is null limit 1) as task
    order by ${orderBy}`;
}

/** The tasks of the source that the arguments name. PostgreSQL does not run the queries of the other sources. */
export function toSource(read: ReadFilter, userId: Query): Query {
  const queries = Object.entries(toSources(read)).map(
    ([name, condition]) => sql`select ${columns}, search, is_folded from public.tasks
      where ${read('source')} = ${sql.lit(name)} and user_id = ${userId} and deleted_at is null and ${condition}`,
  );
  // With an offset, PostgreSQL does not copy the conditions above into each query.
  return sql`(${sql.join(queries, sql` union all `)} offset 0)`;
}
