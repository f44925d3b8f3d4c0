import type { Operation } from '@trpc/client';
import { newId } from './new-id.ts';
import { isObject } from './touched-records.ts';

/** Mutations that the server applies once for each `operationId`. */
const identified =
  /^(task\.((update|delete)(Many)?|reorder)|trash\.restore|list\.(update|delete|restore)|label\.rename)$/;

/** Mutations with the same effect if they arrive twice: the server recognizes the IDs of new records, or the values are absolute. */
const idempotent = /^((task|list)\.create(Many)?|trash\.purge|user\.(update|import)|calendar\.revoke)$/;

interface IdentifiedInput {
  id?: string;
  operationId?: string;
  items?: readonly IdentifiedInput[];
}

const withId = <Input extends IdentifiedInput>(input: Input): Input =>
  isObject(input) && input.id === undefined ? { ...input, id: newId() } : input;

/** Sets the IDs of a mutation before the first attempt, so that the server recognizes a second attempt. */
export function withIds(op: Operation): Operation {
  return isObject(op.input) ? { ...op, input: toIdentified(op.path, op.input) } : op;
}

function toIdentified(path: string, input: IdentifiedInput): IdentifiedInput {
  if (path === 'task.create' || path === 'list.create') return withId(input);
  if (path === 'task.createMany' && Array.isArray(input.items)) return { ...input, items: input.items.map(withId) };
  return identified.test(path) ? { ...input, operationId: input.operationId ?? newId() } : input;
}

/** True if the mutation has the effect of one call, however often it arrives. */
export function isRepeatable({ path }: Operation): boolean {
  return identified.test(path) || idempotent.test(path);
}
