import type { AppRouter, Changes } from '@holdfast/api/client';
import { TRPCClientError } from '@trpc/client';
import { abortWith, orAborted } from '../deadline.ts';
import { HoldfastError, isHoldfastError } from '../errors.ts';
import type { Fetch } from '../response.ts';
import { toHoldfastError } from '../to-error.ts';
import { createEventParser } from './events.ts';

export interface ConnectOptions {
  /** URL of the procedure. */
  url: string;
  /** Accepts JSON and streams. */
  fetch: Fetch;
  /** Headers that carry the token. */
  headers: Record<string, string>;
  since: string | undefined;
  /** Closes the connection. */
  signal: AbortSignal;
  /** Milliseconds of silence after which the connection counts as lost. */
  silenceMs: number;
}

/**
 * Opens one connection, and yields its pages until the server ends it.
 *
 * @throws HoldfastError
 */
export async function* connect(options: ConnectOptions): AsyncGenerator<Changes, void, void> {
  const closing = new AbortController();
  const release = abortWith(closing, options.signal);
  const silence = createSilenceTimer(options.silenceMs, (error) => closing.abort(error));
  const { signal } = closing;
  try {
    const response = await orAborted(() => request(options, signal), signal);
    const reader = response.body!.getReader();
    const parse = createEventParser();
    for (;;) {
      silence.restart();
      const { value, done } = await orAborted(() => reader.read(), signal);
      if (done) return;
      for (const { name, data } of parse(value)) {
        if (name === 'serialized-error') throw toServerError({ error: JSON.parse(data) });
        if (name === 'message') {
          // The app can take any time for a page.
          silence.stop();
          yield JSON.parse(data) as Changes;
        }
      }
    }
  } catch (cause) {
    throw isHoldfastError(cause) ? cause : toError(cause);
  } finally {
    silence.stop();
    release();
    closing.abort();
  }
}

async function request({ url, fetch, headers, since }: ConnectOptions, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, {
    // The cursor is in the body, so that a page of another origin needs one preflight for all connections.
    method: 'POST',
    headers: {
      accept: 'text/event-stream, application/json',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify({ since }),
    signal,
  });
  if (response.ok && response.headers.get('content-type')!.startsWith('text/event-stream')) return response;
  throw toServerError((await response.json()) as object);
}

/** @param response In tRPC's shape. */
function toServerError(response: object): HoldfastError {
  return toError(TRPCClientError.from<AppRouter>(response as Parameters<typeof TRPCClientError.from<AppRouter>>[0]));
}

function toError(cause: unknown): HoldfastError {
  const error = cause instanceof TRPCClientError ? cause : TRPCClientError.from<AppRouter>(cause as Error);
  return toHoldfastError(error as TRPCClientError<AppRouter>, { isRead: true, isSent: true });
}

function createSilenceTimer(silenceMs: number, onSilence: (error: HoldfastError) => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  const fail = () => {
    const message = 'The server has been silent for too long. The client connects again.';
    onSilence(new HoldfastError({ code: 'NETWORK', message, isRetryable: true }));
  };
  const restart = () => {
    stop();
    timer = setTimeout(fail, silenceMs);
  };
  restart();
  return { restart, stop };
}
