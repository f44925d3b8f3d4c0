import type { Task } from '@holdfast/client';
import { addDays, fold, toSearchWords } from '@holdfast/task-values';
import { hasLabel } from './labels.ts';

export const dueFilters = ['overdue', 'today', 'week', 'month', 'any', 'none'] as const;
export type DueFilter = (typeof dueFilters)[number];

/** What a user searches for. Absent: no condition. */
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

function isDue({ due }: Task, filter: DueFilter, today: string): boolean {
  if (due === null) return filter === 'none';
  const { date } = due;
  const ranges: Record<DueFilter, boolean> = {
    overdue: date < today,
    today: date === today,
    week: date >= today && date < addDays(today, 7),
    month: date >= today && date < addDays(today, 30),
    any: true,
    none: false,
  };
  return ranges[filter];
}

const newest = (one: Task, other: Task) => (one.updatedAt < other.updatedAt ? 1 : -1);

/** Finds words as the server does. Tasks with all words in the title come first, then those that changed last. */
export function findMatches(tasks: readonly Task[], search: Search, today: string): Task[] {
  const { text, listId, label, due, priority, completed } = search;
  const words = toSearchWords(text);
  const contains = (folded: string) => words.every((word) => folded.includes(word));
  const found = tasks.filter(
    (task) =>
      (completed === undefined || task.completed === completed) &&
      (listId === undefined || task.listId === listId) &&
      (label === undefined || hasLabel(task.labels, label)) &&
      (priority === undefined || task.priority === priority) &&
      (due === undefined || (isDue(task, due, today) && (due !== 'overdue' || !task.completed))) &&
      contains(foldTask(task).all),
  );
  const [inTitle, elsewhere] = [true, false].map((isInTitle) =>
    found.filter((task) => contains(foldTask(task).title) === isInTitle).toSorted(newest),
  );
  return [...inTitle!, ...elsewhere!];
}

/** True if the search has no condition, so that it would find everything. */
export const isEmptySearch = ({ text, ...filters }: Search) =>
  text.trim() === '' && Object.values(filters).every((value) => value === undefined);
