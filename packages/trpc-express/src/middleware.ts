import type { AnyTRPCRouter } from '@trpc/server';
import { createExpressMiddleware as createStockMiddleware } from '@trpc/server/adapters/express';
import { internal_exceptionHandler as createFailureHandler } from '@trpc/server/adapters/node-http';
import type { Handler } from 'express';
import { resolveAnswer } from './answer.ts';
import { readBody } from './body.ts';
import type { Exchange, MiddlewareOptions } from './options.ts';
import { findPlainCalls, hasUnreadJson, type PlainCalls } from './plain-calls.ts';
import { RequestInfo } from './request-info.ts';
import { writeResponse } from './write-answer.ts';

/**
 * Serves a router on Express exactly as the function of this name in `@trpc/server/adapters/express` does, whose
 * options it takes, and one of its own. Queries and mutations in plain JSON, alone or in batches, are answered without
 * fetch's objects and streams, with a `content-length` in place of chunks; everything else goes to tRPC's own adapter.
 */
export function createExpressMiddleware<Router extends AnyTRPCRouter>(options: MiddlewareOptions<Router>): Handler {
  const stock = createStockMiddleware(options);
  const answerByStock = options.assertBody ? withBodyAsserted(stock, options) : stock;

  return (req, res, next) => {
    const plain = findPlainCalls(options, req, res);
    if (plain === null) return answerByStock(req, res, next);
    // From here on nothing depends on the router's type.
    return answer({ ...options, req, res, path: plain.path } as unknown as Exchange, plain);
  };
}

/** tRPC's own adapter takes a body as text from whoever has read it. Rejects, to Express, where the body is refused. */
function withBodyAsserted(
  stock: Handler,
  { assertBody, maxBodySize }: Pick<MiddlewareOptions, 'assertBody' | 'maxBodySize'>,
): Handler {
  return async (req, res, next) => {
    if (hasUnreadJson(req)) {
      const body = await readBody(req, maxBodySize ?? undefined);
      assertBody?.(body);
      req.body = body.toString();
    }
    return stock(req, res, next);
  };
}

/** Rejects, to Express, only where `onError` or the error formatter throws. */
async function answer(exchange: Exchange, plain: PlainCalls): Promise<void> {
  try {
    const info = new RequestInfo(exchange, plain);
    writeResponse(exchange.res, await resolveAnswer(exchange, info));
  } catch (cause) {
    createFailureHandler(exchange)(cause);
  }
}
