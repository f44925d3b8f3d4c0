import { TRPCError } from '@trpc/server';
import { internal_exceptionHandler as createExceptionHandler } from '@trpc/server/adapters/node-http';
import { callProcedure, type CallResult, createContext } from '../call-procedures.ts';
import type { RequestHandlerOptions } from '../options.ts';
import { isAsyncIterable } from '../reject-streams.ts';
import { addHeaders, createHeadBuilder, toFetchStatus } from '../response-head.ts';
import { writeResponse } from '../write-response.ts';
import type { StreamCall } from './find-stream.ts';
import type { Pings } from './pings.ts';
import { StreamInfo } from './stream-info.ts';
import {
  type StartedStream,
  type StreamRequest,
  type StreamResult,
  StreamSender,
  toErrorShape,
} from './stream-sender.ts';

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
    .then((started) => (started === null ? undefined : new StreamSender(options, started, pings).start()))
    .catch(createExceptionHandler(options));
}

/** Calls the procedure. Returns null if the response is complete. */
async function callStream(options: RequestHandlerOptions, call: StreamCall): Promise<StartedStream | null> {
  const info = new StreamInfo(options, call);
  const context = await createContext(options, info);
  const result = toStreamResult(await callProcedure(options, { info, context, call: info.calls[0]! }), call.name);
  const started = { info, ctx: context.data, result };
  if (result.error && acceptsJson(options)) {
    sendError(options, { ...started, error: result.error });
    return null;
  }
  writeHead(options, started);
  releaseParts(options);
  info.release();
  return started;
}

function toStreamResult({ error, data }: CallResult, name: string): StreamResult {
  if (error) return { error };
  if (isAsyncIterable(data)) return { data };
  const message = `The subscription ${name} returned no async iterable.`;
  return { error: new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message }) };
}

function acceptsJson({ req }: RequestHandlerOptions): boolean {
  return /\bapplication\/json\b/i.test(req.headers.accept ?? '');
}

function sendError(options: RequestHandlerOptions, request: StreamRequest & { error: TRPCError }): void {
  const response = { error: toErrorShape(options, request) };
  const { status, headers } = createHeadBuilder(options, request.info, request.ctx)([response], [request.error]);
  writeResponse(options.res, { status: toFetchStatus(status), headers, body: JSON.stringify(response) });
}

const noParams = {};

/**
 * The request and its response stay in memory as long as their connection. Without these parts, an idle stream takes a third less
 * memory. Some are private to Node or Express, so a version that names them differently only takes more memory.
 */
function releaseParts({ req, res }: RequestHandlerOptions): void {
  req.headers = {};
  req.rawHeaders = [];
  req.params = noParams;
  req.next = undefined;
  Object.assign(req, { _parsedUrl: undefined });
  // The head has been sent, and Node takes any text for one.
  Object.assign(res, { _header: 'sent' });
  const headers = Object.getOwnPropertySymbols(res).find(({ description }) => description === 'kOutHeaders');
  if (headers !== undefined) Object.assign(res, { [headers]: null });
}

function writeHead({ res, responseMeta }: RequestHandlerOptions, { info, ctx }: StreamRequest): void {
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
  // Written alone, the head becomes one string. Together with the first event, its parts would stay in memory.
  res.flushHeaders();
}
