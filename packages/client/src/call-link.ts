import type { AppRouter } from '@holdfast/api/client';
import type { Operation, TRPCClientError, TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { type Call, type CallLinkOptions, callWithRetries } from './attempts.ts';
import { createDeadline } from './deadline.ts';
import { newTaskId } from './new-task-id.ts';

/** Adds the task ID, order, token, deadline and retries to each call. */
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

/** Reads of a task start after its pending writes. Writes to a task are sent one after the other. */
async function callInOrder(options: CallLinkOptions, given: Omit<Call, 'caller' | 'isOwnId'>) {
  const { order, tokens } = options;
  const op = withTaskId(given.op);
  const caller = { generation: tokens.generation(), token: null };
  const call: Call = { ...given, op, caller, isOwnId: op !== given.op };
  const id = toTaskId(op);
  if (id === null) return callWithRetries(options, call);
  if (op.type === 'query') return callWithRetries(options, { ...call, after: order.idle(id) });
  const write = order.enter(id, op, caller);
  try {
    return await callWithRetries(options, { ...call, write });
  } finally {
    write.leave();
  }
}

/** Sets the ID of a new task before the first attempt, so that the server recognizes a second attempt. */
function withTaskId(op: Operation): Operation {
  const { path, input } = op;
  if (path !== 'task.create' || typeof input !== 'object' || input === null) return op;
  return (input as { id?: string }).id === undefined ? { ...op, input: { ...input, id: newTaskId() } } : op;
}

/** The ID of the call's task. Null if the call is not about one task. */
function toTaskId({ path, input }: Operation): string | null {
  if (!/^task\.(create|get|update|delete)$/.test(path) || typeof input !== 'object' || input === null) return null;
  const { id } = input as { id?: unknown };
  return typeof id === 'string' ? id.toLowerCase() : null;
}
