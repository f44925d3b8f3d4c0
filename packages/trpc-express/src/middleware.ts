import type { AnyTRPCRouter } from '@trpc/server';
import { createExpressMiddleware as createStockMiddleware } from '@trpc/server/adapters/express';
import { internal_exceptionHandler as createFailureAnswer } from '@trpc/server/adapters/node-http';
import type { Handler } from 'express';
import { resolveAnswer } from './answer.ts';
import type { Exchange, MiddlewareOptions } from './options.ts';
import { findPlainCalls, type PlainCalls } from './plain-calls.ts';
import { RequestInfo } from './request-info.ts';
import { writeAnswer } from './write-answer.ts';

/**
 * Serves a router on Express exactly as the function of this name in `@trpc/server/adapters/express` does, whose
 * options it takes. Queries and mutations in plain JSON, alone or in batches, are answered without fetch's objects and
 * streams, with a `content-length` in place of chunks; everything else goes to tRPC's own adapter.
 */
export function createExpressMiddleware<Router extends AnyTRPCRouter>(options: MiddlewareOptions<Router>): Handler {
  const answerByStock = createStockMiddleware(options);

  return (req, res, next) => {
    const plain = findPlainCalls(options, req, res);
    if (plain === null) return answerByStock(req, res, next);
    // From here on nothing depends on the router's type.
    return answer({ ...options, req, res, path: plain.path } as unknown as Exchange, plain);
  };
}

/** Rejects, to Express, only where `onError` or the error formatter throws. */
async function answer(exchange: Exchange, plain: PlainCalls): Promise<void> {
  try {
    const info = new RequestInfo(exchange, plain);
    writeAnswer(exchange.res, await resolveAnswer(exchange, info));
  } catch (cause) {
    createFailureAnswer(exchange)(cause);
  }
}
