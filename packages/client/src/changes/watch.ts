import type { Changes, WatchChangesInput } from '@holdfast/api/client';
import { transientCodes } from '../attempts.ts';
import { abortWith } from '../deadline.ts';
import type { HoldfastError } from '../errors.ts';
import { type Network, onPageEvent, sleepUntilOnline } from '../network.ts';
import { createFetch, type Fetch } from '../response.ts';
import { assertSameUser, type Caller, findToken } from '../session/caller.ts';
import type { TokenSource } from '../session/token-source.ts';
import { connect } from './connect.ts';

export interface WatchOptions {
  /** URL of the procedures. */
  url: string;
  /** Default: the runtime's `fetch`. */
  fetch: Fetch | undefined;
  tokens: TokenSource;
  network: Network;
  /** Milliseconds of silence after which a connection counts as lost. Default: three heartbeats. */
  silenceMs?: number;
}

/** Codes of errors that another attempt cannot change. */
const finalCodes = new Set(['BAD_REQUEST', 'UNAUTHORIZED', 'FORBIDDEN', 'CALLBACK_FAILED']);

/** Codes of errors that can pass, although no connection has succeeded yet. All others show that the server cannot do this. */
const passingCodes = new Set([...transientCodes, 'OFFLINE', 'INTERNAL_SERVER_ERROR']);

const firstPauseMs = 1000;
const pauseMaxMs = 30_000;
/** A connection that lasted so long was a success, in milliseconds. */
const stableMs = 5000;

interface Ends {
  /** The caller's signal. */
  signal: AbortSignal | null | undefined;
  /** Aborted when the caller ends the stream in another way. */
  closing: AbortController;
  /** True if the caller connects again itself. */
  isOnce: boolean | undefined;
}

/** Yields the pages of a stream until the caller ends it. */
export async function* watchChanges(
  options: WatchOptions,
  input: WatchChangesInput | undefined,
  { signal, closing, isOnce = false }: Ends,
): AsyncGenerator<Changes, void, void> {
  const release = abortWith(closing, signal);
  try {
    yield* keepConnected(options, input?.lastEventId ?? input?.since, { signal: closing.signal, isOnce });
  } finally {
    release();
  }
}

/** Connects again after each end of a connection, unless `isOnce` is true. Returns when the signal is aborted. */
async function* keepConnected(
  options: WatchOptions,
  since: string | undefined,
  { signal, isOnce }: { signal: AbortSignal; isOnce: boolean },
): AsyncGenerator<Changes, void, void> {
  const { tokens, network, silenceMs = 45_000 } = options;
  const fetch = createFetch(options.fetch, /^(application\/json|text\/event-stream)\b/i);
  const url = `${options.url}/changes.watch`;
  const caller: Caller = { generation: tokens.generation(), token: null };
  let cursor = since;
  let [failures, hasConnected] = [0, false];
  let refused: string | null = null;

  /** Returns the milliseconds until the next attempt. @throws HoldfastError if it would not help. */
  function pauseAfter(error: HoldfastError, token: string | null): number {
    if (error.code === 'UNAUTHORIZED' && token !== null && refused === null) {
      refused = token;
      if (tokens.refuse(token, error)) return 0;
    }
    if (isOnce || finalCodes.has(error.code) || !(hasConnected || passingCodes.has(error.code))) throw error;
    return toPause(failures, error.retryAfterMs);
  }

  while (!signal.aborted) {
    const closing = new AbortController();
    const release = abortWith(closing, signal);
    const stopListening = onPageEvent('offline', () => network.isOffline() && closing.abort());
    const startedAt = Date.now();
    let token: string | null = null;
    let pauseMs: number;
    try {
      if (network.isOffline()) await network.waitUntilOnline(signal);
      token = await findToken(caller, { tokens, signal });
      const headers = tokens.toHeaders(token);
      for await (const page of connect({ url, fetch, headers, since: cursor, signal: closing.signal, silenceMs })) {
        assertSameUser(tokens, caller);
        hasConnected = true;
        refused = null;
        if (page.tasks.length + page.lists.length + page.removed.length > 0) failures = 0;
        cursor = page.cursor ?? undefined;
        yield page;
      }
      if (isOnce) return;
      pauseMs = toPause(failures);
    } catch (error) {
      if (signal.aborted) return;
      pauseMs = closing.signal.aborted ? 0 : pauseAfter(error as HoldfastError, token);
    } finally {
      stopListening();
      release();
    }
    failures = Date.now() - startedAt >= stableMs ? 0 : failures + 1;
    await sleepUntilOnline(pauseMs, signal);
  }
}

/** Full jitter, so that the clients of a server that stops do not come back together. */
function toPause(failures: number, retryAfterMs = 0): number {
  return retryAfterMs + Math.random() * Math.min(pauseMaxMs, firstPauseMs * 2 ** failures);
}
