import { type Account, appRouter, type Caller, createContext, type OpenStream } from '@holdfast/api';
import { AccessRefusedError, type Database } from '@holdfast/db';
import { createExpressMiddleware } from '@holdfast/trpc-express';
import type { TRPCError } from '@trpc/server';
import type { Handler, Request, Response } from 'express';
import type { Logger } from 'pino';
import type { Auth } from '../auth/auth.ts';
import { toLogMessage } from '../auth/sign-in-failure.ts';
import type { Streams } from '../live/streams.ts';
import { createMcpRoute } from '../mcp/route.ts';
import type { LimitCalls } from '../rate-limit.ts';
import { assertSmallBody, toBodyLimits } from '../request/body-limits.ts';
import { assertFewParts } from '../request/json-size.ts';
import { readLagLimits, revisionHeader } from '../request/lag-limits.ts';
import { batchMax, bodyBytesMax } from '../request/limits.ts';
import { assertShortLines, isPage } from '../request/response-size.ts';
import { assertUtf8 } from '../request/utf8.ts';
import { type CallOptions, createRest } from '../rest/route.ts';
import { describeError } from '../telemetry/log-fields.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CallerLimits } from './caller-limits.ts';
import { createAuthenticate } from './callers.ts';
import { toRetryAfter } from './error-response.ts';
import { createRequestGuard } from './request-guard.ts';

export interface ProcedureOptions {
  db: Database;
  auth: Auth;
  logger: Logger;
  /** Origin that clients use to reach this server. */
  publicUrl: string;
  /** Other origins whose pages may call and read responses. */
  trustedOrigins: string[];
  limitCalls: LimitCalls;
  callerLimits: CallerLimits;
  streams: Streams;
  telemetry: Telemetry;
}

interface Failure {
  error: TRPCError;
  req: Request;
  path: string | undefined;
  ctx: unknown;
}

export interface Procedures {
  /** Each by its name. */
  trpc: Handler[];
  /** Each by a plain path, such as `/tasks`. */
  rest: Handler;
  /** Through the tools of assistants. */
  mcp: Handler;
}

/** Serves the procedures. Mount all before any body parser. */
export function createProcedures(options: ProcedureOptions): Procedures {
  const { db, auth, logger, publicUrl, trustedOrigins, limitCalls, callerLimits, streams, telemetry } = options;

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

  // Responses vary by origin. Includes tRPC's own header names, since this header replaces tRPC's.
  const varyHeader = trustedOrigins.length > 0 ? { vary: 'trpc-accept, accept, origin' } : null;

  const authenticate = createAuthenticate({ auth, limitCalls, callerLimits, metrics: telemetry.metrics });

  const createOpenStream =
    (res: Response): OpenStream =>
    (stream) =>
      streams.open({ ...stream, credential: res.locals.credential!, connection: res.socket });

  /** Logs a deletion, so that an operator can apply it to a restored backup. */
  function openAudited(caller: Caller, res: Response, signal: AbortSignal): Account {
    const account = auth.openAccount(res.locals.credential!, signal);
    return {
      ...account,
      async erase() {
        await account.erase();
        logger.info({ requestId: res.locals.requestId, userId: caller.userId }, 'user deleted');
      },
    };
  }

  const callOptions: CallOptions = {
    router: appRouter,
    maxBodySize: bodyBytesMax,
    maxBatchSize: batchMax,
    allowMethodOverride: true,
    assertBody(body, procedures = []) {
      const { bytesMax, partsMax } = toBodyLimits(procedures);
      assertSmallBody(body.length, bytesMax);
      assertUtf8(body);
      assertFewParts(body, partsMax);
    },
    async createContext({ req, res, info }) {
      const caller = await authenticate(req, res, info);
      const { recordCall } = telemetry;
      const calls = info.calls.length;
      if (info.accept === 'application/jsonl') assertShortLines(info.calls.map(({ procedure }) => procedure));
      const pages = info.calls.filter(({ procedure }) => isPage(procedure)).length;
      const openStream = info.type === 'subscription' ? createOpenStream(res) : undefined;
      const openAccount = caller === null ? undefined : () => openAudited(caller, res, info.signal);
      const mayLag = readLagLimits(req);
      return createContext({ db, caller, calls, pages, mayLag, openStream, openAccount, onCall: recordCall });
    },
    onError: recordError,
    responseMeta({ info, errors, ctx }) {
      const retryAfter = errors.map(toRetryAfter).find((seconds) => seconds !== null);
      const headers = {
        ...varyHeader,
        ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
        ...(ctx?.revision !== undefined && { [revisionHeader]: String(ctx.revision) }),
        // tRPC declares responses to requests that it cannot parse as plain text.
        ...(info === undefined && { 'content-type': 'application/json' }),
      };
      return Object.keys(headers).length > 0 ? { headers } : {};
    },
  };
  return {
    trpc: [createRequestGuard(telemetry.metrics), createExpressMiddleware(callOptions)],
    rest: createRest(callOptions, telemetry.metrics),
    mcp: createMcpRoute({ calls: callOptions, origins: new Set([new URL(publicUrl).origin, ...trustedOrigins]) }),
  };
}
