import {
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  RowSecurityError,
  StatementTimeoutError,
  UnsupportedDatabaseError,
} from '../errors.ts';
import { weakAuthentication } from './base-client.ts';
import { toNamedError } from './driver-error.ts';

const unknownAuthority =
  'The certificate of the database server is signed by an unknown authority. Add sslrootcert=<file> to the database URL, with the certificate of that authority.';

const damagedFiles =
  'The database server cannot read its files. Check its disk and its log, or restore a backup.';

const failures: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    'The certificate of the database server has expired. Renew it, or correct the clock of this machine.',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate of the database server is for another host. Use a host from the certificate in the database URL.',
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  '08P01':
    'The connection pooler refused the connection. Its limit max_client_conn is reached, or it cannot reach the database: see its log.',
  '28000': 'The database refuses the user in the database URL.',
  '28P01': 'The database does not accept the user or the password in the database URL.',
  '3D000': 'The database in the database URL does not exist on that server.',
  '53100': 'The disk of the database server is full.',
  '58030': damagedFiles,
  '58P01': damagedFiles,
  XX001: damagedFiles,
  XX002: damagedFiles,
  '42501':
    'The database user lacks rights. To migrate, it must be allowed to create schemas, roles, and tables in the schema public. To create a scratch database, it needs CREATEDB. To serve, it needs the rights in docs/operations.md under Roles.',
};

const unreachable = /^(EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)$/;

/**
 * Describes for an operator why the database cannot be opened or migrated. The text contains no row values; its only
 * variable parts are an error code and the address that did not respond. Undefined if the database is not the cause.
 */
export function describeDatabaseFailure(error: unknown): string | undefined {
  const named = toNamedError(error);
  if (!(named instanceof Error) || !('code' in named)) return undefined;
  const { cause } = named;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const known = code === undefined ? undefined : failures[code];
  if (known !== undefined) return known;
  if (cause instanceof Error && cause.message.includes('does not support SSL')) {
    return 'The database server does not support TLS. Turn on its setting ssl.';
  }
  if (code === weakAuthentication) return (cause as Error).message;
  const suffix = code === undefined ? '' : ` (${code})`;
  if (named instanceof DatabaseUnavailableError) {
    if (!unreachable.test(code ?? '')) return `The database cannot be reached${suffix}.`;
    return `The database cannot be reached${formatAddress(cause)}${suffix}. Check the host and port in the database URL, and that the server runs.`;
  }
  const ownErrors = [RowSecurityError, UnsupportedDatabaseError, InvalidDatabaseUrlError];
  if (ownErrors.some((type) => named instanceof type)) return named.message;
  const databaseErrors = [AccessRefusedError, StatementTimeoutError, InvalidValueError, DatabaseFaultError];
  return databaseErrors.some((type) => named instanceof type) ? `${named.message}${suffix}` : undefined;
}

/** The address that Node tried to connect to, if the error contains it. It shows which of several URLs failed. */
function formatAddress(cause: unknown): string {
  const { hostname, address, port } = (cause instanceof AggregateError ? cause.errors[0] : cause) as {
    hostname?: string;
    address?: string;
    port?: number;
  };
  if (address !== undefined) return ` at ${address.includes(':') ? `[${address}]` : address}:${port}`;
  return hostname === undefined ? '' : ` at ${hostname}`;
}

/** Describes any error for the command line. */
export function describeFailure(error: unknown): string {
  return describeDatabaseFailure(error) ?? (error instanceof Error ? error.message : String(error));
}
