import type { Changes } from '@holdfast/api/client';
import { isHoldfastError } from '../errors.ts';
import type { Accepted } from './accepted.ts';
import type { Connection } from './connection.ts';
import type { Journal } from './journal.ts';
import { toSettledEntries } from './outbox.ts';
import { toPageEntries } from './page-entries.ts';
import type { State } from './state.ts';

export interface FeedOptions extends Connection {
  state: State;
  journal: Journal;
  accepted: Accepted;
}

/** The changes of the server. */
export interface Feed {
  /** Receives changes until the stream ends. Returns the milliseconds to pause. */
  follow(signal: AbortSignal): Promise<number>;
  /** Ends the stream, so that `follow` starts again. */
  restart(): void;
}

const pageSize = 1000;

/** A stream without a page after this time is one that something on its way holds back. */
const firstPageMs = 5000;

/** A stream that ended sooner was cut by something on its way. */
const shortMs = 5000;

const from = (cursor: string | null) => (cursor === null ? {} : { since: cursor });

export function createFeed({ state, journal, accepted, call, watch }: FeedOptions): Feed {
  let stream = new AbortController();
  /** False if the last stream has not delivered all changes: many arrive faster without it, and some proxies hold it back. */
  let isStreamCurrent = true;

  async function take(page: Changes, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await journal.commit(() => {
      if (signal.aborted) return [];
      // The server may have lost what it accepted.
      if (page.isReset) accepted.clear();
      const entries = toPageEntries(state, page);
      return toSettledEntries(state, accepted.settle(entries), entries);
    });
  }

  async function readPages(signal: AbortSignal): Promise<void> {
    const read = (cursor: string | null) => {
      const page = call('changes.list', { ...from(cursor), limit: pageSize }, signal) as Promise<Changes>;
      // The page before it is stored in the meantime, and that can fail first.
      page.catch(() => {});
      return page;
    };
    for (let next: Promise<Changes> | null = read(state.feed().cursor); next !== null;) {
      const page: Changes = await next;
      next = page.hasMore ? read(page.cursor) : null;
      await take(page, signal);
    }
  }

  function restart(): void {
    isStreamCurrent = false;
    stream.abort();
  }

  return {
    async follow(signal) {
      stream = new AbortController();
      const startedAt = performance.now();
      const settle = () => journal.commit(() => toSettledEntries(state, accepted.settleUntil(startedAt)));
      const { isComplete, isCopying } = state.feed();
      // The first pages of a stream are those that `readPages` would read.
      const isStreamFirst = isStreamCurrent && isComplete && !isCopying;
      const timer = isStreamFirst ? setTimeout(restart, firstPageMs) : undefined;
      isStreamCurrent = false;
      let failure: unknown;
      try {
        if (!isStreamFirst) {
          await readPages(signal);
          await settle();
        }
        const either = AbortSignal.any([signal, stream.signal]);
        for await (const page of watch(from(state.feed().cursor), either)) {
          clearTimeout(timer);
          await take(page, signal);
          if (isStreamCurrent || page.hasMore) continue;
          isStreamCurrent = true;
          await settle();
        }
      } catch (error) {
        failure = error;
      }
      clearTimeout(timer);
      if (stream.signal.aborted || (isStreamFirst && !isStreamCurrent)) return 0;
      // A server that stops ends many streams at once. Where something ends each stream early, this reads now and then.
      if (!failure) return Math.random() * (performance.now() - startedAt < shortMs ? 10_000 : 1000);
      if (!isHoldfastError(failure, 'BAD_REQUEST') || state.feed().cursor === null) throw failure;
      // The server cannot read the cursor, for example because its secret changed. A new copy needs none.
      await journal.commit(() => [['feed', { ...state.feed(), cursor: null }]]);
      return 0;
    },
    restart,
  };
}
