import { sql } from 'kysely';
import { createStatement, type TextRow } from '../scope/prepared-statement.ts';
import {
  isWithin,
  namesOfList,
  namesOfTask,
  removedBytes,
  selectedOfList,
  selectedOfTask,
  sumBytesBefore,
} from './columns.ts';

interface FeedArgs {
  userId: string;
  /** The row of the log at which the page begins. */
  revision: string;
  /** Number of IDs of this row that earlier pages contained; undefined if all. */
  sent: number | undefined;
  /** Number of rows of the result. */
  rows: number;
  /** The result ends with the first record that has this many bytes before it. */
  maxBytes: number;
}

/** All IDs of a row of the log: those of lists come first. */
const ids = sql`list_ids || task_ids`;

/**
 * Reads the log from a row on: one row for each changed ID, in order, with the task or list as it is now. An ID that occurs
 * again later in the result has no task or list, except in its last row. A row of the log without IDs is one row without an ID,
 * and so is the first row if all of it has been sent.
 *
 * Each step reads only the rows that the next step needs, so the number of IDs in a row of the log does not matter.
 */
export const readFeedStatement = createStatement<FeedArgs>('changes_feed', (db, { value }) => {
  const userId = sql`${value('userId')}::uuid`;
  const revision = sql`${value('revision')}::bigint`;
  const sent = sql`${value('sent')}::int`;
  return db
    .selectFrom(
      sql`(
        with log as (
          select revision, at,
            cardinality(list_ids) - case when revision = ${revision} then ${sent} else 0 end as lists,
            coalesce(nullif(case when revision > ${revision} then ${ids}
              when ${sent} is not null then (${ids})[${sent} + 1:] end, '{}'), '{null}') as ids
          from public.changes where user_id = ${userId} and revision >= ${revision} order by revision
        ),
        entries as (
          select revision, at, lists, unnest(ids) as entry_id, generate_subscripts(ids, 1) as place
          from log limit ${value('rows')}::int
        ),
        marked as (
          select revision, at, place, entry_id, place <= lists as is_list,
            lead(revision) over (partition by entry_id, place <= lists order by revision, place) is null as is_last
          from entries
        ),
        found as (
          select revision, at, place, entry_id, is_list, is_last, ${namesOfTask}, ${namesOfList},
            case when is_last and entry_id is not null then coalesce(task_bytes, list_bytes, ${removedBytes}) else 0 end as bytes
          from marked
          left join lateral (select ${selectedOfTask} from public.tasks
            where user_id = ${userId} and id = entry_id and is_last and not is_list limit 1) as task on true
          left join lateral (select ${selectedOfList} from public.lists
            where user_id = ${userId} and id = entry_id and is_last and is_list limit 1) as list on true
        )
        select revision, at, entry_id, is_list, is_last, bytes, ${namesOfTask}, ${namesOfList}
        from (select found.*, ${sumBytesBefore('revision, place')} as bytes_before from found) as summed
        where ${isWithin(value('maxBytes'))} order by revision, place
      )`.as<'feed'>(sql`feed`),
    )
    .selectAll();
});

/** One changed ID. */
export interface FeedEntry {
  revision: string;
  /** PostgreSQL's text of the time. */
  at: string;
  /** Null for a row of the log without an ID. */
  id: string | null;
  isList: boolean;
  /** False if the ID occurs again later. */
  isLast: boolean;
  bytes: number;
  /** The columns of the task and of the list. All are null if it does not exist. */
  record: TextRow;
}

export function toFeedEntry(row: TextRow): FeedEntry {
  const [revision, at, id, isList, isLast, bytes, ...record] = row;
  return {
    revision: revision!,
    at: at!,
    id: id!,
    isList: isList === 't',
    isLast: isLast === 't',
    bytes: Number(bytes),
    record,
  };
}
