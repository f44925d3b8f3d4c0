import type { AnyTRPCRouter } from '@trpc/server';
import { createExpressMiddleware as createStockMiddleware } from '@trpc/server/adapters/express';
import { internal_exceptionHandler as createExceptionHandler } from '@trpc/server/adapters/node-http';
import type { Handler } from 'express';
import { readBody } from './body.ts';
import { findJsonCalls, hasUnreadJsonBody, type JsonCalls } from './json-calls.ts';
import type { AdapterOptions, RequestHandlerOptions } from './options.ts';
import { RequestInfo } from './request-info.ts';
import { resolveResponse } from './response.ts';
import { findStream } from './streams/find-stream.ts';
import { createPings } from './streams/pings.ts';
import { serveStream } from './streams/serve-stream.ts';
import { writeResponse } from './write-response.ts';

/**
 * Serves a router on Express exactly as `createExpressMiddleware` of `@trpc/server/adapters/express` does. A fast path serves
 * queries and mutations in plain JSON, single or batched, and subscriptions, without fetch's objects and streams. Its JSON
 * responses have a `content-length` instead of chunks. tRPC's own adapter serves all other requests.
 */
export function createExpressMiddleware<Router extends AnyTRPCRouter>(routerOptions: AdapterOptions<Router>): Handler {
  // From here on, nothing depends on the router's type.
  const options = routerOptions as unknown as AdapterOptions;
  const stock = createStockMiddleware(options);
  const pings = createPings(options.router._def._config.sse);
  const serveByStock = options.assertBody ? withBodyAsserted(stock, options) : stock;

  return (req, res, next) => {
    const calls = findJsonCalls(options, req, res);
    if (calls !== null) return serve({ ...options, req, res, path: calls.path }, calls);
    const stream = findStream(options, req, res);
    if (stream === null) return serveByStock(req, res, next);
    // Express would keep the request's handlers in memory until the promise of the stream settles.
    void serveStream({ ...options, req, res, path: stream.path }, { call: stream, pings });
    return undefined;
  };
}

/**
 * tRPC's own adapter passes a message in `req.body` to fetch, which iterates over it when the first procedure needs its input: after
 * the context is created, so that a caller without rights sends no body into memory.
 */
function withBodyAsserted(stock: Handler, { assertBody, maxBodySize }: AdapterOptions): Handler {
  return (req, res, next) => {
    if (hasUnreadJsonBody(req)) {
      async function* read() {
        const body = await readBody({ req, res, maxSize: maxBodySize });
        assertBody?.(body);
        yield body;
      }
      req.body = Object.assign(req, { [Symbol.asyncIterator]: read });
    }
    return stock(req, res, next);
  };
}

/** Rejects, to Express, only if `onError` or the error formatter throws. */
async function serve(options: RequestHandlerOptions, calls: JsonCalls): Promise<void> {
  try {
    const info = new RequestInfo(options, calls);
    writeResponse(options.res, await resolveResponse(options, info));
  } catch (cause) {
    createExceptionHandler(options)(cause);
  }
}
