import {
  AccessRefusedError,
  DatabaseUnavailableError,
  InvalidCursorError,
  InvalidValueError,
  StatementTimeoutError,
  TaskConflictError,
  TaskNotFoundError,
} from '@holdfast/db';
import { TRPCError, type TRPC_ERROR_CODE_KEY, type TRPCDefaultErrorShape, type TRPCErrorShape } from '@trpc/server';
import { z } from 'zod';
import { currentRequestId } from './context.ts';
import type { Task } from './task-schema.ts';

/** Which field is wrong and why: zod's tree. */
export interface ValidationTree {
  errors: string[];
  properties?: Record<string, ValidationTree>;
}

/** `error.data` of every failed call. */
export interface ErrorData {
  code: TRPC_ERROR_CODE_KEY;
  httpStatus: number;
  /** The procedure, where one was called. */
  path: string | null;
  /** Names the request in the server's log. */
  requestId: string | null;
  /** For BAD_REQUEST, what is wrong with the input. */
  validation: ValidationTree | null;
  /** After how many milliseconds the call may be tried again. */
  retryAfterMs?: number;
  /** For CONFLICT, the task as it stands. */
  current?: Task;
}

export interface ErrorShape extends TRPCErrorShape<ErrorData> {
  message: string;
}

/**
 * What the named errors of the database are on the wire, and what is said instead of their own message where that tells
 * of the database; whatever is not here is INTERNAL_SERVER_ERROR.
 */
const codes = [
  [TaskNotFoundError, 'NOT_FOUND'],
  // Outward a row that may not be touched is a row that is not there.
  [AccessRefusedError, 'NOT_FOUND', 'There is no such task.'],
  [TaskConflictError, 'CONFLICT'],
  [InvalidCursorError, 'BAD_REQUEST'],
  [InvalidValueError, 'BAD_REQUEST', 'A value cannot be kept as it is.'],
  [DatabaseUnavailableError, 'SERVICE_UNAVAILABLE'],
  [StatementTimeoutError, 'GATEWAY_TIMEOUT'],
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
  const invalid = error.code === 'BAD_REQUEST' && cause instanceof z.ZodError ? cause : null;
  return {
    code: shape.code,
    message: toMessage(error, invalid),
    data: {
      code: error.code,
      httpStatus: shape.data.httpStatus,
      path: shape.data.path ?? null,
      requestId: currentRequestId(),
      validation: invalid && (z.treeifyError(invalid) as ValidationTree),
      ...(cause instanceof DatabaseUnavailableError && { retryAfterMs: cause.retryAfterMs }),
      ...(cause instanceof TaskConflictError && { current: cause.current }),
    },
  };
}

const messages: Partial<Record<TRPC_ERROR_CODE_KEY, string>> = {
  INTERNAL_SERVER_ERROR: 'Something went wrong on our side. Name the request id when you report it.',
  PAYLOAD_TOO_LARGE: 'A body may have 1 MiB at the most.',
};

function toMessage(error: TRPCError, invalid: z.ZodError | null): string {
  const message = messages[error.code];
  if (message !== undefined) return message;
  // The parser's own words quote what was sent.
  if (error.cause instanceof SyntaxError) return 'The request is not valid JSON.';
  if (invalid === null) return error.message;
  return invalid.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
