import type { Operation } from '@trpc/client';
import { newId } from './new-id.ts';
import { isObject } from './touched-records.ts';

/**
 * Mutations that get an `operationId`. Servers before 0.2 do not have these mutations, and refuse the field in `task.update`
 * and `task.delete`.
 */
const repeatable =
  /^(task\.(updateMany|deleteMany|reorder)|trash\.restore|list\.(update|delete|restore)|label\.rename)$/;

interface IdentifiedInput {
  id?: string;
  operationId?: string;
  items?: readonly IdentifiedInput[];
}

const withId = <Input extends IdentifiedInput>(input: Input): Input =>
  isObject(input) && input.id === undefined ? { ...input, id: newId() } : input;

/** Sets the IDs of a mutation before the first attempt, so that the server recognizes a second attempt. */
export function withIds(op: Operation): Operation {
  if (!isObject(op.input)) return op;
  const input = toIdentified(op.path, op.input);
  return input === op.input ? op : { ...op, input };
}

function toIdentified(path: string, input: IdentifiedInput): IdentifiedInput {
  if (path === 'task.create' || path === 'list.create') return withId(input);
  if (path === 'task.createMany' && Array.isArray(input.items)) return { ...input, items: input.items.map(withId) };
  if (repeatable.test(path) && input.operationId === undefined) return { ...input, operationId: newId() };
  return input;
}

/** True if the server applies the mutation once, however often it arrives. */
export function isRepeatable({ path, input }: Operation): boolean {
  const { operationId } = isObject(input) ? (input as IdentifiedInput) : {};
  return /^(task|list)\.create(Many)?$/.test(path) || typeof operationId === 'string';
}
