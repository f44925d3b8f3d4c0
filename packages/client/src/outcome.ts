import type { DueInput, Task } from '@holdfast/api/client';
import type { Operation } from '@trpc/client';
import { isObject } from './touched-records.ts';

interface ChangeInput {
  id: string;
  ifVersion?: number | undefined;
  operationId?: string | undefined;
  [field: string]: unknown;
}

/**
 * True if the task has the values of the update, and at most one change since `ifVersion`. If the response to the update
 * was lost, the task then is as the caller wants it.
 */
export function hasEffect({ path, input }: Operation, task: Task): boolean {
  if (path !== 'task.update') return false;
  const { id: _id, operationId: _operationId, ifVersion, ...fields } = input as ChangeInput;
  if (ifVersion !== undefined && task.version !== ifVersion && task.version !== ifVersion + 1) return false;
  return Object.entries(fields).every(
    ([name, value]) =>
      value === undefined || toComparable(name, value) === toComparable(name, task[name as keyof Task]),
  );
}

/** A text that is equal for a value and for the value that the server stores for it. */
function toComparable(name: string, value: unknown): string {
  if (name === 'due' && isObject(value)) {
    const { date, time, timeZone } = value as DueInput;
    return JSON.stringify([date, time, timeZone?.toLowerCase()]);
  }
  if (name === 'listId') return String(value).toLowerCase();
  // The server removes white space at both ends of other texts.
  return JSON.stringify([value], (_key, part: unknown) =>
    typeof part === 'string' && name !== 'description' ? part.trim() : part,
  );
}

interface ConditionalOperation extends Operation {
  input: ChangeInput & { ifVersion: number };
}

/** True for a change with `ifVersion`, which the server applies at most once. */
export function isConditional(op: Operation): op is ConditionalOperation {
  return op.path === 'task.update' && typeof (op.input as Partial<ChangeInput> | null)?.ifVersion === 'number';
}
