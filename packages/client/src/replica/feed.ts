import type { Changes } from '@holdfast/api/client';
import { isHoldfastError } from '../errors.ts';
import type { Journal } from './journal.ts';
import { toPageEntries, toPageRows } from './page-entries.ts';
import type { State } from './state.ts';

export interface FeedOptions {
  state: State;
  journal: Journal;
  list(input: { since?: string; limit: number }, signal: AbortSignal): Promise<Changes>;
  watch(input: { since?: string }, signal: AbortSignal): AsyncIterable<Changes>;
}

/** The changes of the server. */
export interface Feed {
  /** Receives changes until the stream ends. Returns false. */
  follow(signal: AbortSignal): Promise<boolean>;
  /** Reads the changes since the last page of the stream, and does not wait for the stream. */
  readEffects(signal: AbortSignal): Promise<void>;
}

const pageSize = 1000;

export function createFeed({ state, journal, list, watch }: FeedOptions): Feed {
  const from = (cursor: string | null) => (cursor === null ? {} : { since: cursor });

  async function take(page: Changes, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await journal.commit(() => (signal.aborted ? [] : toPageEntries(state, page)));
  }

  async function readPages(signal: AbortSignal): Promise<void> {
    const read = (cursor: string | null) => {
      const page = list({ ...from(cursor), limit: pageSize }, signal);
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

  return {
    async follow(signal) {
      try {
        await readPages(signal);
        for await (const page of watch(from(state.feed().cursor), signal)) await take(page, signal);
      } catch (error) {
        if (!isHoldfastError(error, 'BAD_REQUEST') || state.feed().cursor === null) throw error;
        // The server cannot read the cursor, for example because its secret changed. A new copy needs none.
        await journal.commit(() => [['feed', { ...state.feed(), cursor: null }]]);
      }
      return false;
    },
    async readEffects(signal) {
      const { cursor, generation } = state.feed();
      let page: Changes | undefined;
      do {
        page = await list({ ...from(page?.cursor ?? cursor), limit: pageSize }, signal);
        const early = page;
        // The stream notices a reset too, and reads everything.
        if (page.isReset) return;
        await journal.commit(() => (state.feed().generation === generation ? toPageRows(state, early) : []));
      } while (page.hasMore);
    },
  };
}
