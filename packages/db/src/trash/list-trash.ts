import { sql } from 'kysely';
import { createCursor, parseCursor } from '../records/cursor.ts';
import { createStatement, type TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import type { TaskPage } from '../tasks/queries/list-tasks.ts';
import { taskBytes, taskBytesMax, taskColumns, toTask } from '../tasks/record.ts';

export interface TrashQuery {
  /** Maximum number of tasks. */
  limit: number;
  /** The `nextCursor` of the previous page. */
  cursor?: string | undefined;
  /** Size limit of the page in bytes of text, as for `listTasks`. Default: no limit. */
  maxBytes?: number | undefined;
}

interface TrashArgs {
  userId: string;
  /** The page's limit plus one; the additional row shows that there is a next page. */
  rows: number;
  beforeDeletedAt: string;
  beforeId: string;
  maxBytes: number | undefined;
}

const start = { createdAt: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

function createTrashStatement({ isBounded }: { isBounded: boolean }) {
  return createStatement<TrashArgs>(`trash_list${isBounded ? '_bounded' : ''}`, (db, { value }) => {
    const page = db
      .selectFrom('tasks')
      .select(taskColumns)
      .where('user_id', '=', value('userId'))
      .where('deleted_at', 'is not', null)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('deleted_at', 'id'), '<', tuple(value('beforeDeletedAt'), value('beforeId'))),
      )
      .orderBy('deleted_at', 'desc')
      .orderBy('id', 'desc')
      .limit(value('rows'));
    if (!isBounded) return page;
    const inOrder = sql`(order by deleted_at desc, id desc rows unbounded preceding)`;
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

export const listTrashStatement = createTrashStatement({ isBounded: false });
export const listTrashBoundedStatement = createTrashStatement({ isBounded: true });

/**
 * Returns one page of the user's tasks in the trash, the latest deletion first. Pages neither skip nor repeat a task that has
 * not changed.
 *
 * @throws InvalidCursorError for a cursor of another user or list.
 */
export async function listTrash(scope: UserScope, query: TrashQuery): Promise<TaskPage> {
  const { limit, maxBytes } = query;
  const { cursorKey, run } = internalsOf(scope);
  const list = `${scope.userId} trash`;
  const after = query.cursor === undefined ? start : parseCursor(cursorKey, list, query.cursor);
  // A page that cannot reach its limit does without the cost of measuring.
  const isBounded = maxBytes !== undefined && limit * taskBytesMax > maxBytes;
  const rows = await run(isBounded ? listTrashBoundedStatement : listTrashStatement, {
    userId: scope.userId,
    rows: limit + 1,
    beforeDeletedAt: after.createdAt,
    beforeId: after.id,
    maxBytes,
  });
  const isWithin = (row: TextRow) => !isBounded || Number(row.at(-1)) < maxBytes;
  const items = rows.slice(0, limit).filter(isWithin).map(toTask);
  const last = items.at(-1);
  const hasMore = rows.length > items.length && last !== undefined;
  const nextCursor = hasMore ? createCursor(cursorKey, list, { createdAt: last.deletedAt!, id: last.id }) : null;
  return { items, nextCursor };
}
