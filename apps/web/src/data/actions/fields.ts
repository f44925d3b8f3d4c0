import type { Task } from '@holdfast/client';
import type { Replica } from '@holdfast/client/replica';
import { inParts } from '../in-parts.ts';

/** The fields of a task that the user changes. */
export type Field = 'title' | 'description' | 'completed' | 'listId' | 'due' | 'priority' | 'labels' | 'position';
export type Fields = Partial<Pick<Task, Field>>;

/** Gives each task its values, in as few calls as possible. Tasks that no longer exist are left out. */
export function setFields(replica: Replica, values: readonly (readonly [id: string, fields: Fields])[]): void {
  const present = values.filter(([id]) => replica.task.get(id)?.deletedAt === null);
  for (const group of Map.groupBy(present, ([, fields]) => JSON.stringify(fields)).values()) {
    const fields = group[0]![1];
    const ids = group.map(([id]) => id);
    // Positions are only in the calls for one task.
    if (ids.length === 1 || 'position' in fields) for (const id of ids) replica.task.update({ id, ...fields });
    else for (const some of inParts(ids)) replica.task.updateMany({ ids: some, set: fields });
  }
}

/** The values that the tasks have now. */
export function readFields(tasks: readonly Task[], names: readonly Field[]): (readonly [string, Fields])[] {
  return tasks.map((task) => [task.id, Object.fromEntries(names.map((name) => [name, task[name]])) as Fields] as const);
}
