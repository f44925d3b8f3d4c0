import { mapInSlices } from '@holdfast/operation';
import { createEndPositions } from '@holdfast/task-values';
import { ListNotFoundError, TooManyListsError } from '../lists/errors.ts';
import { type NewListValues, withInitialListValues, writableListColumns } from '../lists/record.ts';
import { readTexts } from '../records/fields.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { type NewTaskValues, toColumnValues, toSearch, withInitialValues } from '../tasks/record.ts';
import { toJsonArray } from '../writes/json-array.ts';
import { runWrite } from '../writes/run-write.ts';
import { type ImportArgs, importDataStatement, logImportStatement } from './import-statement.ts';

type Optional<Values> = { [Name in keyof Values]?: Values[Name] | undefined };

/** Values that only an import can set. Times are ISO 8601 in UTC with milliseconds. */
type KeptValues = {
  /** UUID. */
  id: string;
} & Optional<{
  createdAt: string;
  updatedAt: string;
  version: number;
  /** Null outside the trash. */
  deletedAt: string | null;
}>;

/** A time must not be before `createdAt`. */
export type ImportedTask = NewTaskValues &
  KeptValues & {
    /** Null exactly if `completed` is false. */
    completedAt?: string | null | undefined;
  };

/** A time must not be before `createdAt`. */
export type ImportedList = NewListValues & KeptValues & { archivedAt?: string | null | undefined };

/** At most 500 rows, each with another ID. */
export interface DataImport {
  lists: readonly ImportedList[];
  tasks: readonly ImportedTask[];
}

export interface ImportResult {
  /** Number of created lists and tasks. */
  created: number;
  /** Number of lists and tasks that exist with the given values. */
  unchanged: number;
  /** Lists and tasks that exist with other values, and stay as they are. */
  conflicts: { kind: 'list' | 'task'; id: string }[];
}

/**
 * Creates lists and tasks with their IDs, times and versions: either all whose IDs do not exist, or none. A repetition changes
 * nothing. To find out whether an existing row differs, it compares the given fields except `updatedAt` and `version`.
 *
 * @throws ListNotFoundError if the list of a new task neither exists nor is in the input. A list in the trash exists only for
 * tasks in the trash.
 * @throws TooManyListsError
 */
export async function importData(scope: UserScope, { lists, tasks }: DataImport): Promise<ImportResult> {
  const now = Date.now();
  const [listPositions, taskPositions] = [lists, tasks].map(({ length }) => createEndPositions(now, length));
  const at = new Date(now).toISOString();
  const taskRows = await mapInSlices(tasks, (task, index) =>
    JSON.stringify(toTaskRow(task, { at, index, position: taskPositions![index]! })),
  );
  const args: ImportArgs = {
    userId: scope.userId,
    operationId: undefined,
    requestHash: undefined,
    lists: JSON.stringify(lists.map((list, index) => toListRow(list, { at, index, position: listPositions![index]! }))),
    tasks: toJsonArray(taskRows),
    listIds: lists.map(({ id }) => id),
    taskIds: tasks.map(({ id }) => id),
  };
  const [row] = await runWrite(
    scope,
    { statement: importDataStatement, args },
    { statement: logImportStatement, args },
  );
  const [missing, hasTooManyLists, created, differingLists, differingTasks] = row as [string | null, ...string[]];
  if (missing !== null) throw new ListNotFoundError(`tasks.${Number(missing)}.listId`);
  if (hasTooManyLists === 't') throw new TooManyListsError();
  const conflicts = [
    ...readTexts(differingLists!).map((id) => ({ kind: 'list' as const, id })),
    ...readTexts(differingTasks!).map((id) => ({ kind: 'task' as const, id })),
  ];
  const unchanged = lists.length + tasks.length - Number(created) - conflicts.length;
  return { created: Number(created), unchanged, conflicts };
}

interface Defaults {
  /** The time of the import. */
  at: string;
  /** The index of the row in the input. */
  index: number;
  position: string;
}

function toListRow(list: ImportedList, { at, index, position }: Defaults): object {
  const { archivedAt, ...given } = list;
  const values = withInitialListValues({ ...given, position: list.position ?? position });
  const known = { ...toKnownTimes(list), archived_at: archivedAt };
  const givenColumns = writableListColumns.filter((column) => list[column] !== undefined);
  return {
    ...values,
    ...known,
    ...toTimes([archivedAt, ...timesOf(list)], list, at),
    id: list.id,
    version: list.version ?? 1,
    at: index,
    given: [...givenColumns, ...namesOfGiven(known)],
  };
}

function toTaskRow(task: ImportedTask, { at, index, position }: Defaults): object {
  const { completedAt } = task;
  const completed = task.completed ?? (completedAt !== undefined && completedAt !== null);
  const values = withInitialValues({ ...task, completed, position: task.position ?? position });
  const times = toTimes([completedAt, ...timesOf(task)], task, at);
  const known = { ...toKnownTimes(task), completed_at: completedAt };
  return {
    ...toColumnValues(values),
    ...known,
    ...times,
    completed_at: completed ? (completedAt ?? times.updated_at) : null,
    id: task.id,
    version: task.version ?? 1,
    search: toSearch(values),
    is_folded: true,
    at: index,
    given: [...Object.keys(toColumnValues(task)), ...namesOfGiven(known)],
  };
}

const toKnownTimes = ({ createdAt, deletedAt }: KeptValues) => ({ created_at: createdAt, deleted_at: deletedAt });

const timesOf = ({ updatedAt, deletedAt }: KeptValues) => [updatedAt, deletedAt];

const namesOfGiven = (values: object) =>
  Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [name]));

/** By default, a row was created at the earliest of its times, and changed now. */
function toTimes(times: (string | null | undefined)[], { createdAt, updatedAt }: KeptValues, at: string) {
  const earliest = times.reduce<string>((first, time) => (time && time < first ? time : first), at);
  const created = createdAt ?? earliest;
  return { created_at: created, updated_at: updatedAt ?? (created > at ? created : at) };
}
