import {
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  MissingWallError,
  StatementTimeoutError,
} from './errors.ts';

const lostConnection =
  /Connection terminated|not queryable|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/;
const lostConnectionCodes =
  /^(08(?!P01)...|28...|3D000|57P0[123]|25006|25P03|40001|40P01|55P03|53...|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN)$/;

/**
 * Turns whatever the driver threw into one of the named errors; the original is kept as `cause`, for the operator
 * only, since its text holds row values. Errors that are not the driver's come back as they are.
 */
export function toNamedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const cause = error;
  if (code === undefined) return lostConnection.test(error.message) ? new DatabaseUnavailableError({ cause }) : error;
  if (lostConnectionCodes.test(code)) return new DatabaseUnavailableError({ cause });
  if (code === '57014') return new StatementTimeoutError({ cause });
  if (code === '42501') return new AccessRefusedError({ cause });
  if (/^(08P01|22...|23502|23503|23505|23514)$/.test(code)) {
    const constraint = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
    return new InvalidValueError(
      constraint ? `The value breaks the rule ${constraint}.` : 'The database refused a value.',
      {
        cause,
        constraint,
      },
    );
  }
  return /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? new DatabaseFaultError({ cause, sqlState: code }) : error;
}

/** Whether the connection broke under a statement, so that one that only reads may be asked again on another. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(57P0[12]|ECONNRESET|EPIPE)$/.test(code) || /Connection terminated|not queryable/.test(error.message);
}

const failures: Readonly<Record<string, string>> = {
  '28000': 'The database does not let in the user that the database URL names.',
  '28P01': 'The database does not accept the user or the password in the database URL.',
  '3D000': 'The database that the database URL names does not exist on that server.',
  '53100': 'The database server has no space left on its disk.',
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
