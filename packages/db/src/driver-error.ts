import { DriverException } from '@mikro-orm/core';
import { type DriverFailure, findDriverFailure, toDriverCode } from './driver-failures.ts';
import {
  AbortedError,
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  MissingWallError,
  StatementTimeoutError,
} from './errors.ts';
import type { RetryCause } from './observer.ts';

/**
 * Turns whatever the driver threw into one of the named errors; the original is kept as `cause`, for the operator
 * only, since its text holds row values. Errors that are not the driver's come back as they are.
 */
export function toNamedError(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const failure = findDriverFailure(cause);
  return failure === undefined ? unwrap(cause) : make[failure.error](cause, failure.isUndone);
}

/** The entity manager makes an error of its own of each, with all that was in it, also of those that have a name already. */
function unwrap(error: Error): Error {
  if (!(error instanceof DriverException)) return error;
  const { code, message, cause, isUndone = false } = error as DriverException & { isUndone?: boolean };
  if (code === 'DATABASE_UNAVAILABLE') return new DatabaseUnavailableError({ message, cause, isUndone });
  if (code === 'STATEMENT_TIMEOUT') return new StatementTimeoutError({ cause });
  if (code === 'ABORTED') return new AbortedError({ cause });
  return error;
}

const make: Record<DriverFailure['error'], (cause: Error, isUndone: boolean) => Error> = {
  DatabaseUnavailableError: (cause, isUndone) => new DatabaseUnavailableError({ cause, isUndone }),
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
    retry?.when === 'always' || (retry?.when === 'repeatable' && (isRepeatable || (isNamed && error.isUndone)));
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

const unknownAuthority =
  'The certificate of the database server is not signed by an authority that is known here: name the file with its authority’s certificate as sslrootcert=<file> in the database URL.';

const failures: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    'The certificate of the database server has expired: have it renewed, or set the clock of this machine right.',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate of the database server is for another host than the one in the database URL: use a name or address that is in the certificate.',
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  '08P01':
    'The pooler before the database refuses the connection: it has all that max_client_conn allows, or cannot reach the database itself; its log tells which.',
  '28000': 'The database does not let in the user that the database URL names.',
  '28P01': 'The database does not accept the user or the password in the database URL.',
  '3D000': 'The database that the database URL names does not exist on that server.',
  '53100': 'The database server has no space left on its disk.',
  '42501':
    'The database user lacks rights: the one that migrates must be allowed to create schemas in the database, tables in the schema public, and roles; one that makes a scratch database, databases; one that only serves needs what docs/operations.md lists under Roles.',
};

const unreachable = /^(EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)$/;

/**
 * What an operator is told when the database cannot be opened or migrated: a sentence without values, but for the
 * address that did not answer. Undefined for an error that is not the database's.
 */
export function describeDatabaseFailure(error: unknown): string | undefined {
  const named = toNamedError(error);
  if (!(named instanceof Error) || !('code' in named)) return undefined;
  const { cause } = named;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const known = code === undefined ? undefined : failures[code];
  if (known !== undefined) return known;
  if (cause instanceof Error && cause.message.includes('does not support SSL')) {
    return 'The database server does not offer TLS, without which nothing is sent to it: turn its setting ssl on.';
  }
  const suffix = code === undefined ? '' : ` (${code})`;
  if (named instanceof DatabaseUnavailableError) {
    if (!unreachable.test(code ?? '')) return `The database cannot be reached${suffix}.`;
    return `The database cannot be reached${toPlace(cause)}${suffix}: check host and port in the database URL, and whether the server runs.`;
  }
  if (named instanceof MissingWallError || named instanceof InvalidDatabaseUrlError) return named.message;
  const isDatabases = [AccessRefusedError, StatementTimeoutError, InvalidValueError, DatabaseFaultError];
  return isDatabases.some((type) => named instanceof type) ? `${named.message}${suffix}` : undefined;
}

/** Where Node has tried to connect, as far as it tells: which of several URLs is meant. */
function toPlace(cause: unknown): string {
  const { hostname, address, port } = (cause instanceof AggregateError ? cause.errors[0] : cause) as {
    hostname?: string;
    address?: string;
    port?: number;
  };
  if (address !== undefined) return ` at ${address.includes(':') ? `[${address}]` : address}:${port}`;
  return hostname === undefined ? '' : ` at ${hostname}`;
}

/** What the command line says of any error. */
export function describeFailure(error: unknown): string {
  return describeDatabaseFailure(error) ?? (error instanceof Error ? error.message : String(error));
}
