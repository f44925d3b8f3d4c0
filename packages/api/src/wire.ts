import type { TRPC_ERROR_CODE_KEY, TRPCErrorShape } from '@trpc/server';

/** A task on the wire. Times are ISO 8601 in UTC with milliseconds. */
export interface Task {
  id: string;
  title: string;
  description: string | null;
  completed: boolean;
  completedAt: string | null;
  createdAt: string;
  updatedAt: string;
  /** Starts at 1 and goes up by one with each change. */
  version: number;
}

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
  /** For SERVICE_UNAVAILABLE, there where the call has certainly changed nothing; otherwise it may have been kept. */
  isRetryable?: true;
  /** For CONFLICT, the task as it stands. */
  current?: Task;
}

export interface ErrorShape extends TRPCErrorShape<ErrorData> {
  message: string;
}
