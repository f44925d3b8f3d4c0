import { appRouter, createContext } from '@holdfast/api';
import { AccessRefusedError, type Database } from '@holdfast/db';
import { createExpressMiddleware } from '@holdfast/trpc-express';
import type { TRPCError } from '@trpc/server';
import type { Handler, Request } from 'express';
import type { Logger } from 'pino';
import { toRetryAfter } from './answer-error.ts';
import type { Auth } from './auth.ts';
import { batchMax, bodyBytesMax } from './limits.ts';
import { describeError } from './request-log.ts';

export interface ProcedureOptions {
  db: Database;
  auth: Auth;
  logger: Logger;
}

/** Serves the procedures below the path where it is mounted. No body parser may run before it. */
export function createProcedures({ db, auth, logger }: ProcedureOptions): Handler {
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

  return createExpressMiddleware({
    router: appRouter,
    maxBodySize: bodyBytesMax,
    maxBatchSize: batchMax,
    async createContext({ req, res, info }) {
      const caller = await auth.authenticate(req, res);
      if (caller) res.locals.userId = caller.userId;
      return createContext({ db, caller, isBatch: info.isBatchCall });
    },
    onError: noteError,
    responseMeta({ errors }) {
      const retryAfter = errors.map(toRetryAfter).find((seconds) => seconds !== null);
      return retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } };
    },
  });
}
