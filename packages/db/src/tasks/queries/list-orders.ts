import { createCursor, createKeysCursor, parseCursor, parseKeysCursor } from '../../records/cursor.ts';
import type { Text, TextRow } from '../../scope/prepared-statement.ts';
import { taskColumns, toTask } from '../record.ts';

/** A total order of tasks: the last key is the ID. */
interface Order {
  /** Expressions on the columns of `tasks` and their types. */
  readonly keys: readonly (readonly [expression: string, type: string])[];
  readonly direction: 'asc' | 'desc';
  /** The keys of a task. They come from its row, because a record has times without seconds. */
  toKeys(read: (column: (typeof taskColumns)[number]) => Text, row: TextRow): (Text | undefined)[];
}

export const nilUuid = '00000000-0000-0000-0000-000000000000';

/**
 * The sort key of a title: the first 100 characters of its folded form. Longer keys would not fit into a cursor. For tasks that
 * other code has written, the title in lower case takes its place until they are folded.
 */
export const titleKey = `left(case when is_folded then split_part(search, e'\\n', 1) else lower(title) end, 100) collate "C"`;

export const orders = {
  newest: { keys: byTime('created_at'), direction: 'desc', toKeys: (read) => [read('created_at'), read('id')] },
  oldest: { keys: byTime('created_at'), direction: 'asc', toKeys: (read) => [read('created_at'), read('id')] },
  /** The inbox, then each list. */
  position: {
    keys: [
      ['list_id is not null', 'boolean'],
      [`coalesce(list_id, '${nilUuid}')`, 'uuid'],
      ['position', 'text'],
      ['id', 'uuid'],
    ],
    direction: 'asc',
    toKeys: (read) => [String(read('list_id') !== null), read('list_id') ?? nilUuid, read('position'), read('id')],
  },
  /** Dates with a time come before those without, as in Todoist. Tasks without a date come last. */
  due: {
    keys: [
      [`coalesce(due_date, 'infinity')`, 'date'],
      [`coalesce(due_time, '24:00')`, 'time'],
      ['id', 'uuid'],
    ],
    direction: 'asc',
    toKeys: (read) => [read('due_date') ?? 'infinity', read('due_time') ?? '24:00', read('id')],
  },
  /** The task that was completed last comes first. Open tasks follow, the newest first. */
  completed: {
    keys: [
      ['completed', 'boolean'],
      ['coalesce(completed_at, created_at)', 'timestamptz'],
      ['id', 'uuid'],
    ],
    direction: 'desc',
    toKeys: (read) => [read('completed'), read('completed_at') ?? read('created_at'), read('id')],
  },
  updated: { keys: byTime('updated_at'), direction: 'desc', toKeys: (read) => [read('updated_at'), read('id')] },
  /** The highest priority comes first. */
  priority: {
    keys: [
      ['priority', 'smallint'],
      ['id', 'uuid'],
    ],
    direction: 'desc',
    toKeys: (read) => [read('priority'), read('id')],
  },
  title: {
    keys: [
      ['title_key', 'text'],
      ['id', 'uuid'],
    ],
    direction: 'asc',
    toKeys: (read, row) => [row[taskColumns.length], read('id')],
  },
} as const satisfies Record<string, Order>;

export type TaskOrder = keyof typeof orders;

function byTime(column: string) {
  return [
    [column, 'timestamptz'],
    ['id', 'uuid'],
  ] as const;
}

/** The list to which a cursor is bound, and the key that signs cursors. */
export interface CursorContext {
  cursorKey: string;
  list: string;
  order: TaskOrder;
}

// Cursors of the orders by creation have the same form as those of earlier versions, so that these remain valid.
const isByCreation = (order: TaskOrder) => order === 'newest' || order === 'oldest';

/** The cursor after the row of a task. */
export function toCursor({ cursorKey, list, order }: CursorContext, row: TextRow): string {
  if (isByCreation(order)) return createCursor(cursorKey, list, toTask(row));
  const { toKeys }: Order = orders[order];
  return createKeysCursor(cursorKey, list, toKeys((column) => row[taskColumns.indexOf(column)]!, row) as string[]);
}

/** @throws InvalidCursorError for a cursor of another user, filter or order. */
export function toSortKeys({ cursorKey, list, order }: CursorContext, cursor: string): string[] {
  if (!isByCreation(order)) return parseKeysCursor(cursorKey, list, cursor);
  const { createdAt, id } = parseCursor(cursorKey, list, cursor);
  return [createdAt, id];
}
