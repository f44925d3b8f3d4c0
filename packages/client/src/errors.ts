import type { AppRouter, ErrorData, List, Task, ValidationTree } from '@holdfast/api/client';
import { TRPCClientError } from '@trpc/client';

/** Fields of every error of the client. */
interface ErrorDetails<Code extends string> extends Error {
  readonly name: 'HoldfastError';
  /** Reason of the failure. */
  readonly code: Code;
  /**
   * True if the server applied no change, so the same call may be sent again without harm. It does not mean that a retry
   * helps. If false, the outcome is unknown: check before you retry.
   */
  readonly isRetryable: boolean;
  /** @deprecated Use `isRetryable`, which has the same value. Version 0.3 removes this name. */
  readonly isUndone: boolean;
  /** ID of the request in the server's log. Null if no response of the server arrived. */
  readonly requestId: string | null;
  /** Milliseconds to wait before you retry. Undefined if the server did not send a time. */
  readonly retryAfterMs: number | undefined;
}

/** The stored task or list has another version or other content than the call expected. */
export interface ConflictError extends ErrorDetails<'CONFLICT'> {
  /**
   * The stored task. Absent for calls of `list` or with several tasks, and if the `operationId` or the ID of a new task belongs
   * to another call.
   */
  readonly current: Task;
  /** The stored list. Present only for calls of `list`. */
  readonly currentList?: List;
  /** IDs of tasks that would have more than 20 labels. Present only for calls with several tasks. */
  readonly ids?: string[];
}

/** The user has no such task or list. */
export interface NotFoundError extends ErrorDetails<'NOT_FOUND'> {
  /** IDs of the missing tasks. Present only for calls with several tasks. */
  readonly ids?: string[];
}

/** The server refused the input. */
export interface BadRequestError extends ErrorDetails<'BAD_REQUEST'> {
  /** Problems of the input, by field. Null if the server named no field. */
  readonly validation: ValidationTree | null;
}

/** The password is right, and the account also needs a code. Pass `challenge` to `confirmSignIn` within 10 minutes. */
export interface TwoFactorError extends ErrorDetails<'TWO_FACTOR_REQUIRED'> {
  /** Proof of the first step. It gives no access alone. */
  readonly challenge: string;
}

type ServerCode = Exclude<ErrorData['code'], 'CONFLICT' | 'BAD_REQUEST' | 'NOT_FOUND'>;

/** Reasons why a sign-in, a sign-up or a call for the account failed. */
export type SignInCode =
  | 'CONFIRMATION_REQUIRED'
  | 'INVALID_CODE'
  | 'INVALID_EMAIL_OR_PASSWORD'
  | 'INVALID_EMAIL'
  | 'INVALID_LINK'
  | 'INVALID_PASSWORD'
  | 'MAIL_OFF'
  | 'PASSWORD_TOO_SHORT'
  | 'PASSWORD_TOO_LONG'
  | 'SIGN_IN_AGAIN'
  | 'SIGN_IN_EXPIRED'
  | 'USER_ALREADY_EXISTS';

/**
 * Problems that the client detects: no complete response, a device without a network, a response that is not from Holdfast, a passed deadline, an
 * abort by the caller, an exception in a function of the app.
 */
export type ClientCode = 'NETWORK' | 'OFFLINE' | 'UNEXPECTED_RESPONSE' | 'DEADLINE' | 'ABORTED' | 'CALLBACK_FAILED';

type PlainCode = ServerCode | SignInCode | ClientCode;
type PlainError = { [Code in PlainCode]: ErrorDetails<Code> }[PlainCode];

/** The error of a failed call. `code` names the reason and decides which further fields exist. */
export type HoldfastError = ConflictError | BadRequestError | NotFoundError | TwoFactorError | PlainError;

/** Every `code` of an error. */
export type ErrorCode = HoldfastError['code'];

/**
 * True if a caught value is an error of the client and has this code, if you pass one. TypeScript then knows the fields
 * of that code: `isHoldfastError(error, 'CONFLICT') && error.current`.
 */
export function isHoldfastError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  code?: Code,
): error is Extract<HoldfastError, { code: Code }> {
  return error instanceof HoldfastError && (code === undefined || error.code === code);
}

interface ErrorFields {
  code: ErrorCode;
  message: string;
  isRetryable: boolean;
  requestId?: string | null | undefined;
  retryAfterMs?: number | undefined;
  validation?: ValidationTree | null | undefined;
  current?: Task | undefined;
  currentList?: List | undefined;
  ids?: string[] | undefined;
  challenge?: string | undefined;
  cause?: unknown;
  /** The server's error in tRPC's shape. */
  shape?: TRPCClientError<AppRouter>['shape'];
}

/** The class behind the type. It extends tRPC's error class, so tRPC passes its instances on unchanged. */
export const HoldfastError = class extends TRPCClientError<AppRouter> {
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
  readonly requestId: string | null;
  readonly retryAfterMs: number | undefined;
  readonly validation: ValidationTree | null;
  declare readonly current?: Task;
  declare readonly currentList?: List;
  declare readonly ids?: string[];
  declare readonly challenge?: string;

  constructor({ shape, cause, message, ...fields }: ErrorFields) {
    super(message, { cause: cause as Error, ...(shape && { result: { error: shape } }) });
    // tRPC's constructor sets the prototype of its own class.
    Object.setPrototypeOf(this, new.target.prototype);
    this.name = 'HoldfastError';
    this.code = fields.code;
    this.isRetryable = fields.isRetryable;
    this.requestId = fields.requestId ?? null;
    this.retryAfterMs = fields.retryAfterMs;
    this.validation = fields.validation ?? null;
    if (fields.current !== undefined) this.current = fields.current;
    if (fields.currentList !== undefined) this.currentList = fields.currentList;
    if (fields.ids !== undefined) this.ids = fields.ids;
    if (fields.challenge !== undefined) this.challenge = fields.challenge;
  }

  get isUndone(): boolean {
    return this.isRetryable;
  }
} as unknown as new (fields: ErrorFields) => HoldfastError;

/** The same error with this `isRetryable`. */
export function withOutcome(error: HoldfastError, isRetryable: boolean): HoldfastError {
  if (isRetryable === error.isRetryable) return error;
  const { message, cause } = error;
  return new HoldfastError({ ...error, message, cause, isRetryable });
}
