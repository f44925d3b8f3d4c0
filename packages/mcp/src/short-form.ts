import type { List, Task } from '@holdfast/api/client';

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
