import { TRPCError } from '@trpc/server';
import type { Outcome } from './outcome.ts';

/**
 * Turns results that would have to be streamed into errors.
 *
 * @throws TRPCError UNSUPPORTED_MEDIA_TYPE for a call that is alone: there it is the request that fails.
 */
export function refuseStreams(outcomes: Outcome[], isBatchCall: boolean): Outcome[] {
  return outcomes.map((outcome) => {
    if (!isStreamLike(outcome.data)) return outcome;
    const error = new TRPCError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'Cannot use stream-like response in non-streaming request - use httpBatchStreamLink',
    });
    if (!isBatchCall) throw error;
    return { error };
  });
}

/** Whether this is an async iterable, or an object that directly holds promises or async iterables. */
function isStreamLike(data: unknown): boolean {
  return isObject(data) && (isAsyncIterable(data) || Object.values(data).some(isStreamed));
}

function isStreamed(value: unknown): boolean {
  return isAsyncIterable(value) || isPromise(value);
}

function isAsyncIterable(value: unknown): boolean {
  return isObject(value) && Symbol.asyncIterator in value;
}

function isPromise(value: unknown): boolean {
  if (!isObject(value) && typeof value !== 'function') return false;
  return 'then' in value && typeof value.then === 'function' && 'catch' in value && typeof value.catch === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
