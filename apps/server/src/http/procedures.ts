import { appRouter, type Caller, createContext } from '@holdfast/api';
import { AccessRefusedError, type Database } from '@holdfast/db';
import { createExpressMiddleware } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import type { Handler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Auth } from '../auth/auth.ts';
import { toAlarm } from '../auth/sign-in-failure.ts';
import type { CountCalls } from '../rate-limit.ts';
import { toClientAddress } from '../request/client-address.ts';
import { batchMax, bodyBytesMax } from '../request/limits.ts';
import { toNetwork } from '../request/network.ts';
import { toProcedures } from '../request/routes.ts';
import { assertUtf8 } from '../request/utf8.ts';
import { describeError } from '../telemetry/log-fields.ts';
import type { Watch } from '../telemetry/telemetry.ts';
import { toRetryAfter } from './error-response.ts';

export interface ProcedureOptions {
  db: Database;
  auth: Auth;
  logger: Logger;
  /** Whether pages of other origins may read answers, so that caches have to tell by the origin. */
  isCrossOrigin: boolean;
  countCalls: CountCalls;
  watch: Watch;
}

/**
 * Refuses what is no call. A body that is not JSON is refused before anything reads it: tRPC would take forms and bytes as
 * input, and only for these does a browser let any page send a visitor's cookie along without asking first.
 */
function createGuard({ metrics }: Watch): RequestHandler {
  return (req, _res, next) => {
    const refusal = findRefusal(req);
    if (refusal === null) return next();
    for (const procedure of toProcedures(req.baseUrl + req.path)) metrics.recordRefusedCall(procedure, refusal.code);
    throw refusal;
  };
}

function findRefusal({ method, headers }: Request): TRPCError | null {
  if (/^(?:GET|HEAD|OPTIONS)$/.test(method)) return null;
  if (method !== 'POST') {
    const message = 'Queries are called with GET, mutations with POST.';
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
  }
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    const message = 'The body must be JSON: content-type: application/json.';
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? '')) {
    const message = 'A compressed body is not read here: send it without content-encoding.';
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  return null;
}

/** HTTP's way to say that an answer as of a moment ago will do (RFC 9111, 5.2.1.2). */
function takesStale(req: Request): boolean {
  return /(?:^|[\s,])max-stale(?:$|[\s,=])/i.test(req.headers['cache-control'] ?? '');
}

/** Whether the caller shows anything but a token that speaks for itself. */
function needsLookup({ headers: { authorization, cookie } }: Request): boolean {
  return authorization === undefined ? cookie !== undefined : authorization.split('.').length !== 3;
}

interface Failure {
  error: TRPCError;
  req: Request;
  path: string | undefined;
  ctx: unknown;
}

/** Serves the procedures below the path where it is mounted. No body parser may run before it. */
export function createProcedures(options: ProcedureOptions): Handler[] {
  const { db, auth, logger, isCrossOrigin, countCalls, watch } = options;

  function recordError({ error, req, path, ctx }: Failure): void {
    watch.recordFailure({ error, path, ctx });
    const locals = req.res!.locals;
    (locals.errorCodes ??= new Set()).add(error.code);
    // Outward this looks like a task that is not there; inward it means that a wall has been run into.
    if (error.cause instanceof AccessRefusedError) {
      watch.metrics.recordAccessRefused();
      logger.error(
        { requestId: locals.requestId, userId: locals.userId, ...describeError(error.cause) },
        'access refused',
      );
    }
    // A client that went away shows as an internal error as well.
    if (error.code !== 'INTERNAL_SERVER_ERROR' || req.res!.destroyed) return;
    logger.error({ requestId: locals.requestId, ...describeError(error.cause ?? error) }, toAlarm(error.cause));
  }

  // tRPC's own names come first: what it sets takes the place of what was there before.
  const varying = isCrossOrigin ? { vary: 'trpc-accept, accept, origin' } : null;

  /** Who is calling, counted for the limits: those who do not say who they are rightly count as their address. */
  async function admit(req: Request, res: Response, calls: number): Promise<Caller | null> {
    const count = async (key: string, points = calls) => {
      try {
        await countCalls(key, points);
      } catch (error) {
        watch.metrics.recordRateLimited(calls);
        throw error;
      }
    };
    const address = () => `address ${toNetwork(toClientAddress(req.ip))}`;
    // Looking a session up asks the database, which is not for an address that has only guessed for a minute.
    if (needsLookup(req)) await count(address(), 0);
    const caller = await auth.authenticate(req, res).catch(async (error: unknown) => {
      await count(address());
      throw error;
    });
    if (caller) res.locals.userId = caller.userId;
    await count(caller === null ? address() : `user ${caller.userId}`);
    return caller;
  }

  const serve = createExpressMiddleware({
    router: appRouter,
    maxBodySize: bodyBytesMax,
    maxBatchSize: batchMax,
    assertBody: assertUtf8,
    async createContext({ req, res, info }) {
      const caller = await admit(req, res, info.calls.length);
      const { recordCall } = watch;
      return createContext({ db, caller, isBatch: info.isBatchCall, mayLag: takesStale(req), onCall: recordCall });
    },
    onError: recordError,
    responseMeta({ info, errors }) {
      const retryAfter = errors.map(toRetryAfter).find((seconds) => seconds !== null);
      const headers = {
        ...varying,
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
        // Of an answer to what it cannot take for calls tRPC says that it is plain text.
        ...(info === undefined && { 'content-type': 'application/json' }),
      };
      return Object.keys(headers).length > 0 ? { headers } : {};
    },
  });
  return [createGuard(watch), serve];
}
