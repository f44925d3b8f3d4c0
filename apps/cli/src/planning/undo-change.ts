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

/** One call that changes several tasks back. Its input has at most 500 IDs. */
export interface UndoCallOfMany {
  procedure: 'task.deleteMany' | 'trash.restore';
  input: { ids: string[] };
}

/** One call that changes one task or list back. */
export type UndoCallOfOne =
  | { procedure: 'task.update'; input: TaskValues & { id: string; ifVersion: number } }
  | { procedure: 'list.update'; input: { id: string; name: string; ifVersion: number } }
  | { procedure: 'list.delete'; input: { id: string; moveTo: null } }
  | { procedure: 'list.restore'; input: { id: string } };

export type UndoCall = UndoCallOfMany | UndoCallOfOne;

export const isOfMany = (call: UndoCall): call is UndoCallOfMany => 'ids' in call.input;

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
    case 'createdList':
      // Tasks that were added since then are not deleted.
      return [{ procedure: 'list.delete', input: { id: change.id, moveTo: null } }];
    case 'deletedList':
      return [{ procedure: 'list.restore', input: { id: change.id } }];
    case 'renamedList':
      return [{ procedure: 'list.update', input: { id: change.id, name: change.name, ifVersion: change.version } }];
    default:
      return [];
  }
}

const toChunks = (ids: string[]) =>
  Array.from({ length: Math.ceil(ids.length / idsMax) }, (_, index) => ids.slice(index * idsMax, (index + 1) * idsMax));
