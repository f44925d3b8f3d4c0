import {
  AbortedError,
  AccessRefusedError,
  DatabaseUnavailableError,
  ForeignNameError,
  InvalidCursorError,
  InvalidValueError,
  LabelLimitError,
  ListConflictError,
  ListNotFoundError,
  OperationConflictError,
  StatementTimeoutError,
  TaskConflictError,
  TaskNotFoundError,
  TooManyListsError,
  TooManyTasksError,
  UserErasedError,
} from '@holdfast/db';
import { currentOperation } from '@holdfast/operation';
import { TRPCError, type TRPC_ERROR_CODE_KEY, type TRPCDefaultErrorShape } from '@trpc/server';
import { z } from 'zod';
import { formatIssues, toShownIssues } from './format-issue.ts';
import type { ErrorShape, ValidationTree } from './wire.ts';

/**
 * Database errors with their code on the wire. The third element replaces a message that describes the database.
 * All other errors become INTERNAL_SERVER_ERROR.
 */
export const codes = [
  [TaskNotFoundError, 'NOT_FOUND'],
  // A client must not learn that the row exists.
  [AccessRefusedError, 'NOT_FOUND', new TaskNotFoundError().message],
  [ListNotFoundError, 'NOT_FOUND'],
  [ListConflictError, 'CONFLICT'],
  [TooManyListsError, 'BAD_REQUEST'],
  [TooManyTasksError, 'BAD_REQUEST'],
  [ForeignNameError, 'BAD_REQUEST'],
  [OperationConflictError, 'CONFLICT'],
  [UserErasedError, 'UNAUTHORIZED'],
  [TaskConflictError, 'CONFLICT'],
  [LabelLimitError, 'CONFLICT'],
  [InvalidCursorError, 'BAD_REQUEST'],
  [InvalidValueError, 'BAD_REQUEST', 'A value cannot be stored. Change it and try again.'],
  [DatabaseUnavailableError, 'SERVICE_UNAVAILABLE'],
  [StatementTimeoutError, 'GATEWAY_TIMEOUT'],
  [AbortedError, 'CLIENT_CLOSED_REQUEST'],
] as const;

/** Replaces the error of a failed call by one with the code of the database error that caused it, if any. */
export function toTRPCError(error: TRPCError): TRPCError {
  const { cause } = error;
  const known = codes.find(([type]) => cause instanceof type);
  if (known === undefined || cause === undefined) return error;
  const [, code, message = cause.message] = known;
  return new TRPCError({ code, message, cause });
}

/** Decides which parts of an error a client receives. */
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
      ...(isRetryable(cause) && { isRetryable: true, isUndone: true }),
      ...(isConflict(cause) && cause.current !== null && { current: cause.current }),
      ...(namesTasks(cause) && { ids: [...cause.ids] }),
    },
  };
}

/** True for errors that say when to retry: database errors and rate limits. `retryAfterMs` is in milliseconds. */
export function hasRetryAfter(cause: unknown): cause is { retryAfterMs: number } {
  return cause instanceof Error && 'retryAfterMs' in cause && typeof cause.retryAfterMs === 'number';
}

function isConflict(cause: unknown): cause is TaskConflictError | ListConflictError {
  return cause instanceof TaskConflictError || cause instanceof ListConflictError;
}

/** True for errors that say that nothing was applied. */
function isRetryable(cause: unknown): boolean {
  return cause instanceof Error && 'isRetryable' in cause && cause.isRetryable === true;
}

/** True for errors that name the tasks that caused them. */
function namesTasks(cause: unknown): cause is { ids: readonly string[] } {
  return (cause instanceof TaskNotFoundError || cause instanceof LabelLimitError) && cause.ids !== undefined;
}

const messages: Partial<Record<TRPC_ERROR_CODE_KEY, string>> = {
  INTERNAL_SERVER_ERROR: 'Internal server error. Include the request ID when you report it.',
};

function toMessage({ code, message, cause }: TRPCError): string {
  const known = messages[code];
  if (known !== undefined) return known;
  if (message === 'PAYLOAD_TOO_LARGE') return 'Request body too large. Send at most 1 MiB.';
  if (message.startsWith('Batch call exceeds')) return 'Too many calls in one request. Send at most 20.';
  // The parser's message quotes the input.
  if (cause instanceof SyntaxError) return 'The request is not valid JSON.';
  if (!(cause instanceof z.ZodError)) return message;
  return formatIssues(cause);
}

function toValidation(cause: unknown, message: string): ValidationTree {
  if (cause instanceof z.ZodError) return z.treeifyError(new z.ZodError(toShownIssues(cause))) as ValidationTree;
  if (cause instanceof InvalidCursorError) return { errors: [], properties: { [cause.field]: { errors: [message] } } };
  return { errors: [message] };
}
