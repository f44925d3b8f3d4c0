import { randomUUID } from 'node:crypto';
import { inOperation } from '@holdfast/operation';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { isProbe, toProcedures, toRoute } from '../request/routes.ts';
import { toTenths } from '../telemetry/log-fields.ts';
import type { Watch } from '../telemetry/telemetry.ts';

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Express is told this way what `res.locals` holds.
  namespace Express {
    interface Locals {
      requestId: string;
      userId?: string;
      /** Codes of the errors that the answer holds. */
      errorCodes?: Set<string>;
    }
  }
}

/** Names that callers may give their requests; anything else is replaced, since it goes into answers and logs. */
const saneId = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's own id for the request where it is sane, else a new one. */
export function toRequestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && saneId.test(given) ? given : randomUUID();
}

export interface RequestLogOptions {
  logger: Logger;
  /** Milliseconds after which the work for a request is ended. */
  timeoutMs: number;
  watch: Watch;
}

/**
 * Names the request, gives it a deadline, and writes one line when it has been answered: no query string, header, body
 * or token. Metrics and traces learn of the request here as well.
 */
export function createRequestLog({ logger, timeoutMs, watch }: RequestLogOptions): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const requestId = toRequestId(req.headers['x-request-id']);
    const path = req.originalUrl.split('?', 1)[0]!.slice(0, 500);
    res.locals.requestId = requestId;
    res.setHeader('x-request-id', requestId);
    // tRPC ends a streamed answer twice when its data cannot be written; unheard, that would end the process.
    res.on('error', () => res.destroy());
    inOperation({ requestId, deadlineAt: startedAt + timeoutMs }, (operation) => {
      const route = toRoute(path);
      const traceparent = req.get('traceparent');
      const span = isProbe(route) ? null : watch.tracing?.beginRequest(operation, { method: req.method, traceparent });
      res.on('close', () => {
        const { cost } = operation;
        const { userId, errorCodes } = res.locals;
        const durationMs = performance.now() - startedAt;
        // The status that proxies use for a client that went away.
        const status = res.writableFinished ? res.statusCode : 499;
        const level = isProbe(route) && res.statusCode < 400 ? 'debug' : 'info';
        const procedures = toProcedures(path);
        logger[level](
          {
            requestId,
            ...(span && { traceId: span.traceId }),
            method: req.method,
            path,
            ...(procedures.length > 0 && { procedures: [...new Set(procedures)].join(',') }),
            ...(procedures.length > 1 && { calls: procedures.length }),
            status,
            durationMs: toTenths(durationMs),
            statements: cost.statements,
            poolWaitMs: toTenths(cost.waitMs),
            ...(cost.retries > 0 && { retries: cost.retries }),
            ...(userId && { userId }),
            ...(errorCodes && { code: [...errorCodes].join(',') }),
          },
          'request',
        );
        watch.metrics.recordRequest({ route, status, durationMs });
        span?.end({ route, status, requestId, userId, errorCode: errorCodes && [...errorCodes].join(',') });
      });
      next();
    });
  };
}
