import type { AppRouter } from '@holdfast/api/client';
import type { TRPCClientError, TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { type Call, type CallLinkOptions, callWithRetries } from './attempts.ts';
import { createDeadline } from './deadline.ts';
import { findTouchedRecords } from './touched-records.ts';
import { withIds } from './with-ids.ts';

/** Adds IDs, order, token, deadline and retries to each call. */
export function createCallLink(options: CallLinkOptions): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        const deadline = createDeadline(options.deadlineMs, op.signal);
        const endsAt = Date.now() + options.deadlineMs;
        async function run(): Promise<void> {
          try {
            observer.next(await callInOrder(options, { op, send: next, signal: deadline.signal, endsAt }));
            observer.complete();
          } catch (error) {
            observer.error(error as TRPCClientError<AppRouter>);
          } finally {
            deadline.release();
          }
        }
        void run();
        return () => deadline.abort();
      });
}

/** Reads of a record start after its pending writes. Writes to a record are sent one after the other. */
async function callInOrder(options: CallLinkOptions, given: Omit<Call, 'caller' | 'isOwnId'>) {
  const { order, tokens } = options;
  const op = withIds(given.op);
  // The local replica names the user to whom a call belongs.
  const { userToken } = op.context as { userToken?: string | null };
  const caller = { generation: tokens.generation(), token: userToken ?? null };
  const call: Call = { ...given, op, caller, isOwnId: op !== given.op };
  const records = findTouchedRecords(op);
  if (op.type === 'query') {
    return callWithRetries(options, { ...call, after: order.idle([...records.changed, ...records.needed]) });
  }
  const write = order.enter(records, op, caller);
  try {
    return await callWithRetries(options, { ...call, write });
  } finally {
    write.leave();
  }
}
