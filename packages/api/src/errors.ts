import {
  AbortedError,
  AccessRefusedError,
  DatabaseUnavailableError,
  InvalidCursorError,
  InvalidValueError,
  StatementTimeoutError,
  TaskConflictError,
  TaskNotFoundError,
} from '@holdfast/db';
import { currentOperation } from '@holdfast/operation';
import { TRPCError, type TRPC_ERROR_CODE_KEY, type TRPCDefaultErrorShape } from '@trpc/server';
import { z } from 'zod';
import type { ErrorShape, ValidationTree } from './wire.ts';

/**
 * What the named errors of the database are on the wire, and what is said instead of their own message where that tells
 * of the database; whatever is not here is INTERNAL_SERVER_ERROR.
 */
export const codes = [
  [TaskNotFoundError, 'NOT_FOUND'],
  // Outward a row that may not be touched is a row that is not there.
  [AccessRefusedError, 'NOT_FOUND', 'There is no such task.'],
  [TaskConflictError, 'CONFLICT'],
  [InvalidCursorError, 'BAD_REQUEST'],
  [InvalidValueError, 'BAD_REQUEST', 'A value cannot be kept as it is.'],
  [DatabaseUnavailableError, 'SERVICE_UNAVAILABLE'],
  [StatementTimeoutError, 'GATEWAY_TIMEOUT'],
  [AbortedError, 'CLIENT_CLOSED_REQUEST'],
] as const;

/** Gives a failed call the code of the database error behind it, if one is. */
export function toTRPCError(error: TRPCError): TRPCError {
  const { cause } = error;
  const known = codes.find(([type]) => cause instanceof type);
  if (known === undefined || cause === undefined) return error;
  const [, code, message = cause.message] = known;
  return new TRPCError({ code, message, cause });
}

/** The one place that decides what of an error leaves the server. */
export function formatError({ shape, error }: { shape: TRPCDefaultErrorShape; error: TRPCError }): ErrorShape {
  const { cause } = error;
  const message = toMessage(error);
  return {
    code: shape.code,
    message,
    data: {
      code: error.code,
      httpStatus: shape.data.httpStatus,
      path: shape.data.path ?? null,
      requestId: currentOperation()?.requestId ?? null,
      validation: error.code === 'BAD_REQUEST' ? toValidation(cause, message) : null,
      ...(hasRetryAfter(cause) && { retryAfterMs: cause.retryAfterMs }),
      ...(cause instanceof DatabaseUnavailableError && cause.isRetryable && { isRetryable: true }),
      ...(cause instanceof TaskConflictError && { current: cause.current }),
    },
  };
}

/** Whatever says when to come again: the database's errors, and limits around the procedures. */
export function hasRetryAfter(cause: unknown): cause is { retryAfterMs: number } {
  return cause instanceof Error && 'retryAfterMs' in cause && typeof cause.retryAfterMs === 'number';
}

const messages: Partial<Record<TRPC_ERROR_CODE_KEY, string>> = {
  INTERNAL_SERVER_ERROR: 'Something went wrong on our side. Name the request id when you report it.',
  PAYLOAD_TOO_LARGE: 'A body may have 1 MiB at the most.',
};

function toMessage({ code, message, cause }: TRPCError): string {
  const known = messages[code];
  if (known !== undefined) return known;
  if (message.startsWith('Batch call exceeds'))
    return 'A request may hold 20 calls at the most: send the rest in another.';
  // The parser's own words quote what was sent.
  if (cause instanceof SyntaxError) return 'The request is not valid JSON.';
  if (!(cause instanceof z.ZodError)) return message;
  return cause.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ');
}

function toValidation(cause: unknown, message: string): ValidationTree {
  if (cause instanceof z.ZodError) return z.treeifyError(cause) as ValidationTree;
  if (cause instanceof InvalidCursorError) return { errors: [], properties: { cursor: { errors: [message] } } };
  return { errors: [message] };
}
