import { DriverException } from '@mikro-orm/core';
import {
  AbortedError,
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidValueError,
  StatementTimeoutError,
} from '../errors.ts';
import { type ErrorCodeRow, findDriverFailure, toDriverCode } from './error-codes.ts';
import type { RetryCause } from './observer.ts';

/**
 * Turns whatever the driver threw into one of the named errors; the original is kept as `cause`, for the operator
 * only, since its text holds row values. Errors that are not the driver's come back as they are.
 */
export function toNamedError(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const failure = findDriverFailure(cause);
  return failure === undefined ? unwrap(cause) : make[failure.error](cause, failure.isRetryable);
}

/** The entity manager makes an error of its own of each, with all that was in it, also of those that have a name already. */
function unwrap(error: Error): Error {
  if (!(error instanceof DriverException)) return error;
  const { code, message, cause, isRetryable = false } = error as DriverException & { isRetryable?: boolean };
  if (code === 'DATABASE_UNAVAILABLE') return new DatabaseUnavailableError({ message, cause, isRetryable });
  if (code === 'STATEMENT_TIMEOUT') return new StatementTimeoutError({ cause });
  if (code === 'ABORTED') return new AbortedError({ cause });
  return error;
}

const make: Record<ErrorCodeRow['error'], (cause: Error, isRetryable: boolean) => Error> = {
  DatabaseUnavailableError: (cause, isRetryable) => new DatabaseUnavailableError({ cause, isRetryable }),
  StatementTimeoutError: (cause) => new StatementTimeoutError({ cause }),
  AccessRefusedError: (cause) => new AccessRefusedError({ cause }),
  InvalidValueError: toInvalidValueError,
  DatabaseFaultError: (cause) => new DatabaseFaultError({ cause, sqlState: toDriverCode(cause) }),
};

function toInvalidValueError(cause: Error): InvalidValueError {
  const constraint = 'constraint' in cause && typeof cause.constraint === 'string' ? cause.constraint : undefined;
  const message = constraint ? `The value breaks the rule ${constraint}.` : 'The database refused a value.';
  return new InvalidValueError(message, { cause, constraint });
}

/**
 * Why a unit of work may be run again after this error, undefined where it may not.
 *
 * @param isRepeatable Whether it may be even where it is unknown what became of it.
 */
export function findRetryCause(error: unknown, isRepeatable: boolean): RetryCause | undefined {
  const isNamed = error instanceof DatabaseUnavailableError;
  const driverError = isNamed ? error.cause : error;
  const retry = driverError instanceof Error ? findDriverFailure(driverError)?.retry : undefined;
  const isSafe =
    retry?.when === 'always' || (retry?.when === 'repeatable' && (isRepeatable || (isNamed && error.isRetryable)));
  return isSafe ? retry?.cause : undefined;
}

/** Whether a connection could not be made for a reason that may pass. */
export function isRefusedConnection(error: Error): boolean {
  return findDriverFailure(error)?.retry?.cause === 'connection';
}

/** Whether it is the server itself that refused it, while it starts, ends or is full. */
export function isStartingServer(error: Error): boolean {
  return /^(57P0[1-3]|53300)$/.test(toDriverCode(error) ?? '');
}

/** For a connection that is not made in time. */
export function toSlowConnectionError(): Error {
  return Object.assign(new Error('Connection terminated: it was not made in time'), { code: 'ETIMEDOUT' });
}

export function isSlowConnection(error: Error): boolean {
  return toDriverCode(error) === 'ETIMEDOUT';
}
