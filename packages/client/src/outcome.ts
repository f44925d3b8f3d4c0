import type { Task } from '@holdfast/api/client';
import type { Operation } from '@trpc/client';

interface ChangeInput {
  id: string;
  ifVersion?: number | undefined;
  [field: string]: unknown;
}

/**
 * True if the task has the values of the update, and at most one change since `ifVersion`. If the response to the update
 * was lost, the task then is as the caller wants it.
 */
export function hasEffect({ path, input }: Operation, task: Task): boolean {
  if (path !== 'task.update') return false;
  const { id: _id, ifVersion, ...fields } = input as ChangeInput;
  if (ifVersion !== undefined && task.version !== ifVersion && task.version !== ifVersion + 1) return false;
  return Object.entries(fields).every(([name, value]) => {
    if (value === undefined) return true;
    // The server removes white space at both ends.
    return task[name as keyof Task] === (name === 'title' && typeof value === 'string' ? value.trim() : value);
  });
}

interface ConditionalOperation extends Operation {
  input: ChangeInput & { ifVersion: number };
}

/** True for a change with `ifVersion`, which the server applies at most once. */
export function isConditional(op: Operation): op is ConditionalOperation {
  return op.path === 'task.update' && typeof (op.input as Partial<ChangeInput> | null)?.ifVersion === 'number';
}
