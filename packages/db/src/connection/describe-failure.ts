import {
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidDatabaseUrlError,
  InvalidValueError,
  RowSecurityError,
  StatementTimeoutError,
} from '../errors.ts';
import { toNamedError } from './driver-error.ts';

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
  if (named instanceof RowSecurityError || named instanceof InvalidDatabaseUrlError) return named.message;
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
