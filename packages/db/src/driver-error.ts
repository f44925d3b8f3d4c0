import {
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  MissingWallError,
  StatementTimeoutError,
} from './errors.ts';
import type { RetryCause } from './observer.ts';

/** What the driver says without a code. */
const lostConnection =
  /Connection terminated|not queryable|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/;
/** The system's codes where there is no way to the server, and where a connection broke. */
const unreachable = /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
const broken = /^(ECONN(RESET|ABORTED)|EPIPE|ETIMEDOUT)$/;
/** SQLSTATEs of a server that cannot serve now: connection, login, shutdown, read-only standby, conflicts, resources. */
const unavailable = /^(08(?!P01)...|28...|3D000|57P0[1-5]|25006|25P0[34]|40001|40P01|55P03|53...)$/;

/**
 * Turns whatever the driver threw into one of the named errors; the original is kept as `cause`, for the operator
 * only, since its text holds row values. Errors that are not the driver's come back as they are.
 */
export function toNamedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = toCode(error);
  const cause = error;
  if (code === undefined) return lostConnection.test(error.message) ? new DatabaseUnavailableError({ cause }) : error;
  if (broken.test(code)) return new DatabaseUnavailableError({ cause });
  // What the server itself ends, or what never reached it, has not been kept.
  if (unreachable.test(code) || unavailable.test(code)) return new DatabaseUnavailableError({ cause, isUndone: true });
  if (code === '57014') return new StatementTimeoutError({ cause });
  if (code === '42501') return new AccessRefusedError({ cause });
  if (/^(08P01|22...|23502|23503|23505|23514)$/.test(code)) {
    const constraint = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
    return new InvalidValueError(
      constraint ? `The value breaks the rule ${constraint}.` : 'The database refused a value.',
      { cause, constraint },
    );
  }
  return sqlState.test(code) ? new DatabaseFaultError({ cause, sqlState: code }) : error;
}

const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/;

function toCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether the connection broke under a statement, so that nobody knows what became of it. */
function isLostConnection(error: Error): boolean {
  const code = toCode(error);
  return code === undefined
    ? /Connection terminated|not queryable|Query read timeout/.test(error.message)
    : /^(ECONNRESET|EPIPE)$/.test(code);
}

/** Transactions that the server has undone and that may succeed when they are run again. */
const undone: Readonly<Record<string, RetryCause>> = {
  '40001': 'serialization',
  '40P01': 'deadlock',
  '55P03': 'lock',
  '57P01': 'connection',
};

/**
 * Why a unit of work may be run again after this error, undefined where it may not.
 *
 * @param isRepeatable Whether it may be even where it is unknown what became of it.
 */
export function findRetryCause(error: unknown, isRepeatable: boolean): RetryCause | undefined {
  const isNamed = error instanceof DatabaseUnavailableError;
  const driverError = isNamed ? error.cause : error;
  if (!(driverError instanceof Error)) return undefined;
  const isSafe = isRepeatable || (isNamed && error.isUndone);
  return undone[toCode(driverError) ?? ''] ?? (isSafe && isLostConnection(driverError) ? 'connection' : undefined);
}

/** Whether a server that is starting, ending or full refused a connection. */
export function isStartingServer(error: Error): boolean {
  return /^(57P0[1-3]|53300)$/.test(toCode(error) ?? '');
}

/** Whether a connection could not be made for a reason that may pass. */
export function isRefusedConnection(error: Error): boolean {
  const code = toCode(error);
  if (code === undefined) return /Connection terminated unexpectedly/.test(error.message);
  return isStartingServer(error) || unreachable.test(code) || broken.test(code) || /^08(?!P01)/.test(code);
}

const failures: Readonly<Record<string, string>> = {
  '28000': 'The database does not let in the user that the database URL names.',
  '28P01': 'The database does not accept the user or the password in the database URL.',
  '3D000': 'The database that the database URL names does not exist on that server.',
  '42501':
    'The database user lacks rights: the one that migrates must be allowed to create schemas in the database, tables in the schema public, and roles.',
};

/**
 * What an operator is told when the database cannot be opened or migrated: a sentence without values. Undefined for an
 * error that is not the database's.
 */
export function describeDatabaseFailure(error: unknown): string | undefined {
  const named = toNamedError(error);
  if (!(named instanceof Error) || !('code' in named)) return undefined;
  const { cause } = named;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const known = code === undefined ? undefined : failures[code];
  if (known !== undefined) return known;
  const suffix = code === undefined ? '' : ` (${code})`;
  if (named instanceof DatabaseUnavailableError) return `The database cannot be reached${suffix}.`;
  if (named instanceof MissingWallError || named instanceof InvalidDatabaseUrlError) return named.message;
  const isDatabases = [AccessRefusedError, StatementTimeoutError, InvalidValueError, DatabaseFaultError];
  return isDatabases.some((type) => named instanceof type) ? `${named.message}${suffix}` : undefined;
}
