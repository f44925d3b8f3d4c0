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

/** What the named errors of the database are on the wire; whatever is not here is INTERNAL_SERVER_ERROR. */
const codes = [
  [TaskNotFoundError, 'NOT_FOUND'],
  // Outward a row that may not be touched is a row that is not there.
  [AccessRefusedError, 'NOT_FOUND'],
  [TaskConflictError, 'CONFLICT'],
  [InvalidCursorError, 'BAD_REQUEST'],
  [InvalidValueError, 'BAD_REQUEST'],
  [DatabaseUnavailableError, 'SERVICE_UNAVAILABLE'],
  [StatementTimeoutError, 'GATEWAY_TIMEOUT'],
] as const;

/** Gives a failed call the code of the database error behind it, if one is. */
export function toTRPCError(error: TRPCError): TRPCError {
  const { cause } = error;
  const code = codes.find(([type]) => cause instanceof type)?.[1];
  if (code === undefined || cause === undefined) return error;
  return new TRPCError({
    code,
    message: cause instanceof AccessRefusedError ? 'There is no such task.' : cause.message,
    cause,
  });
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

function toMessage(error: TRPCError, invalid: z.ZodError | null): string {
  if (error.code === 'INTERNAL_SERVER_ERROR')
    return 'Something went wrong on our side. Name the request id when you report it.';
  if (invalid === null) return error.message;
  return invalid.issues
    .map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ${message}` : message))
    .join('; ');
}
