import type { Operation } from '@trpc/client';
import { isObject } from './touched-records.ts';
import type { CallResult, Write, WriteOrder } from './write-order.ts';

interface ConditionalOperation extends Operation {
  input: { ifVersion: number };
}

/** True for a change that the server applies only to one version of the record. */
function isConditional({ input }: Operation): boolean {
  return isObject(input) && typeof (input as Partial<ConditionalOperation['input']>).ifVersion === 'number';
}

/** The operation with this client's own changes included in its `ifVersion`. */
export function withKnownVersion(order: WriteOrder, op: Operation, write: Write | undefined): Operation {
  if (write === undefined || !isConditional(op)) return op;
  const { input } = op as ConditionalOperation;
  return { ...op, input: { ...input, ifVersion: order.toVersion(write.records.changed[0]!, input.ifVersion) } };
}

interface Settled {
  /** The operation of the caller. */
  given: Operation;
  /** The same with the known version. */
  sent: Operation;
  write: Write | undefined;
  result: CallResult;
}

/**
 * Records the version after a change, for later calls with the same `ifVersion`. A repeated change returns the record as it is
 * now: versions after the next one are those of other devices, which the caller has not seen.
 */
export function recordVersion(order: WriteOrder, { given, sent, write, result: { result } }: Settled): void {
  if (write === undefined || !isConditional(given) || !('data' in result)) return;
  const { version } = result.data as { version?: number };
  if (version === undefined) return;
  const latest = Math.min(version, (sent as ConditionalOperation).input.ifVersion + 1);
  order.recordVersion(write.records.changed[0]!, (given as ConditionalOperation).input.ifVersion, latest);
}
