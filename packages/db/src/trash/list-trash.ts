import { mapInSlices } from '@holdfast/operation';
import { sql } from 'kysely';
import { createCursor, parseCursor } from '../records/cursor.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import type { TaskPage } from '../tasks/queries/list-tasks.ts';
import { limitBytes, type PageLimits, takePage, toPageSize } from '../tasks/queries/page-size.ts';
import { taskColumns, toTask } from '../tasks/record.ts';

export interface TrashQuery extends PageLimits {
  /** The `nextCursor` of the previous page. */
  cursor?: string | undefined;
}

interface TrashArgs {
  userId: string;
  /** The last row only shows that there is a next page. */
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
    const orderBy = sql`deleted_at desc, id desc`;
    const limited = limitBytes(page, { orderBy, maxBytes: value('maxBytes') });
    return db.selectFrom(limited.as<'page'>(sql`page`)).selectAll();
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
  const { cursorKey, run } = internalsOf(scope);
  const list = `${scope.userId} trash`;
  const after = query.cursor === undefined ? start : parseCursor(cursorKey, list, query.cursor);
  const size = toPageSize(query);
  const rows = await run(size.isBounded ? listTrashBoundedStatement : listTrashStatement, {
    userId: scope.userId,
    rows: size.rows,
    beforeDeletedAt: after.createdAt,
    beforeId: after.id,
    maxBytes: query.maxBytes,
  });
  const items = await mapInSlices(takePage(rows, query, size), toTask);
  const last = items.at(-1);
  const hasMore = rows.length > items.length && last !== undefined;
  const nextCursor = hasMore ? createCursor(cursorKey, list, { createdAt: last.deletedAt!, id: last.id }) : null;
  return { items, nextCursor };
}
