import { appRouter, createContext } from '@holdfast/api';
import { AccessRefusedError, type Database } from '@holdfast/db';
import { createExpressMiddleware } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import type { Handler, Request, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { toRetryAfter } from './answer-error.ts';
import type { Auth } from './auth.ts';
import { batchMax, bodyBytesMax } from './limits.ts';
import { describeError } from './request-log.ts';

export interface ProcedureOptions {
  db: Database;
  auth: Auth;
  logger: Logger;
  /** Whether pages of other origins may read answers, so that caches have to tell by the origin. */
  isCrossOrigin: boolean;
}

/**
 * Refuses a body that is not JSON before anything reads it: tRPC would take forms and bytes as input, and only for
 * these does a browser let any page send a visitor's cookie along without asking first.
 */
export const refuseForeignBodies: RequestHandler = (req, _res, next) => {
  if (req.method !== 'POST' || /^application\/json\s*(?:;|$)/i.test(req.get('content-type') ?? '')) return next();
  throw new TRPCError({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The body must be JSON: content-type: application/json.',
  });
};

/** HTTP's way to say that an answer as of a moment ago will do (RFC 9111, 5.2.1.2). */
function takesStale(req: Request): boolean {
  return /(?:^|[\s,])max-stale(?:$|[\s,=])/i.test(req.headers['cache-control'] ?? '');
}

/** Serves the procedures below the path where it is mounted. No body parser may run before it. */
export function createProcedures({ db, auth, logger, isCrossOrigin }: ProcedureOptions): Handler {
  function noteError({ error, req }: { error: TRPCError; req: Request }): void {
    const locals = req.res!.locals;
    (locals.errorCodes ??= new Set()).add(error.code);
    // Outward this looks like a task that is not there; inward it means that a wall has been run into.
    if (error.cause instanceof AccessRefusedError) {
      logger.error(
        { requestId: locals.requestId, userId: locals.userId, ...describeError(error.cause) },
        'access refused',
      );
    }
    // A client that went away shows as an internal error as well.
    if (error.code !== 'INTERNAL_SERVER_ERROR' || req.res!.destroyed) return;
    logger.error({ requestId: locals.requestId, ...describeError(error.cause ?? error) }, 'unexpected error');
  }

  // tRPC's own names come first: what it sets takes the place of what was there before.
  const varying = isCrossOrigin ? { vary: 'trpc-accept, accept, origin' } : null;

  return createExpressMiddleware({
    router: appRouter,
    maxBodySize: bodyBytesMax,
    maxBatchSize: batchMax,
    async createContext({ req, res, info }) {
      const caller = await auth.authenticate(req, res);
      if (caller) res.locals.userId = caller.userId;
      return createContext({ db, caller, isBatch: info.isBatchCall, mayLag: takesStale(req) });
    },
    onError: noteError,
    responseMeta({ errors }) {
      const retryAfter = errors.map(toRetryAfter).find((seconds) => seconds !== null);
      const headers = { ...varying, ...(retryAfter !== undefined && { 'retry-after': retryAfter }) };
      return Object.keys(headers).length > 0 ? { headers } : {};
    },
  });
}
