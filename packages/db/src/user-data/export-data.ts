import { mapInSlices } from '@holdfast/operation';
import { exportTasksStatement } from '../changes/copy-statements.ts';
import { readRows } from '../changes/read-rows.ts';
import { countWithin, smallBytes } from '../changes/sizes.ts';
import { type ListRecord, toList } from '../lists/record.ts';
import { createKeysCursor, parseKeysCursor } from '../records/cursor.ts';
import { readOptionalTime } from '../records/fields.ts';
import type { TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { measureTask, type TaskRecord, toTask } from '../tasks/record.ts';

/** Rows of one page. An import accepts as many. */
export const rowsMax = 500;

/** A list with the time at which it was moved to the trash. */
export interface ExportedList extends ListRecord {
  deletedAt: string | null;
}

export interface ExportQuery {
  /** The `nextCursor` of the previous page. */
  cursor?: string | undefined;
  /** Size limit of the page in bytes of text. A page that reaches it ends early, with at least one row. Default: no limit. */
  maxBytes?: number | undefined;
}

export interface ExportPage {
  lists: ExportedList[];
  tasks: TaskRecord[];
  /** Null exactly if there are no more rows. */
  nextCursor: string | null;
}

interface Item {
  kind: 'list' | 'task';
  id: string;
  bytes: number;
  row: TextRow;
}

/**
 * Returns one page of all lists and tasks of the user, also of those in the trash: first the lists, then the tasks, each in the
 * order of their IDs. Pages neither skip nor repeat a row that has not changed.
 *
 * @throws InvalidCursorError for a cursor of another user or call.
 */
export async function exportData(scope: UserScope, query: ExportQuery): Promise<ExportPage> {
  const { cursor, maxBytes = Number.MAX_SAFE_INTEGER } = query;
  const { cursorKey } = internalsOf(scope);
  const name = `${scope.userId} export`;
  const [kind, id] = cursor === undefined ? [] : parseKeysCursor(cursorKey, name, cursor);
  const after = id === undefined ? undefined : { kind: kind as Item['kind'], id };
  const tasks = { statement: exportTasksStatement, args: { maxBytes } };
  const rows = await readRows(scope, { after, rows: rowsMax + 1, tasks });
  const items = [...rows.lists.map(toListItem), ...rows.tasks.map(toTaskItem)];
  const shown = items.slice(0, countWithin(items, { limit: rowsMax, maxBytes }));
  const last = shown.at(-1);
  const rowsOf = (kind: Item['kind']) => shown.filter((item) => item.kind === kind).map(({ row }) => row);
  return {
    lists: rowsOf('list').map(toExportedList),
    tasks: await mapInSlices(rowsOf('task'), toTask),
    nextCursor:
      last === undefined || shown.length === items.length
        ? null
        : createKeysCursor(cursorKey, name, [last.kind, last.id]),
  };
}

function toListItem(row: TextRow): Item {
  return { kind: 'list', id: row[1]!, bytes: smallBytes, row };
}

function toExportedList([deletedAt, ...row]: TextRow): ExportedList {
  return { ...toList(row), deletedAt: readOptionalTime(deletedAt!) };
}

function toTaskItem([, ...row]: TextRow): Item {
  return { kind: 'task', id: row[0]!, bytes: measureTask(row), row };
}
