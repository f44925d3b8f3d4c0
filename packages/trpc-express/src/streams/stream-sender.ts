import { getTRPCErrorFromUnknown, getTRPCErrorShape, type TRPCError } from '@trpc/server';
import { internal_exceptionHandler as createExceptionHandler } from '@trpc/server/adapters/node-http';
import type { RequestHandlerOptions } from '../options.ts';
import { EventStream } from './event-stream.ts';
import { returnEvent, toConnectedEvent, toErrorEvent, ValueEvents } from './events.ts';
import type { Pings } from './pings.ts';
import type { StreamInfo } from './stream-info.ts';

/** The request of a stream, and the context of its procedure. */
export interface StreamRequest {
  info: StreamInfo;
  ctx: unknown;
}

export type StreamResult = { error: TRPCError; data?: undefined } | { error?: undefined; data: AsyncIterable<unknown> };

/** A stream whose head has been sent. */
export interface StartedStream extends StreamRequest {
  result: StreamResult;
}

export function toErrorShape(
  options: RequestHandlerOptions,
  { info, ctx, error }: StreamRequest & { error: TRPCError },
): ReturnType<typeof getTRPCErrorShape> {
  const config = options.router._def._config;
  const [call] = info.calls;
  return getTRPCErrorShape({ config, ctx, error, input: call!.result(), path: call!.path, type: info.type });
}

/**
 * Sends the values of a procedure as events. It has no async functions, because those that wait stay in memory, and thousands of
 * streams are idle at the same time.
 */
export class StreamSender {
  readonly #options: RequestHandlerOptions;
  readonly #started: StartedStream;
  readonly #pings: Pings;
  readonly #stream: EventStream;
  readonly #iterator: AsyncIterator<unknown> | undefined;
  readonly #events: ValueEvents;

  constructor(options: RequestHandlerOptions, started: StartedStream, pings: Pings) {
    this.#options = options;
    this.#started = started;
    this.#pings = pings;
    this.#stream = new EventStream(options.res);
    this.#iterator = started.result.data?.[Symbol.asyncIterator]();
    this.#events = new ValueEvents(started.info.lastEventId);
  }

  start(): void {
    const { signal } = this.#started.info;
    if (signal.aborted) return this.#close();
    signal.addEventListener('abort', () => this.#close(), { once: true });
    this.#pings.add(this.#stream);
    const connected = toConnectedEvent(this.#options.router._def._config.sse?.client ?? {});
    this.#stream.send(connected).then(this.#sendNext).catch(this.#fail);
  }

  readonly #sendNext = (): void => {
    const { error } = this.#started.result;
    if (error) this.#fail(error);
    else if (!this.#stream.isClosed) this.#iterator!.next().then(this.#send, this.#fail);
  };

  readonly #send = ({ value, done }: IteratorResult<unknown>): void => {
    if (done) return this.#end(returnEvent);
    try {
      this.#stream.send(this.#events.add(value)).then(this.#sendNext).catch(this.#fail);
    } catch (cause) {
      this.#fail(cause);
    }
  };

  readonly #fail = (cause: unknown): void => {
    this.#pings.remove(this.#stream);
    if (this.#stream.isClosed || (cause instanceof Error && cause.name === 'AbortError')) return this.#end();
    try {
      this.#end(toErrorEvent(toErrorShape(this.#options, { ...this.#started, error: this.#report(cause) })));
    } catch (failure) {
      createExceptionHandler(this.#options)(failure);
    }
  };

  /** Reports an error, unless the call has reported it. */
  #report(cause: unknown): TRPCError {
    const error = getTRPCErrorFromUnknown(cause);
    const { info, ctx, result } = this.#started;
    if (cause === result.error) return error;
    const [call] = info.calls;
    const { onError, req } = this.#options;
    onError?.({ error, path: call!.path, input: call!.result(), ctx, type: info.type, req });
    return error;
  }

  #end(events?: string): void {
    this.#pings.remove(this.#stream);
    this.#stream.end(events);
  }

  /** The client has disconnected. */
  #close(): void {
    this.#pings.remove(this.#stream);
    this.#stream.close();
    // A generator that runs ends at its next step.
    this.#iterator?.return?.().catch(() => {});
  }
}
