import { addDays } from '@holdfast/task-values';
import { type RawBuilder, sql } from 'kysely';
import type { FilterArgs } from './list-filter.ts';
import { nilUuid } from './list-orders.ts';

/**
 * Orders that PostgreSQL reads from indexes. Each consists of segments that follow each other, because one index scan cannot
 * pass a null. The arguments of a segment say where it starts. If one of them is null, the segment has no rows.
 */
export interface SegmentedOrder {
  readonly segments: readonly Segment[];
  /** @param keys The sort keys of the last task of the previous page. */
  toArgs(filter: FilterArgs, keys?: readonly string[]): SegmentArgs;
}

export interface Segment {
  where(value: (name: SegmentArg) => unknown): RawBuilder<unknown>;
  readonly orderBy: string;
}

/** Names of arguments; see `toArgs` of each order. */
export type SegmentArg = `start_${
  | ('date' | 'time' | 'afterDate' | 'lastDate' | 'untimedFrom' | 'undatedFrom')
  | ('inboxPosition' | 'listId' | 'position' | 'lastList')
  | ('completedAt' | 'completedSince' | 'createdAt' | 'id')}`;
export type SegmentArgs = { [Name in SegmentArg]?: string | null | undefined };

const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export const segmentedOrders = {
  newest: byCreation('desc'),
  oldest: byCreation('asc'),
  position: {
    segments: [
      {
        where: (value) =>
          sql`list_id is null and (position, id) > (${value('start_inboxPosition')}::text, ${value('start_id')}::uuid)`,
        // With `list_id`, PostgreSQL sees that the order is that of the index.
        orderBy: 'list_id, position, id',
      },
      {
        where: (value) => sql`list_id <= ${value('start_lastList')}::uuid and (list_id, position, id)
          > (${value('start_listId')}::uuid, ${value('start_position')}::text, ${value('start_id')}::uuid)`,
        orderBy: 'list_id, position, id',
      },
    ],
    toArgs({ listId, isInbox }, keys) {
      const lastList = isInbox === true ? null : ((listId as string | undefined) ?? lastUuid);
      if (keys === undefined) {
        const inboxPosition = listId === undefined ? '' : null;
        const start = { start_listId: (listId as string | undefined) ?? nilUuid, start_position: '' };
        return { start_inboxPosition: inboxPosition, ...start, start_lastList: lastList, start_id: nilUuid };
      }
      const [isInList, list, position, id] = keys;
      if (isInList === 'true') {
        return { start_listId: list, start_position: position, start_lastList: lastList, start_id: id };
      }
      const lists = { start_listId: nilUuid, start_position: '', start_lastList: lastList };
      return { start_inboxPosition: position, ...lists, start_id: id };
    },
  },
  due: {
    segments: [
      {
        where: (value) => sql`due_date = ${value('start_date')}::date
          and (due_time, id) > (${value('start_time')}::time, ${value('start_id')}::uuid)`,
        orderBy: 'due_date, due_time, id',
      },
      {
        where: (value) =>
          sql`due_date = ${value('start_date')}::date and due_time is null and id >= ${value('start_untimedFrom')}::uuid`,
        orderBy: 'due_date, due_time, id',
      },
      {
        where: (value) =>
          sql`due_date > ${value('start_afterDate')}::date and due_date <= ${value('start_lastDate')}::date`,
        orderBy: 'due_date, due_time, id',
      },
      {
        where: (value) => sql`due_date is null and id >= ${value('start_undatedFrom')}::uuid`,
        orderBy: 'id',
      },
    ],
    toArgs({ dueFrom, dueUntil, isUndated }, keys) {
      const lastDate = isUndated === true ? null : ((dueUntil as string | undefined) ?? 'infinity');
      const undatedFrom = dueFrom === undefined ? nilUuid : null;
      if (keys === undefined) {
        const afterDate = dueFrom === undefined ? '-infinity' : toDayBefore(dueFrom as string);
        return { start_afterDate: afterDate, start_lastDate: lastDate, start_undatedFrom: undatedFrom };
      }
      const [date, time, id] = keys as [string, string, string];
      if (date === 'infinity') return { start_undatedFrom: toNextUuid(id) };
      return {
        start_date: date,
        ...(time.startsWith('24:00')
          ? { start_untimedFrom: toNextUuid(id) }
          : { start_time: time, start_id: id, start_untimedFrom: nilUuid }),
        start_afterDate: date,
        start_lastDate: lastDate,
        start_undatedFrom: undatedFrom,
      };
    },
  },
  completed: {
    segments: [
      {
        where: (value) => sql`completed_at > ${value('start_completedSince')}::timestamptz
          and (completed_at, id) < (${value('start_completedAt')}::timestamptz, ${value('start_id')}::uuid)`,
        orderBy: 'completed_at desc, id desc',
      },
      {
        where: (value) => sql`completed = false
          and (created_at, id) < (${value('start_createdAt')}::timestamptz, ${value('start_id')}::uuid)`,
        orderBy: 'created_at desc, id desc',
      },
    ],
    toArgs({ completed, completedAfter }, keys) {
      const completedSince = completed === false ? null : ((completedAfter as string | undefined) ?? '-infinity');
      const hasOpen = completed !== true && completedAfter === undefined;
      const [isCompleted, time, id] = keys ?? ['t', 'infinity', lastUuid];
      return {
        start_completedSince: completedSince,
        ...(isCompleted === 't' && { start_completedAt: time }),
        ...(hasOpen && { start_createdAt: isCompleted === 't' ? 'infinity' : time }),
        start_id: id,
      };
    },
  },
} as const satisfies Record<string, SegmentedOrder>;

function byCreation(direction: 'asc' | 'desc'): SegmentedOrder {
  const [comparison, time, id] = direction === 'asc' ? ['>', '-infinity', nilUuid] : ['<', 'infinity', lastUuid];
  return {
    segments: [
      {
        where: (value) => sql`(created_at, id) ${sql.raw(comparison)}
          (${value('start_createdAt')}::timestamptz, ${value('start_id')}::uuid)`,
        orderBy: `created_at ${direction}, id ${direction}`,
      },
    ],
    toArgs: (_filter, keys = [time, id]) => ({ start_createdAt: keys[0], start_id: keys[1] }),
  };
}

function toDayBefore(date: string): string {
  return date === '0001-01-01' || date === '-infinity' ? '-infinity' : addDays(date, -1);
}

/** Null after the last one. */
function toNextUuid(id: string): string | null {
  if (id === lastUuid) return null;
  const digits = (BigInt(`0x${id.replaceAll('-', '')}`) + 1n).toString(16).padStart(32, '0');
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
