import { isDeepStrictEqual } from 'node:util';
import type { TaskValues, UndoChange } from './undo.ts';

/** A task as the server returns it, with the fields that can be undone. */
export interface UndoableTask extends Required<TaskValues> {
  id: string;
  version: number;
}

const fields = [
  'title',
  'description',
  'completed',
  'listId',
  'due',
  'priority',
  'labels',
  'position',
] as const satisfies (keyof TaskValues)[];

/** The undo of an update: the previous values of the changed fields. Undefined if no task changed. */
export function toUndoOfUpdate(before: UndoableTask[], after: UndoableTask[]): UndoChange | undefined {
  const previous = new Map(before.map((task) => [task.id, task]));
  const tasks = after.flatMap((task) => {
    const old = previous.get(task.id);
    const changed = old ? fields.filter((field) => !isDeepStrictEqual(old[field], task[field])) : [];
    if (!old || changed.length === 0) return [];
    const values = Object.fromEntries(changed.map((field) => [field, old[field]])) as TaskValues;
    return [{ id: task.id, version: task.version, before: values }];
  });
  return tasks.length === 0 ? undefined : { kind: 'updated', tasks };
}

/** One call that undoes a part of a command. */
export type UndoCall =
  | { procedure: 'task.deleteMany' | 'trash.restore'; input: { ids: string[] } }
  | { procedure: 'task.update'; input: TaskValues & { id: string; ifVersion: number } };

/** Most IDs in one call. */
const idsMax = 500;

/** The calls that undo a change. Empty if it cannot be undone. */
export function toUndoCalls(change: UndoChange): UndoCall[] {
  switch (change.kind) {
    case 'created':
      return toChunks(change.ids).map((ids) => ({ procedure: 'task.deleteMany', input: { ids } }));
    case 'deleted':
      return toChunks(change.ids).map((ids) => ({ procedure: 'trash.restore', input: { ids } }));
    case 'updated':
      return change.tasks.map(({ id, version, before }) => ({
        procedure: 'task.update',
        input: { id, ...before, ifVersion: version },
      }));
    default:
      return [];
  }
}

const toChunks = (ids: string[]) =>
  Array.from({ length: Math.ceil(ids.length / idsMax) }, (_, index) => ids.slice(index * idsMax, (index + 1) * idsMax));
