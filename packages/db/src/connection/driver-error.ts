import { DriverException } from '@mikro-orm/core';
import { DatabaseError } from 'pg-protocol';
import {
  AbortedError,
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidValueError,
  StatementTimeoutError,
  UserErasedError,
} from '../errors.ts';
import { type ErrorCodeRow, findErrorCodeRow, toDriverCode } from './error-codes.ts';
import type { RetryCause } from './observer.ts';

const driverErrors = new WeakSet<Error>();

/** Marks an error that node-postgres reported. Errors of sockets have no class that tells them from those of other code. */
export function markDriverError<Thrown>(error: Thrown): Thrown {
  if (error instanceof Error) driverErrors.add(error);
  return error;
}

/** Whether the driver raised the error, and not the code that uses it. */
export function isDriverError(error: unknown): error is Error {
  return (
    error instanceof DatabaseError ||
    error instanceof DriverException ||
    (error instanceof Error && driverErrors.has(error))
  );
}

/**
 * Converts an error of the driver to a named error with the original as `cause`. Do not show the cause to users: its text
 * contains row values. Returns all other errors unchanged.
 */
export function toNamedError(cause: unknown): unknown {
  if (!isDriverError(cause)) return cause;
  const row = findErrorCodeRow(cause);
  return row === undefined ? unwrap(cause) : create[row.error](cause, row);
}

/** MikroORM wraps every error in a `DriverException` that copies its properties. This restores the named error. */
function unwrap(error: Error): Error {
  if (!(error instanceof DriverException)) return error;
  const { code, message, cause, isRetryable = false } = error as DriverException & { isRetryable?: boolean };
  if (code === 'DATABASE_UNAVAILABLE') return new DatabaseUnavailableError({ message, cause, isRetryable });
  if (code === 'STATEMENT_TIMEOUT') return new StatementTimeoutError({ cause });
  if (code === 'ABORTED') return new AbortedError({ cause });
  return error;
}

const create: Record<ErrorCodeRow['error'], (cause: Error, row: ErrorCodeRow) => Error> = {
  DatabaseUnavailableError: (cause, { outcome }) =>
    new DatabaseUnavailableError({ cause, isRetryable: outcome !== 'unknown' }),
  StatementTimeoutError: (cause) => new StatementTimeoutError({ cause }),
  AccessRefusedError: (cause) => new AccessRefusedError({ cause }),
  InvalidValueError: toInvalidValueError,
  DatabaseFaultError: (cause) => new DatabaseFaultError({ cause, sqlState: toDriverCode(cause) }),
};

function toInvalidValueError(cause: Error): Error {
  const constraint = toConstraint(cause);
  if (constraint === 'users_not_erased') return new UserErasedError({ cause });
  const message = constraint ? `The value violates the constraint ${constraint}.` : 'The database rejected a value.';
  return new InvalidValueError(message, { cause, constraint });
}

/** The name of the violated constraint. */
function toConstraint(error: Error): string | undefined {
  const { constraint, where } = error as Error & { constraint?: string; where?: string };
  if (constraint !== undefined) return constraint;
  // Citus passes on the errors of other nodes without the name, and this is the last line of their context. Other messages can quote
  // the text of a user.
  const isOfOtherNode = /(?:^|\n)while executing command on \S+:\d+$/.test(where ?? '');
  if (!isOfOtherNode || !toDriverCode(error)?.startsWith('23')) return undefined;
  if (error.message === 'the user was deleted') return 'users_not_erased';
  // The number of the shard follows each name. If the node's messages are not in English, the name stays unknown.
  return /constraint "([a-z_]+?)(?:_\d+)?"/.exec(error.message)?.[1];
}

/** Whether a row refers to a user that was deleted during the statement. By convention, such keys end in `_user_id`. */
export function isMissingOwner(error: unknown): error is Error {
  return (
    error instanceof Error && toDriverCode(error) === '23503' && toConstraint(error)?.endsWith('_user_id') === true
  );
}

/**
 * The reason to retry a transaction after this error, or undefined if it must not be retried.
 *
 * @param isIdempotent If the transaction may be retried even if the outcome of the first attempt is unknown.
 */
export function findRetryCause(error: unknown, isIdempotent: boolean): RetryCause | undefined {
  const isNamed = error instanceof DatabaseUnavailableError;
  const driverError = isNamed ? error.cause : error;
  // In stricter isolation, PostgreSQL would report a serialization failure.
  if (isNamed && isMissingOwner(driverError)) return 'serialization';
  const retry = isDriverError(driverError) ? findErrorCodeRow(driverError)?.retry : undefined;
  const isSafe =
    retry?.when === 'always' || (retry?.when === 'idempotent' && (isIdempotent || (isNamed && error.isRetryable)));
  return isSafe ? retry?.cause : undefined;
}

/** Whether a connection failed for a reason that may be temporary. */
export function isRefusedConnection(error: Error): boolean {
  return findErrorCodeRow(error)?.retry?.cause === 'connection';
}

/** Whether the server refused the connection because it is starting, stopping or full. */
export function isStartingServer(error: Error): boolean {
  return /^(57P0[1-3]|53300)$/.test(toDriverCode(error) ?? '');
}

/** The error for a connection that was not established in time. */
export function toConnectTimeoutError(): Error {
  return Object.assign(new Error('Connection terminated: connect timeout'), { code: 'ETIMEDOUT' });
}

export function isConnectTimeout(error: Error): boolean {
  return toDriverCode(error) === 'ETIMEDOUT';
}
