import { type RawBuilder, sql } from 'kysely';
import { listColumns } from '../lists/record.ts';
import { createStatement, type Parameters, type TextRow, toText } from '../scope/prepared-statement.ts';
import { measureTask, taskBytes, taskColumns } from '../tasks/record.ts';
import { isWithin, smallBytes, sumBytesBefore } from './sizes.ts';

interface QuickFeedArgs {
  userId: string;
  /** The row of the log after which the page begins. */
  revision: string;
  /** Number of rows of the result. */
  rows: number;
}

interface FeedArgs extends QuickFeedArgs {
  /** The page begins within the row of the log, after this number of its IDs. */
  sent: number | undefined;
  /** The result ends with the first record that has this many bytes before it. */
  maxBytes: number;
}

type Query = RawBuilder<unknown>;

const task = sql.join(taskColumns.map((column) => sql.ref(column)));
/** A list in one column, because each column costs time even if there is no list. */
const list = sql`json_build_array(${sql.join(listColumns.map((column) => sql.ref(column)))})::text`;

/** The IDs of a row of the log: those of lists come first. */
const ids = sql`list_ids || task_ids`;

/**
 * One row for each ID of the rows of the log, in order. Each step reads only the rows that the next step needs, so the number of
 * IDs in a row of the log does not matter.
 *
 * @param log The rows of the log with `ids`, of which the first `lists` are lists.
 */
const toEntries = (log: Query, rows: number) => sql`
  select revision, at, unnest(ids) as entry_id, generate_subscripts(ids, 1) as place, lists
  from (${log} order by revision) as log order by revision limit ${rows}::int`;

const toLog = ({ value }: Parameters<QuickFeedArgs>, values: Query) => sql`
  select revision, at, ${values} from public.changes
  where user_id = ${value('userId')}::uuid and revision >= ${value('revision')}::bigint`;

/** Finds the list or task of an entry. With an offset, PostgreSQL looks up each one by its key, in the order of the entries. */
const find = (table: 'lists' | 'tasks', columns: Query, { value }: Parameters<QuickFeedArgs>) => sql`
  select ${columns} from ${sql.table(`public.${table}`)} where user_id = ${value('userId')}::uuid and id = entry_id`;

const toList = (parameters: Parameters<QuickFeedArgs>) =>
  sql`(${find('lists', list, parameters)} and deleted_at is null)`;

/**
 * Returns one row for each ID that changed after a row of the log, in order, with the task or list as it is now. The first row
 * has no ID and proves that the row of the log exists. A row of the log without IDs is one row too.
 */
export const readQuickFeedStatement = createStatement<QuickFeedArgs>('changes_feed_quick', (db, parameters) => {
  const { value } = parameters;
  const log = toLog(
    parameters,
    sql`case when revision > ${value('revision')}::bigint then coalesce(nullif(${ids}, '{}'), '{null}') else '{null}' end as ids,
      cardinality(list_ids) as lists`,
  );
  return db
    .selectFrom(
      sql`(
        select revision, at, entry_id, place <= lists as is_list, null as bytes,
          case when place <= lists then ${toList(parameters)} end as list, ${task}
        from (${toEntries(log, value('rows'))}) as entries
        left join lateral (${find('tasks', task, parameters)} and place > lists offset 0) as task on true
      )`.as<'feed'>(sql`feed`),
    )
    .selectAll();
});

/**
 * As `changes_feed_quick`, with a limit in bytes, and also from a place within a row of the log on. If an ID occurs several
 * times, only its last row has the ID.
 */
export const readFeedStatement = createStatement<FeedArgs>('changes_feed', (db, parameters) => {
  const { value } = parameters;
  const sent = sql`${value('sent')}::int`;
  const isFirst = sql`revision = ${value('revision')}::bigint`;
  const log = toLog(
    parameters,
    sql`coalesce(nullif(case when not ${isFirst} then ${ids} when ${sent} is not null then (${ids})[${sent} + 1:] end, '{}'), '{null}') as ids,
      cardinality(list_ids) - case when ${isFirst} and ${sent} is not null then ${sent} else 0 end as lists`,
  );
  const marked = sql`
    select revision, at, place, place <= lists as is_list,
      case when lead(revision) over (partition by entry_id, place <= lists order by revision, place) is null then entry_id end as entry_id
    from (${toEntries(log, value('rows'))}) as entries order by revision, place`;
  const found = sql`
    select revision, at, place, entry_id, is_list, ${task}, case when is_list then ${toList(parameters)} end as list,
      case when entry_id is null then 0 else coalesce(task_bytes, ${sql.lit(smallBytes)}) end as bytes
    from (${marked}) as marked
    left join lateral (
      ${find('tasks', sql`${task}, ${taskBytes} as task_bytes`, parameters)} and not is_list offset 0) as task on true`;
  return db
    .selectFrom(
      sql`(
        select revision, at, entry_id, is_list, bytes, list, ${task}
        from (select found.*, ${sumBytesBefore('revision, place')} as bytes_before from (${found}) as found) as summed
        where ${isWithin(sql`bytes_before`, value('maxBytes'))}
      )`.as<'feed'>(sql`feed`),
    )
    .selectAll();
});

/** One changed ID, or a place in the log without one. */
export interface FeedEntry {
  revision: string;
  /** PostgreSQL's text of the time. */
  at: string;
  id: string | null;
  isList: boolean;
  bytes: number;
  /** The task or list; null if it does not exist. */
  record: TextRow | null;
}

/** The number of columns before those of the task. */
const entryColumns = 6;

export function toFeedEntry(row: TextRow): FeedEntry {
  const [revision, at, id, isList, bytes, list] = row;
  const task = row[entryColumns] === null ? null : row.slice(entryColumns);
  const record = list === null ? task : (JSON.parse(list!) as unknown[]).map(toText);
  const entry = { revision: revision!, at: at!, id: id!, isList: isList === 't', record };
  return { ...entry, bytes: bytes === null ? measure(entry) : Number(bytes) };
}

function measure({ id, isList, record }: Omit<FeedEntry, 'bytes'>): number {
  if (id === null) return 0;
  return isList || record === null ? smallBytes : measureTask(record);
}
