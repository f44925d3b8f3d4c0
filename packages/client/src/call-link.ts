import type { AppRouter, WatchChangesInput } from '@holdfast/api/client';
import type { TRPCClientError, TRPCLink } from '@trpc/client';
import { observable, type Observer } from '@trpc/server/observable';
import { type Call, type CallLinkOptions, callWithRetries } from './attempts.ts';
import type { Watch } from './changes/lazy-watch.ts';
import { createDeadline } from './deadline.ts';
import { findTouchedRecords } from './touched-records.ts';
import { withIds } from './with-ids.ts';
import type { CallResult } from './write-order.ts';

/** Adds IDs, order, token, deadline and retries to each call. */
export function createCallLink(options: CallLinkOptions & { watch: Watch }): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) => {
        if (op.type === 'subscription') return observePages(options.watch(op.input as WatchChangesInput, op), observer);
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

/** Passes the pages of a stream on in the form of tRPC's subscriptions. Returns a function that ends the stream. */
function observePages(pages: ReturnType<Watch>, observer: Observer<CallResult, TRPCClientError<AppRouter>>) {
  const run = async () => {
    for await (const page of pages) {
      const id = page.cursor ?? '';
      observer.next({ result: { id, data: { id, data: page } } });
    }
  };
  run().then(observer.complete, observer.error);
  return () => void pages.return();
}

/** Reads of a record start after its pending writes. Writes to a record are sent one after the other. */
async function callInOrder(options: CallLinkOptions, given: Omit<Call, 'caller'>) {
  const { order, tokens } = options;
  const op = withIds(given.op);
  // The local replica names the user to whom a call belongs.
  const { userToken } = op.context as { userToken?: string | null };
  const caller = { generation: tokens.generation(), token: userToken ?? null };
  const call: Call = { ...given, op, caller };
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
