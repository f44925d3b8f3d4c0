import type { List, Task, UpdatedTasks } from '@holdfast/api/client';

/** Characters of a description in the short form. */
const descriptionMax = 200;

/** The fields of a task that an assistant needs to choose and plan tasks. Fields without a value are left out. */
export function toShortTask(task: Task): object {
  const { id, title, description, completedAt, due, priority, labels, listId, deletedAt } = task;
  return {
    id,
    title,
    ...(description && { description: shorten(description) }),
    ...(due && { due }),
    ...(priority > 0 && { priority }),
    ...(labels.length > 0 && { labels }),
    ...(listId && { listId }),
    ...(completedAt && { completedAt }),
    ...(deletedAt && { deletedAt }),
  };
}

export const toShortTasks = ({ items }: { items: readonly Task[] }) => ({ tasks: items.map(toShortTask) });

/** The fields that tools overwrite. */
const plannedFields = ['due', 'priority', 'labels', 'listId', 'completed'] as const;

/** The tasks in the short form and, for each task that the call has changed, the former values of the changed fields. */
export function toChanges({ items, previous }: UpdatedTasks): object {
  if (previous === undefined) return toShortTasks({ items });
  const tasks = new Map(items.map((task) => [task.id, task]));
  return { ...toShortTasks({ items }), previous: previous.map((before) => toFormer(before, tasks.get(before.id)!)) };
}

function toFormer(before: Task, now: Task): object {
  const changed = plannedFields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(now[field]));
  return { id: before.id, ...Object.fromEntries(changed.map((field) => [field, before[field]])) };
}

export function toShortPage(page: { items: readonly Task[]; nextCursor: string | null }): object {
  return { ...toShortTasks(page), nextCursor: page.nextCursor };
}

export function toShortList({ id, name, color, archivedAt }: List): object {
  return { id, name, ...(color && { color }), ...(archivedAt && { archivedAt }) };
}

function shorten(text: string): string {
  // A character beyond U+FFFF has two code units, which must stay together.
  const shown = text.slice(0, descriptionMax).replace(/[\uD800-\uDBFF]$/, '');
  return shown.length < text.length ? `${shown}…` : text;
}
