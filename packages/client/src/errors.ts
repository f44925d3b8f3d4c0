import type { AppRouter, ErrorData, RouterOutputs, ValidationTree } from '@holdfast/api/client';
import { TRPCClientError } from '@trpc/client';

type Task = RouterOutputs['task']['get'];

/** What every error of the client tells. */
interface Told<Code extends string> extends Error {
  readonly name: 'HoldfastError';
  readonly code: Code;
  /** Whether the call has certainly changed nothing. Otherwise nobody knows: look before you repeat it. */
  readonly isRetryable: boolean;
  /** Names the request in the server's log; null where no answer of the server arrived. */
  readonly requestId: string | null;
  /** After how many milliseconds it may be tried again, where the server said so. */
  readonly retryAfterMs: number | undefined;
}

/** Somebody else changed the task, or it exists with another content. */
export interface ConflictError extends Told<'CONFLICT'> {
  /** The task as it stands. */
  readonly current: Task;
}

/** The input is not as it has to be. */
export interface BadRequestError extends Told<'BAD_REQUEST'> {
  /** What is wrong with which field; null where the server named none. */
  readonly validation: ValidationTree | null;
}

type ServerCode = Exclude<ErrorData['code'], 'CONFLICT' | 'BAD_REQUEST'>;

/** Why one could not sign in or up. */
export type SignInCode =
  | 'INVALID_EMAIL_OR_PASSWORD'
  | 'INVALID_EMAIL'
  | 'PASSWORD_TOO_SHORT'
  | 'PASSWORD_TOO_LONG'
  | 'USER_ALREADY_EXISTS';

/**
 * What went wrong on this side: no whole answer, one that Holdfast did not write, too late, given up by the caller, or
 * a function that the app handed in has thrown.
 */
export type ClientCode = 'NETWORK' | 'UNEXPECTED_RESPONSE' | 'DEADLINE' | 'ABORTED' | 'CALLBACK_FAILED';

type PlainError = { [Code in ServerCode | SignInCode | ClientCode]: Told<Code> }[ServerCode | SignInCode | ClientCode];

/** Everything that a call can fail with, told apart by `code`. */
export type HoldfastError = ConflictError | BadRequestError | PlainError;

/** Every `code` of an error. */
export type ErrorCode = HoldfastError['code'];

/**
 * Whether something caught is an error of the client, and of this code where one is given. It then has all that errors
 * of its code have: `isHoldfastError(error, 'CONFLICT') && error.current`.
 */
export function isHoldfastError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is Extract<HoldfastError, { code: Code }> {
  return error instanceof Failure && (code === undefined || error.code === code);
}

export interface FailureDetails {
  code: ErrorCode;
  message: string;
  isRetryable: boolean;
  requestId?: string | null | undefined;
  retryAfterMs?: number | undefined;
  validation?: ValidationTree | null | undefined;
  current?: Task | undefined;
  cause?: unknown;
  /** The server's own shape, for those who read errors as tRPC's. */
  shape?: TRPCClientError<AppRouter>['shape'];
}

/** The one class behind HoldfastError. It is tRPC's, too, which therefore passes it on as it is. */
export class Failure extends TRPCClientError<AppRouter> {
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
  readonly requestId: string | null;
  readonly retryAfterMs: number | undefined;
  readonly validation: ValidationTree | null;
  declare readonly current?: Task;

  constructor({ shape, cause, message, ...told }: FailureDetails) {
    super(message, { cause: cause as Error, ...(shape && { result: { error: shape } }) });
    // tRPC's constructor makes every error one of its own class.
    Object.setPrototypeOf(this, new.target.prototype);
    this.name = 'HoldfastError';
    this.code = told.code;
    this.isRetryable = told.isRetryable;
    this.requestId = told.requestId ?? null;
    this.retryAfterMs = told.retryAfterMs;
    this.validation = told.validation ?? null;
    if (told.current !== undefined) this.current = told.current;
  }

  /** The same of a call with another outcome. */
  withOutcome(isRetryable: boolean): Failure {
    const { message, cause } = this;
    return isRetryable === this.isRetryable
      ? this
      : new Failure({ ...(this as FailureDetails), message, cause, isRetryable });
  }
}
