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
  /Connection terminated|not queryable|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error|SSL connection/;
const lostConnectionCodes =
  /^(08(?!P01)...|28...|3D000|57P0[123]|25006|25P03|40001|40P01|55P03|53...|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN)$/;

/** Node's and OpenSSL's names for what is wrong with a server's certificate, or with TLS itself. */
const tlsCodes =
  /^(ERR_(TLS|SSL)_\w+|EPROTO|CERT_\w+|\w+_CERT(_\w+)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/;

/**
 * Turns whatever the driver threw into one of the named errors; the original is kept as `cause`, for the operator
 * only, since its text holds row values. Errors that are not the driver's come back as they are.
 */
export function toNamedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const cause = error;
  if (code === undefined) return lostConnection.test(error.message) ? new DatabaseUnavailableError({ cause }) : error;
  if (lostConnectionCodes.test(code) || tlsCodes.test(code) || isRefusedByPooler(error, code))
    return new DatabaseUnavailableError({ cause });
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

/** PgBouncer gives every reason to end a connection the code that PostgreSQL gives a value it cannot read. */
function isRefusedByPooler(error: Error, code: string): boolean {
  return code === '08P01' && 'severity' in error && error.severity === 'FATAL';
}

/** Whether the connection broke under a statement, so that one that only reads may be asked again on another. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(57P0[12]|ECONNRESET|EPIPE)$/.test(code) || /Connection terminated|not queryable/.test(error.message);
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
  if (cause instanceof Error && cause.message.includes('does not support SSL')) {
    return 'The database server does not offer TLS, without which nothing is sent to it: turn its setting ssl on.';
  }
  const suffix = code === undefined ? '' : ` (${code})`;
  if (named instanceof DatabaseUnavailableError) return `The database cannot be reached${suffix}.`;
  if (named instanceof MissingWallError || named instanceof InvalidDatabaseUrlError) return named.message;
  const isDatabases = [AccessRefusedError, StatementTimeoutError, InvalidValueError, DatabaseFaultError];
  return isDatabases.some((type) => named instanceof type) ? `${named.message}${suffix}` : undefined;
}
