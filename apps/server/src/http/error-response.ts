import { hasRetryAfter, toTRPCError } from '@holdfast/api';
import { TRPCError } from '@trpc/server';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { toLogMessage } from '../auth/sign-in-failure.ts';
import { toErrorShape } from '../request/error-shape.ts';
import { describeError } from '../telemetry/log-fields.ts';

/** Responds to an unknown path. */
export const sendNotFound: RequestHandler = (_req, res) => {
  sendError(res, new TRPCError({ code: 'NOT_FOUND', message: 'Not found. GET / lists the routes.' }));
};

/** Responds to errors outside of procedures, in the format of failed procedures. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (cause, _req, res, next) => {
    const error = toError(cause);
    if (error.code === 'INTERNAL_SERVER_ERROR') {
      logger.error({ requestId: res.locals.requestId, ...describeError(cause) }, toLogMessage(cause));
    }
    if (res.headersSent) return next(cause);
    sendError(res, error);
  };
}

/** The `retry-after` header: seconds to wait before the next attempt, or null if a retry does not help. */
export function toRetryAfter(error: TRPCError): string | null {
  return hasRetryAfter(error.cause) ? String(Math.ceil(error.cause.retryAfterMs / 1000)) : null;
}

function sendError(res: Response, error: TRPCError): void {
  const shape = toErrorShape(error);
  (res.locals.errorCodes ??= new Set()).add(error.code);
  const retryAfter = toRetryAfter(error);
  if (retryAfter !== null) res.setHeader('retry-after', retryAfter);
  res.status(shape.data.httpStatus).json({ error: shape });
}

function toError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  // Errors of Express and its body parsers have a status. Their messages can repeat the input.
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : 500;
  if (status === 413) return new TRPCError({ code: 'PAYLOAD_TOO_LARGE' });
  if (status === 415)
    return new TRPCError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'The charset or encoding of the body is not supported.',
    });
  if (status >= 400 && status < 500)
    return new TRPCError({ code: 'BAD_REQUEST', message: 'The request is malformed.' });
  return toTRPCError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause }));
}
