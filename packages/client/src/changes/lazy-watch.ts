import type { Changes, WatchChangesInput } from '@holdfast/api/client';
import { toHoldfastError } from '../to-error.ts';
import type { WatchOptions } from './watch.ts';

/** Yields the pages of a stream until it is closed. */
export type Watch = (
  input?: WatchChangesInput,
  options?: {
    signal?: AbortSignal | null | undefined;
    /** True if the caller connects again itself: the generator ends, or throws, with its first connection. */
    isOnce?: boolean;
  },
) => AsyncGenerator<Changes, void, void>;

/** Creates the call `changes.watch`. Its code is loaded with the first call, since many apps never use it. */
export function createWatch(options: WatchOptions): Watch {
  return (input, { signal, isOnce } = {}) => {
    const closing = new AbortController();
    const pages = (async function* () {
      const { watchChanges } = await import('./watch.ts').catch((cause) => {
        throw toHoldfastError(cause, { isRead: true, isSent: false });
      });
      yield* watchChanges(options, input, { signal, closing, isOnce });
    })();
    const end = pages.return.bind(pages);
    // A generator ends only after its current step, which can take forever.
    pages.return = (value) => {
      closing.abort();
      return end(value);
    };
    return pages;
  };
}
