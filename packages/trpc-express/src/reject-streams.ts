import { TRPCError } from '@trpc/server';
import type { CallResult } from './call-procedures.ts';

/**
 * Replaces results that need a streaming response with errors.
 *
 * @throws TRPCError UNSUPPORTED_MEDIA_TYPE if the request is not a batch, because then the whole request fails.
 */
export function rejectStreams(results: CallResult[], isBatchCall: boolean): CallResult[] {
  return results.map((result) => {
    if (!isStreamLike(result.data)) return result;
    const error = new TRPCError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'Cannot use stream-like response in non-streaming request - use httpBatchStreamLink',
    });
    if (!isBatchCall) throw error;
    return { error };
  });
}

/** Returns whether the data is an async iterable, or an object with promises or async iterables as direct values. */
function isStreamLike(data: unknown): boolean {
  return isObject(data) && (isAsyncIterable(data) || Object.values(data).some(isAsync));
}

function isAsync(value: unknown): boolean {
  return isAsyncIterable(value) || isPromise(value);
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isObject(value) && Symbol.asyncIterator in value;
}

function isPromise(value: unknown): boolean {
  if (!isObject(value) && typeof value !== 'function') return false;
  return 'then' in value && typeof value.then === 'function' && 'catch' in value && typeof value.catch === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
