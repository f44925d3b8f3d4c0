import { type RawBuilder, sql } from 'kysely';
import { listColumns } from '../lists/record.ts';
import { type Parameters, type TextRow, toText } from '../scope/prepared-statement.ts';
import { measureTask, taskBytes, taskColumns } from '../tasks/record.ts';
import { createPrimaryStatement } from './primary-statement.ts';
import { isWithin, smallBytes, sumBytesBefore } from './sizes.ts';

interface QuickFeedArgs {
  userId: string;
  /** The row of the log after which the page begins. */
  revision: string;
  /** Number of rows of the result. */
  rows: number;
}

interface FeedArgs extends QuickFeedArgs {
  /** The revision of the row that proves the cursor. */
  known: string;
  /** The page begins within the row of the log, after this number of its IDs. */
  sent: number | undefined;
  /** The result ends with the first record that has this many bytes before it. */
  maxBytes: number;
}

type Query = RawBuilder<unknown>;

const toRefs = (columns: readonly string[]) => sql.join(columns.map((column) => sql.ref(column)));

/** A record in one column, because each column costs time even if there is no record. */
const toJson = (columns: readonly string[]) => sql`json_build_array(${toRefs(columns)})::text`;

const task = toRefs(taskColumns);

/** The IDs of a row of the log: those of lists come first. */
const ids = sql`list_ids || task_ids`;

type Value = Parameters<QuickFeedArgs>['value'];

/**
 * One row for each ID of the rows of the log, in order. Each step reads only the rows that the next step needs, so the number of
 * IDs in a row of the log does not matter.
 *
 * @param values Expressions for `ids`, and for `lists`, the number of IDs of lists at their start.
 */
const toEntries = (value: Value, values: Query) => sql`
  select revision, at, unnest(ids) as entry_id, generate_subscripts(ids, 1) as place, lists
  from (
    select revision, at, ${values} from public.changes
    where user_id = ${value('userId')}::uuid and revision >= ${value('revision')}::bigint order by revision
  ) as log
  order by revision limit ${value('rows')}::int`;

/** Finds the task or list of an entry. */
const find = (value: Value, table: 'lists' | 'tasks', columns: Query) => sql`
  select ${columns} from ${sql.table(`public.${table}`)} where user_id = ${value('userId')}::uuid and id = entry_id`;

const findList = (value: Value) => sql`(${find(value, 'lists', toJson(listColumns))} and deleted_at is null)`;

/**
 * Returns one row for each ID that changed after a row of the log, in order, with the time of its row of the log, and the task or
 * list as it is now. The first row has no ID and proves that the row of the log exists. A row of the log without IDs is one row
 * too.
 */
export const readQuickFeedStatement = createPrimaryStatement<QuickFeedArgs>('changes_feed_quick', (value) => {
  const revision = sql`${value('revision')}::bigint`;
  const entries = toEntries(
    value,
    sql`case when revision > ${revision} then coalesce(nullif(${ids}, '{}'), '{null}') else '{null}' end as ids,
      cardinality(list_ids) as lists`,
  );
  return sql`
    select at, revision, entry_id, place <= lists as is_list,
      case when place <= lists then ${findList(value)} else (${find(value, 'tasks', toJson(taskColumns))}) end as record
    from (${entries}) as entries`;
});

/**
 * As `changes_feed_quick`, with a limit in bytes, and also from a place within a row of the log on. Each row begins with the time
 * of the row that proves the cursor, and the newest row of the log. If an ID occurs several times, only its last row has the ID.
 */
export const readFeedStatement = createPrimaryStatement<FeedArgs>('changes_feed', (value) => {
  const sent = sql`${value('sent')}::int`;
  const isFirst = sql`revision = ${value('revision')}::bigint`;
  const unsent = sql`case when not ${isFirst} then ${ids} when ${sent} is not null then (${ids})[${sent} + 1:] end`;
  const entries = toEntries(
    value,
    sql`coalesce(nullif(${unsent}, '{}'), '{null}') as ids,
      cardinality(list_ids) - case when ${isFirst} and ${sent} is not null then ${sent} else 0 end as lists`,
  );
  const isLast = sql`lead(revision) over (partition by entry_id, place <= lists order by revision, place) is null`;
  const marked = sql`
    select revision, place, place <= lists as is_list, case when ${isLast} then entry_id end as entry_id
    from (${entries}) as entries order by revision, place`;
  // With an offset, PostgreSQL looks up each task by its key, in the order of the entries.
  const found = sql`
    select revision, place, entry_id, is_list, ${task}, case when is_list then ${findList(value)} end as list,
      case when entry_id is null then 0 else coalesce(task_bytes, ${sql.lit(smallBytes)}) end as bytes
    from (${marked}) as marked
    left join lateral (
      ${find(value, 'tasks', sql`${task}, ${taskBytes} as task_bytes`)} and not is_list offset 0) as task on true`;
  const log = sql`from public.changes where user_id = ${value('userId')}::uuid`;
  return sql`
    select known.at as known_at, newest.revision as newest, newest.at as newest_at,
      bytes, summed.revision, entry_id, is_list, list, ${task}
    from (select at ${log} and revision = ${value('known')}::bigint) as known
    cross join (select revision, at ${log} order by revision desc limit 1) as newest
    cross join (select found.*, ${sumBytesBefore('revision, place')} as bytes_before from (${found}) as found) as summed
    where ${isWithin(sql`bytes_before`, value('maxBytes'))}`;
});

/** One changed ID, or a place in the log without one. */
export interface FeedEntry {
  revision: string;
  id: string | null;
  isList: boolean;
  /** The task or list; null if it does not exist. */
  record: TextRow | null;
  bytes: number;
}

/** Converts a row of `changes_feed_quick`. */
export function toQuickEntry([, revision, id, isList, json]: TextRow): FeedEntry {
  const entry = { revision: revision!, id: id!, isList: isList === 't', record: fromJson(json!) };
  return { ...entry, bytes: measure(entry) };
}

/** Converts a row of `changes_feed`. */
export function toFeedEntry([, , , bytes, revision, id, isList, list, ...columns]: TextRow): FeedEntry {
  const record = fromJson(list!) ?? (columns[0] === null ? null : columns);
  const entry = { revision: revision!, id: id!, isList: isList === 't', record };
  return { ...entry, bytes: Math.max(Number(bytes), measure(entry)) };
}

function fromJson(json: string | null): TextRow | null {
  return json === null ? null : (JSON.parse(json) as unknown[]).map(toText);
}

function measure({ id, isList, record }: Omit<FeedEntry, 'bytes'>): number {
  if (id === null) return 0;
  return isList || record === null ? smallBytes : measureTask(record);
}
