import type { Task } from '@holdfast/client';
import { addDays, fold, toSearchWords } from '@holdfast/task-values';
import { createLabelTest } from './labels.ts';
import { byteOrder } from './views.ts';

export const dueFilters = ['overdue', 'today', 'week', 'month', 'any', 'none'] as const;
export type DueFilter = (typeof dueFilters)[number];

/** The conditions of a search. Absent: no condition. */
export interface Search {
  text: string;
  /** Null is the inbox. */
  listId?: string | null | undefined;
  label?: string | undefined;
  due?: DueFilter | undefined;
  priority?: number | undefined;
  completed?: boolean | undefined;
}

interface FoldedTask {
  title: string;
  all: string;
}

const foldedTasks = new WeakMap<Task, FoldedTask>();

function foldTask(task: Task): FoldedTask {
  let folded = foldedTasks.get(task);
  if (folded === undefined) {
    const title = fold(task.title);
    const rest = [task.description ?? '', ...task.labels];
    folded = { title, all: `${title} ${rest.join('') === '' ? '' : fold(rest.join(' '))}` };
    foldedTasks.set(task, folded);
  }
  return folded;
}

type Condition = (task: Task) => boolean;

function toDueCondition(filter: DueFilter, today: string): Condition {
  const [weekEnd, monthEnd] = [addDays(today, 7), addDays(today, 30)];
  const conditions: Record<DueFilter, Condition> = {
    overdue: ({ due, completed }) => due !== null && due.date < today && !completed,
    today: ({ due }) => due !== null && due.date === today,
    week: ({ due }) => due !== null && due.date >= today && due.date < weekEnd,
    month: ({ due }) => due !== null && due.date >= today && due.date < monthEnd,
    any: ({ due }) => due !== null,
    none: ({ due }) => due === null,
  };
  return conditions[filter];
}

const newest = (one: Task, other: Task) => byteOrder(other.updatedAt, one.updatedAt);

/** Finds words as the server does. Tasks with all words in the title come first, then those that changed last. */
export function findMatches(tasks: readonly Task[], search: Search, today: string): Task[] {
  const { text, listId, label, due, priority, completed } = search;
  const words = toSearchWords(text);
  const contains = (folded: string) => words.every((word) => folded.includes(word));
  const isDue = due && toDueCondition(due, today);
  const isLabeled = label === undefined ? undefined : createLabelTest(label);
  const found = tasks.filter(
    (task) =>
      (completed === undefined || task.completed === completed) &&
      (listId === undefined || task.listId === listId) &&
      (!isLabeled || isLabeled(task.labels)) &&
      (priority === undefined || task.priority === priority) &&
      (!isDue || isDue(task)) &&
      contains(foldTask(task).all),
  );
  const groups = Map.groupBy(found, (task) => contains(foldTask(task).title));
  return [true, false].flatMap((isInTitle) => groups.get(isInTitle)?.toSorted(newest) ?? []);
}

/** True if the search has no condition, so that it would find everything. */
export const isEmptySearch = ({ text, ...filters }: Search) =>
  text.trim() === '' && Object.values(filters).every((value) => value === undefined);
