import { mapInSlices } from '@holdfast/operation';
import { toList } from '../lists/record.ts';
import type { TextRow } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { measureTask, toTask } from '../tasks/record.ts';
import { copyTasksStatement } from './copy-statements.ts';
import type { Part } from './page.ts';
import { type CopyPlace, isSameRow, type Place, type RecordKind, toLogRow } from './position.ts';
import { readRows } from './read-rows.ts';
import { countWithin, type Limits, smallBytes } from './sizes.ts';

/** The number of columns before those of the task. */
const logColumns = 4;
const lastRevision = String(2n ** 63n - 1n);

/**
 * Returns the lists and tasks after a place in a copy. The last page ends in the log at the row that was the newest one when
 * the copy began, so the changes that were made during the copy follow.
 *
 * @param place Undefined for the first page.
 * @returns Null if the database does not know the row that proves the cursor, or if the user has no log.
 */
export async function readCopy(scope: UserScope, place: CopyPlace | undefined, limits: Limits): Promise<Part | null> {
  const { newest: known, after } = place ?? {};
  const args = { revision: known?.revision ?? lastRevision, maxBytes: limits.maxBytes };
  const tasks = { statement: copyTasksStatement, args };
  const rows = await readRows(scope, { after, rows: limits.limit + 1, tasks });
  const [first] = rows.tasks;
  if (first === undefined) return null;
  const [provenRevision, provenAt, newestRevision, newestAt] = first as string[];
  if (known !== undefined && !isSameRow(known, toLogRow(provenRevision!, provenAt!))) return null;
  const newest = toLogRow(newestRevision!, newestAt!);
  const start = place?.start ?? newest.revision;
  const items = [...rows.lists.map(toListItem), ...rows.tasks.filter(hasTask).map(toTaskItem)];
  const shown = items.slice(0, countWithin(items, limits));
  const last = shown.at(-1);
  const isWhole = last === undefined || shown.length === items.length;
  const end: Place = isWhole
    ? { in: 'log', newest, revision: start }
    : { in: 'copy', newest, start, after: { kind: last.kind, id: last.id } };
  return {
    tasks: await mapInSlices(
      shown.flatMap(({ task }) => (task === null ? [] : [task])),
      toTask,
    ),
    lists: shown.flatMap(({ list }) => (list === null ? [] : [toList(list)])),
    removed: [],
    end,
  };
}

interface CopyItem {
  kind: RecordKind;
  id: string;
  bytes: number;
  task: TextRow | null;
  list: TextRow | null;
}

function toListItem([deletedAt, ...list]: TextRow): CopyItem {
  // A list in the trash counts, so that the size of the trash does not matter, but a copy does not contain it.
  return { kind: 'list', id: list[0]!, bytes: smallBytes, task: null, list: deletedAt === null ? list : null };
}

const hasTask = (row: TextRow) => row[logColumns] !== null;

function toTaskItem(row: TextRow): CopyItem {
  const task = row.slice(logColumns + 1);
  return { kind: 'task', id: task[0]!, bytes: measureTask(task), task, list: null };
}
