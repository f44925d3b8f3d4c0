import { appRouter, type Caller, createContext } from '@holdfast/api';
import { AccessRefusedError, type Database } from '@holdfast/db';
import { createExpressMiddleware } from '@holdfast/trpc-express';
import { TRPCError } from '@trpc/server';
import type { Handler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Auth } from '../auth/auth.ts';
import { toLogMessage } from '../auth/sign-in-failure.ts';
import type { LimitCalls } from '../rate-limit.ts';
import { toClientAddress, toNetwork } from '../request/client-address.ts';
import { batchMax, bodyBytesMax } from '../request/limits.ts';
import { toProcedures } from '../request/routes.ts';
import { assertUtf8 } from '../request/utf8.ts';
import { describeError } from '../telemetry/log-fields.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { toRetryAfter } from './error-response.ts';

export interface ProcedureOptions {
  db: Database;
  auth: Auth;
  logger: Logger;
  /** Whether pages of other origins may read responses, so that responses vary by origin. */
  isCrossOrigin: boolean;
  limitCalls: LimitCalls;
  telemetry: Telemetry;
}

/**
 * Rejects requests that are not calls, and bodies that are not JSON before any code reads them. tRPC would accept forms
 * and bytes as input, and browsers send these with the visitor's cookie from any page, without a CORS preflight.
 */
function createRequestGuard({ metrics }: Telemetry): RequestHandler {
  return (req, _res, next) => {
    const error = findRequestError(req);
    if (error === null) return next();
    for (const procedure of toProcedures(req.baseUrl + req.path)) metrics.recordRejectedCall(procedure, error.code);
    throw error;
  };
}

function findRequestError({ method, headers }: Request): TRPCError | null {
  if (/^(?:GET|HEAD|OPTIONS)$/.test(method)) return null;
  if (method !== 'POST') {
    const message = 'Method not supported. Use GET for queries and POST for mutations.';
    return new TRPCError({ code: 'METHOD_NOT_SUPPORTED', message });
  }
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) {
    const message = 'The body must be JSON. Send content-type: application/json.';
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? '')) {
    const message = 'Compressed bodies are not supported. Send the body without content-encoding.';
    return new TRPCError({ code: 'UNSUPPORTED_MEDIA_TYPE', message });
  }
  return null;
}

/** Whether the client accepts stale data: `cache-control: max-stale` (RFC 9111, 5.2.1.2). */
function acceptsStale(req: Request): boolean {
  return /(?:^|[\s,])max-stale(?:$|[\s,=])/i.test(req.headers['cache-control'] ?? '');
}

/** Whether the credentials require a session lookup. A JWT does not. */
function needsSessionLookup({ headers: { authorization, cookie } }: Request): boolean {
  return authorization === undefined ? cookie !== undefined : authorization.split('.').length !== 3;
}

interface Failure {
  error: TRPCError;
  req: Request;
  path: string | undefined;
  ctx: unknown;
}

/** Serves the procedures. Mount it before any body parser. */
export function createProcedures(options: ProcedureOptions): Handler[] {
  const { db, auth, logger, isCrossOrigin, limitCalls, telemetry } = options;

  function recordError({ error, req, path, ctx }: Failure): void {
    telemetry.recordFailure({ error, path, ctx });
    const locals = req.res!.locals;
    (locals.errorCodes ??= new Set()).add(error.code);
    // The client sees NOT_FOUND. For the operator, it is a violation of row-level security.
    if (error.cause instanceof AccessRefusedError) {
      telemetry.metrics.recordAccessRefused();
      logger.error(
        { requestId: locals.requestId, userId: locals.userId, ...describeError(error.cause) },
        'access refused',
      );
    }
    // A client that disconnects also causes an internal error.
    if (error.code !== 'INTERNAL_SERVER_ERROR' || req.res!.destroyed) return;
    logger.error({ requestId: locals.requestId, ...describeError(error.cause ?? error) }, toLogMessage(error.cause));
  }

  // Includes tRPC's own header names, since this header replaces tRPC's.
  const varyHeader = isCrossOrigin ? { vary: 'trpc-accept, accept, origin' } : null;

  /** Authenticates the caller and counts the calls: for the user, or for the address without a valid token. */
  async function authenticate(req: Request, res: Response, calls: number): Promise<Caller | null> {
    const count = async (key: string, points = calls) => {
      try {
        await limitCalls(key, points);
      } catch (error) {
        telemetry.metrics.recordRateLimited(calls);
        throw error;
      }
    };
    const address = () => `address ${toNetwork(toClientAddress(req.ip))}`;
    // A session lookup costs a query, so an address that is already over its limit gets none.
    if (needsSessionLookup(req)) await count(address(), 0);
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
    allowMethodOverride: true,
    assertBody: assertUtf8,
    async createContext({ req, res, info }) {
      const caller = await authenticate(req, res, info.calls.length);
      const { recordCall } = telemetry;
      return createContext({ db, caller, isBatch: info.isBatchCall, mayLag: acceptsStale(req), onCall: recordCall });
    },
    onError: recordError,
    responseMeta({ info, errors }) {
      const retryAfter = errors.map(toRetryAfter).find((seconds) => seconds !== null);
      const headers = {
        ...varyHeader,
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
        // tRPC declares responses to requests that it cannot parse as plain text.
        ...(info === undefined && { 'content-type': 'application/json' }),
      };
      return Object.keys(headers).length > 0 ? { headers } : {};
    },
  });
  return [createRequestGuard(telemetry), serve];
}
