import { getTRPCErrorFromUnknown, getTRPCErrorShape, TRPCError } from '@trpc/server';
import { internal_exceptionHandler as createExceptionHandler } from '@trpc/server/adapters/node-http';
import type { Request as ExpressRequest } from 'express';
import { callProcedure, type CallResult, createContext } from '../call-procedures.ts';
import type { RequestHandlerOptions } from '../options.ts';
import { isAsyncIterable } from '../reject-streams.ts';
import { addHeaders, createHeadBuilder, toFetchStatus } from '../response-head.ts';
import { writeResponse } from '../write-response.ts';
import { EventStream } from './event-stream.ts';
import { returnEvent, toConnectedEvent, toErrorEvent, ValueEvents } from './events.ts';
import type { StreamCall } from './find-stream.ts';
import type { Pings } from './pings.ts';
import { StreamInfo } from './stream-info.ts';

/**
 * Serves a subscription as server-sent events, in tRPC's format. If the procedure refuses the call, a client that accepts
 * `application/json` gets the error with its HTTP status, and every other client gets it as tRPC sends it: as an event of a stream
 * with status 200.
 *
 * A procedure that ends with an `AbortError` ends the response only, so that the client connects again. With a normal end, the
 * client is told not to.
 */
export function serveStream(
  options: RequestHandlerOptions,
  { call, pings }: { call: StreamCall; pings: Pings },
): Promise<void> {
  // Two steps, because the first one refers to the whole request.
  return callStream(options, call)
    .then((stream) => (stream === null ? undefined : sendEvents(options, { ...stream, pings })))
    .catch(createExceptionHandler(options));
}

/** Calls the procedure. Returns null if the response is complete. */
async function callStream(options: RequestHandlerOptions, call: StreamCall): Promise<Started | null> {
  const info = new StreamInfo(options, call);
  const context = await createContext(options, info);
  const result = toStreamResult(await callProcedure(options, { info, context, call: info.calls[0]! }), call.name);
  const started = { info, ctx: context.data, result };
  if (result.error && acceptsJson(options)) {
    sendError(options, { ...started, error: result.error });
    return null;
  }
  writeHead(options, started);
  releaseRequest(options.req);
  info.release();
  return started;
}

type StreamResult = { error: TRPCError; data?: undefined } | { error?: undefined; data: AsyncIterable<unknown> };

function toStreamResult({ error, data }: CallResult, name: string): StreamResult {
  if (error) return { error };
  if (isAsyncIterable(data)) return { data };
  const message = `The subscription ${name} returned no async iterable.`;
  return { error: new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message }) };
}

function acceptsJson({ req }: RequestHandlerOptions): boolean {
  return /\bapplication\/json\b/i.test(req.headers.accept ?? '');
}

interface Request {
  info: StreamInfo;
  ctx: unknown;
}

interface Started extends Request {
  result: StreamResult;
}

function toErrorShape(options: RequestHandlerOptions, { info, ctx, error }: Request & { error: TRPCError }) {
  const config = options.router._def._config;
  const [call] = info.calls;
  return getTRPCErrorShape({ config, ctx, error, input: call!.result(), path: call!.path, type: info.type });
}

function sendError(options: RequestHandlerOptions, request: Request & { error: TRPCError }): void {
  const response = { error: toErrorShape(options, request) };
  const { status, headers } = createHeadBuilder(options, request.info, request.ctx)([response], [request.error]);
  writeResponse(options.res, { status: toFetchStatus(status), headers, body: JSON.stringify(response) });
}

async function sendEvents(
  options: RequestHandlerOptions,
  { result, pings, ...request }: Started & { pings: Pings },
): Promise<void> {
  const { res, router } = options;
  const { signal } = request.info;
  const stream = new EventStream(res);
  const iterator = result.data?.[Symbol.asyncIterator]();
  const close = () => {
    stream.close();
    // A generator that runs ends at its next step.
    iterator?.return?.().catch(() => {});
  };
  if (signal.aborted) return close();
  signal.addEventListener('abort', close, { once: true });
  pings.add(stream);
  try {
    await stream.send(toConnectedEvent(router._def._config.sse?.client ?? {}));
    if (iterator === undefined) throw result.error;
    const events = new ValueEvents(request.info.lastEventId);
    while (await sendNext(stream, iterator, events)) if (stream.isClosed) return;
    stream.end(returnEvent);
  } catch (cause) {
    endWithError(options, { stream, cause, isReported: cause === result.error, ...request });
  } finally {
    pings.remove(stream);
  }
}

/** Sends the next value. Returns false after the last one. A separate function, so that an idle stream refers to no value. */
async function sendNext(stream: EventStream, iterator: AsyncIterator<unknown>, events: ValueEvents): Promise<boolean> {
  const { value, done } = await iterator.next();
  if (done) return false;
  await stream.send(events.add(value));
  return true;
}

function endWithError(
  options: RequestHandlerOptions,
  { stream, cause, isReported, ...request }: Request & { stream: EventStream; cause: unknown; isReported: boolean },
): void {
  if (stream.isClosed || (cause instanceof Error && cause.name === 'AbortError')) return stream.end();
  const error = getTRPCErrorFromUnknown(cause);
  if (!isReported) {
    const { info, ctx } = request;
    const [call] = info.calls;
    options.onError?.({ error, path: call!.path, input: call!.result(), ctx, type: info.type, req: options.req });
  }
  stream.end(toErrorEvent(toErrorShape(options, { ...request, error })));
}

/** The request stays in memory as long as its connection. Without these parts, an idle stream takes a third less memory. */
function releaseRequest(req: ExpressRequest): void {
  req.headers = {};
  req.rawHeaders = [];
  req.next = undefined;
}

function writeHead({ res, responseMeta }: RequestHandlerOptions, { info, ctx }: Request): void {
  const headers = new Headers({
    vary: 'trpc-accept, accept',
    'content-type': 'text/event-stream',
    // Proxies must neither store, compress nor buffer the events.
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    // The client's next connection may go to another server.
    connection: 'close',
  });
  const paths = info.calls.map(({ path }) => path);
  const meta = responseMeta?.({ ctx, info, paths, data: [], errors: [], eagerGeneration: true, type: info.type });
  if (meta?.headers) addHeaders(headers, meta.headers);
  res.setHeaders(headers);
  res.statusCode = meta?.status ?? 200;
}
