import { sql } from 'kysely';
import { createCursor, parseCursor } from '../records/cursor.ts';
import { createStatement, type Statement, type TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { taskBytes, taskColumns, type TaskRecord, toTask } from './record.ts';

/** The size of the largest possible task: 11,500 characters of 4 bytes, and its other fields. */
const taskBytesMax = 46_600;

export interface TaskQuery {
  /** Maximum number of tasks. */
  limit: number;
  /** The `nextCursor` of the previous page. */
  cursor?: string | undefined;
  /** True for completed tasks only, false for open tasks only. Default: both. */
  completed?: boolean | undefined;
  /**
   * Size limit of the page in bytes of text. A page that reaches it ends early, with at least one task. Default: no limit.
   */
  maxBytes?: number | undefined;
  /** By time of creation, then by id. */
  order: TaskOrder;
}

export interface TaskPage {
  items: TaskRecord[];
  /** Null exactly if there are no more tasks. */
  nextCursor: string | null;
}

export type TaskOrder = 'newest' | 'oldest';

interface ListArgs {
  userId: string;
  /** The page's limit plus one; the additional row shows that there is a next page. */
  rows: number;
  completed: boolean | undefined;
  afterCreatedAt: string;
  afterId: string;
  /** The page ends before the first task that has this many bytes of tasks before it. */
  maxBytes: number | undefined;
}

/** The position before the first task of each order. */
const listStart = {
  newest: { createdAt: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
  oldest: { createdAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' },
} as const;

interface ListForm {
  /** With a filter, PostgreSQL reads another index. */
  readonly isFiltered: boolean;
  /** Whether the page has a limit in bytes. Its last column is the number of bytes before the task. */
  readonly isBounded: boolean;
}

function createListStatement(order: TaskOrder, { isFiltered, isBounded }: ListForm): Statement<ListArgs> {
  const [comparison, direction] = order === 'newest' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
  const name = `task_list_${order}${isFiltered ? '_filtered' : ''}${isBounded ? '_bounded' : ''}`;
  return createStatement(name, (db, { value }) => {
    const page = db
      .selectFrom('tasks')
      .select(taskColumns)
      .where('user_id', '=', value('userId'))
      .where('deleted_at', 'is', null)
      .$if(isFiltered, (query) => query.where('completed', '=', value('completed')))
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('created_at', 'id'), comparison, tuple(value('afterCreatedAt'), value('afterId'))),
      )
      .orderBy('created_at', direction)
      .orderBy('id', direction)
      .limit(value('rows'));
    if (!isBounded) return page;
    const inOrder = sql`(order by created_at ${sql.raw(direction)}, id ${sql.raw(direction)} rows unbounded preceding)`;
    const measured = db
      .selectFrom(page.as('page'))
      .select(taskColumns)
      .select([
        sql<number>`sum(${taskBytes}) over ${inOrder} - (${taskBytes})`.as('bytes_before'),
        sql<number>`lag(${taskBytes}, 1, 0) over ${inOrder}`.as('previous_bytes'),
      ]);
    // Also the first task beyond the limit, which shows that there is a next page.
    return db
      .selectFrom(measured.as('measured'))
      .select([...taskColumns, 'bytes_before'])
      .where(sql<boolean>`bytes_before - previous_bytes < ${value('maxBytes')}::bigint`);
  });
}

export const listForms = {
  newest: createListForms('newest'),
  oldest: createListForms('oldest'),
};

function createListForms(order: TaskOrder): Statement<ListArgs>[] {
  return [0, 1, 2, 3].map((form) => createListStatement(order, { isFiltered: form % 2 === 1, isBounded: form >= 2 }));
}

function findListStatement(order: TaskOrder, { isFiltered, isBounded }: ListForm): Statement<ListArgs> {
  return listForms[order][Number(isFiltered) + 2 * Number(isBounded)]!;
}

/**
 * Returns one page of the user's tasks. Pages neither skip nor repeat a task that has not changed, even if other tasks
 * change between them.
 *
 * @throws InvalidCursorError for a cursor of another user, filter or order.
 */
export async function listTasks(scope: UserScope, query: TaskQuery): Promise<TaskPage> {
  const { limit, completed, order, maxBytes } = query;
  const { cursorKey, run } = internalsOf(scope);
  const list = `${scope.userId} ${completed} ${order}`;
  const after = query.cursor === undefined ? listStart[order] : parseCursor(cursorKey, list, query.cursor);
  // A page that cannot reach its limit does without the cost of measuring.
  const isBounded = maxBytes !== undefined && limit * taskBytesMax > maxBytes;
  const rows = await run(findListStatement(order, { isFiltered: completed !== undefined, isBounded }), {
    userId: scope.userId,
    rows: limit + 1,
    completed,
    afterCreatedAt: after.createdAt,
    afterId: after.id,
    maxBytes,
  });
  const isWithin = (row: TextRow) => !isBounded || Number(row.at(-1)) < maxBytes;
  const items = rows.slice(0, limit).filter(isWithin).map(toTask);
  const last = items.at(-1);
  const hasMore = rows.length > items.length && last !== undefined;
  return { items, nextCursor: hasMore ? createCursor(cursorKey, list, last) : null };
}
