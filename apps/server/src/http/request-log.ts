import { randomUUID } from 'node:crypto';
import { inOperation, type Operation } from '@holdfast/operation';
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { onClose } from '../request/on-close.ts';
import { isProbe, toLoggedPath, toProcedures, toRoute } from '../request/routes.ts';
import { roundToTenths } from '../telemetry/log-fields.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Express declares the type of `res.locals` in this namespace.
  namespace Express {
    interface Locals {
      requestId: string;
      userId?: string;
      /** Waits until the sign-in library may work for one more request of the client's address. Returns the function that ends the turn. */
      waitForTurn?: (signal: AbortSignal) => Promise<() => void>;
      /** Codes of the errors in the response. */
      errorCodes?: Set<string>;
    }
  }
}

/** Valid request IDs of callers. Responses and logs contain them. */
const validRequestId = /^[A-Za-z0-9._-]{1,128}$/;

/** Returns the caller's request ID if it is valid, otherwise a new one. */
export function toRequestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && validRequestId.test(given) ? given : randomUUID();
}

export interface RequestLogOptions {
  logger: Logger;
  /** Milliseconds after which the server ends the work for a request. */
  timeoutMs: number;
  telemetry: Telemetry;
}

/**
 * Assigns a request ID and a deadline, and logs one line after the response, without query string, headers, body and
 * token. Also records the request in metrics and traces.
 */
export function createRequestLog({ logger, timeoutMs, telemetry }: RequestLogOptions): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const requestId = toRequestId(req.headers['x-request-id']);
    res.locals.requestId = requestId;
    res.setHeader('x-request-id', requestId);
    // tRPC ends a streamed response twice if it cannot write the data. Without a listener, the process would exit.
    res.on('error', destroyResponse);
    inOperation({ requestId, deadlineAt: startedAt + timeoutMs }, (operation) => {
      logOnClose({ req, res, startedAt, operation }, { logger, telemetry });
      next();
    });
  };
}

function destroyResponse(this: Response): void {
  this.destroy();
}

interface LoggedRequest {
  req: Request;
  res: Response;
  /** Milliseconds on the clock of `performance.now()`. */
  startedAt: number;
  operation: Operation;
}

/** A separate function, so that the request of a stream, which lasts long, keeps nothing else in memory. */
function logOnClose(
  { req, res, startedAt, operation }: LoggedRequest,
  { logger, telemetry }: Pick<RequestLogOptions, 'logger' | 'telemetry'>,
): void {
  const { method } = req;
  const path = req.originalUrl.split('?', 1)[0]!.slice(0, 500);
  const route = toRoute(path);
  const traceparent = req.get('traceparent');
  const span = isProbe(route) ? null : telemetry.tracing?.beginRequest(operation, { method, traceparent });
  onClose(res, () => {
    const { cost } = operation;
    const { requestId, userId, tool, errorCodes } = res.locals;
    const code = errorCodes && [...errorCodes].join(',');
    const durationMs = performance.now() - startedAt;
    // Proxies use status 499 for a client that disconnected. For a stream, that is a normal end.
    const isEnded = res.writableFinished || (route === 'stream' && res.headersSent);
    const status = isEnded ? res.statusCode : 499;
    const level = status >= 500 ? 'error' : isProbe(route) && status < 400 ? 'debug' : 'info';
    const procedures = toProcedures(path, method);
    // Lines leave out undefined fields.
    logger[level](
      {
        requestId,
        traceId: span?.traceId,
        method,
        path: toLoggedPath(path),
        procedures: procedures.length > 1 ? [...new Set(procedures)].join(',') : procedures[0],
        calls: procedures.length > 1 ? procedures.length : undefined,
        tool,
        status,
        durationMs: roundToTenths(durationMs),
        statements: cost.statements,
        poolWaitMs: roundToTenths(cost.waitMs),
        retries: cost.retries || undefined,
        userId,
        code,
      },
      'request',
    );
    telemetry.metrics.recordRequest({ route, status, durationMs });
    span?.end({ route, status, requestId, userId, errorCode: code });
  });
}
