import type { List, Task } from '@holdfast/client';
import { remember } from './remember.ts';

/** By code units, as the server sorts. Equal texts stay in their order. */
export const byteOrder = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

interface Placed {
  position: string;
  id: string;
}

/** Manual order: positions bytewise, then IDs. */
export const byPosition = (one: Placed, other: Placed): number =>
  byteOrder(one.position, other.position) || byteOrder(one.id, other.id);

/** By due date and time, days without a time last, then by priority. */
export const byDue = (one: Task, other: Task): number =>
  byteOrder(one.due?.date ?? '~', other.due?.date ?? '~') ||
  byteOrder(one.due?.time ?? '~', other.due?.time ?? '~') ||
  other.priority - one.priority ||
  byPosition(one, other);

const newestCompleted = (one: Task, other: Task) => byteOrder(other.completedAt ?? '', one.completedAt ?? '');

type Tasks = readonly Task[];

const noTasks: Task[] = [];

export const findOpen = remember((tasks: Tasks) => tasks.filter(({ completed }) => !completed));

export const findCompleted = remember((tasks: Tasks) =>
  tasks.filter(({ completed }) => completed).toSorted(newestCompleted),
);

/** Lists in use, in manual order. */
export const findLists = remember((lists: readonly List[]) =>
  lists.filter(({ archivedAt }) => archivedAt === null).toSorted(byPosition),
);

export const findArchivedLists = remember((lists: readonly List[]) =>
  lists.filter(({ archivedAt }) => archivedAt !== null).toSorted((one, other) => one.name.localeCompare(other.name)),
);

const groupByList = remember((tasks: Tasks) => Map.groupBy(tasks, ({ listId }) => listId));

/** Open tasks of a list, or of the inbox, in manual order. */
export const findOfList = (tasks: Tasks, listId: string | null): Tasks =>
  toOrdered(groupByList(findOpen(tasks)).get(listId) ?? noTasks);

export const findCompletedOfList = (tasks: Tasks, listId: string | null): Tasks =>
  groupByList(findCompleted(tasks)).get(listId) ?? noTasks;

const toOrdered = remember((tasks: Tasks) => tasks.toSorted(byPosition));

/** Open tasks with a due date. */
export const findDue = remember((tasks: Tasks) =>
  findOpen(tasks)
    .filter(({ due }) => due !== null)
    .toSorted(byDue),
);

/** Open tasks that were due before today. */
export const findOverdue = (tasks: Tasks, today: string) => findDue(tasks).filter(({ due }) => due!.date < today);

export const findDueOn = (tasks: Tasks, date: string) => findDue(tasks).filter(({ due }) => due!.date === date);

/** Number of open tasks of each list. The key of the inbox is null. */
export const countByList = remember(
  (tasks: Tasks) => new Map(Array.from(groupByList(findOpen(tasks)), ([listId, { length }]) => [listId, length])),
);
