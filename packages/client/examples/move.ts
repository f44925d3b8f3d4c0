import type { Holdfast, Task } from '@holdfast/client';
import { generateKeyBetween } from 'fractional-indexing';

/** Sorts the tasks of one list. Do not use `localeCompare`, because positions are compared bytewise. */
export function byPosition(one: Task, other: Task): number {
  if (one.position === other.position) return one.id < other.id ? -1 : 1;
  return one.position < other.position ? -1 : 1;
}

/** Moves a task of a sorted list to another index. */
export async function moveTask(holdfast: Holdfast, tasks: Task[], { from, to }: { from: number; to: number }) {
  const task = tasks[from]!;
  const moved = tasks.toSpliced(from, 1).toSpliced(to, 0, task);
  const before = moved[to - 1]?.position ?? null;
  const after = moved[to + 1]?.position ?? null;
  // No key fits between neighbors with the same position, which two devices can create at the same time.
  if (before === null || after === null || before < after) {
    const position = generateKeyBetween(before, after);
    // The server accepts 200 characters.
    if (position.length <= 200) return holdfast.task.update({ id: task.id, position });
  }
  // At most 500 tasks. Of a longer list, send those from the old to the new place, and all with equal positions there.
  const { items } = await holdfast.task.reorder({ listId: task.listId, ids: moved.map(({ id }) => id) });
  return items.find(({ id }) => id === task.id)!;
}
