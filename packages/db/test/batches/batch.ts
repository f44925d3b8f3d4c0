import { inOperation, joinBatch, type OperationOptions, type UserScope } from '../../src/index.ts';

type Write = () => Promise<unknown>;

/** Runs writes as the calls of one batch. Returns each result, or the code of its error. */
export async function sendBatch(scope: UserScope, writes: Write[], options: OperationOptions = {}): Promise<unknown[]> {
  const settled = await settleBatch(scope, writes, options);
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code));
}

/** Runs writes as the calls of one batch. */
export function settleBatch(scope: UserScope, writes: Write[], options: OperationOptions = {}) {
  const call = (write: Write, index: number) =>
    inOperation({ name: `call ${index}`, ...options }, async () => {
      const leave = joinBatch(scope);
      try {
        return await write();
      } finally {
        leave?.();
      }
    });
  return Promise.allSettled(writes.map(call));
}
