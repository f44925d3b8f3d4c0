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

const damagedFiles = 'The database server cannot read its files. Check its disk and its log, or restore a backup.';

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
  '25006':
    'The database is read-only. Use the URL of the primary, or run: alter database <name> reset default_transaction_read_only.',
  '53300': 'The database accepts no more connections. Raise its limit, use a pooler, or close other connections.',
  '57P03': 'The database server is starting or stopping. Try again in a minute.',
  '42501':
    'The database user lacks rights. To migrate, it must be allowed to create schemas, roles, and tables in the schema public. To create a scratch database, it needs CREATEDB. To serve, it needs the rights in docs/operations.md under Roles.',
};

/** Causes that only the message shows, or that make a code mean something else. */
const messages: readonly (readonly [part: string, description: string])[] = [
  ['connect EACCES', 'The Unix socket of the database server is not accessible. Check its permissions.'],
  [
    'connect ENOENT',
    'There is no Unix socket at the path in the database URL. Check the path, and that the server runs.',
  ],
  ['does not support SSL', 'The database server does not support TLS. Turn on its setting ssl.'],
  ['client password must be a', 'The database requires a password, and the database URL has none. Add it to the URL.'],
  ['invalid startup packet', 'The database URL contains a character that PostgreSQL refuses. Remove %00 from it.'],
  [
    'not currently accepting connections',
    'The database does not accept connections. Run: alter database <name> allow_connections true.',
  ],
];

const unreachable = /^(EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|ETIMEDOUT)$/;

/**
 * Describes for an operator why the database cannot be opened or migrated. If the cause is not known, PostgreSQL's message is
 * added. The text contains no row values. Undefined if the database is not the cause.
 */
export function describeDatabaseFailure(error: unknown): string | undefined {
  const known = describeKnownCause(error);
  if (known !== undefined) return known;
  const description = describeError(error);
  return description === undefined ? undefined : addResponse(description, error);
}

const ownErrors = [RowSecurityError, UnsupportedDatabaseError, InvalidDatabaseUrlError];
const databaseErrors = [
  AccessRefusedError,
  DatabaseFaultError,
  DatabaseUnavailableError,
  InvalidValueError,
  StatementTimeoutError,
];

/** Finds the cause and the fix of a failure that an operator can correct. */
function describeKnownCause(error: unknown): string | undefined {
  const named = toNamedError(error);
  if (!databaseErrors.some((type) => named instanceof type)) return describeMessage(named);
  const { cause } = named as Error;
  return describeMessage(cause) ?? failures[toCode(cause) ?? ''];
}

function toCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}

function describeError(error: unknown): string | undefined {
  const named = toNamedError(error);
  if (ownErrors.some((type) => named instanceof type)) return (named as Error).message;
  if (!(named instanceof Error) || !databaseErrors.some((type) => named instanceof type)) return undefined;
  const { cause } = named;
  const code = toCode(cause);
  if (code === weakAuthentication) return (cause as Error).message;
  const suffix = code === undefined ? '' : ` (${code})`;
  if (isRefusedSetting(cause)) return `The database server refuses a setting in the database URL${suffix}. Correct it.`;
  if (named instanceof DatabaseUnavailableError) {
    if (!unreachable.test(code ?? '')) return `The database cannot be reached${suffix}.`;
    return `The database cannot be reached${formatAddress(cause)}${suffix}. Check the host and port in the database URL, and that the server runs.`;
  }
  return `${named.message}${suffix}`;
}

function describeMessage(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  return messages.find(([part]) => cause.message.includes(part))?.[1];
}

/** Before a connection is open, only settings of the URL can cause an error of these classes. */
function isRefusedSetting(cause: unknown): boolean {
  return isResponse(cause) && cause.severity === 'FATAL' && /^(22|42)/.test(cause.code);
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

/** The fields of PostgreSQL's error response that help an operator. */
const responseFields: ReadonlySet<string> = new Set([
  'severity',
  'code',
  'detail',
  'hint',
  'where',
  'schema',
  'table',
  'column',
  'constraint',
  'routine',
]);

/**
 * Describes any error for the command line of an operator: the cause, the fix, and PostgreSQL's message.
 *
 * @param isVerbose Adds all fields of PostgreSQL's error, which may contain row values, and the stacks.
 */
export function describeFailure(error: unknown, { isVerbose = false }: { isVerbose?: boolean } = {}): string {
  const description =
    describeKnownCause(error) ?? describeError(error) ?? (error instanceof Error ? error.message : String(error));
  if (!isVerbose) return addResponse(description, error);
  const stacks = toCauses(error).map(({ stack, message }) => stack ?? message);
  return [description, ...describeResponse(toCauses(error).find(isResponse)), ...stacks].join('\n');
}

/** An error that PostgreSQL or a pooler sent. */
interface ErrorResponse extends Error {
  readonly severity: string;
  readonly code: string;
}

function isResponse(error: unknown): error is ErrorResponse {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}

function toCauses(error: unknown): Error[] {
  return error instanceof Error ? [error, ...toCauses(error.cause)] : [];
}

function addResponse(description: string, error: unknown): string {
  const response = toCauses(error).find(isResponse);
  if (response === undefined || mayContainValues(response)) return description;
  return `${description}\nPostgreSQL: ${response.message} (${response.code})`;
}

/** Errors of class 22 quote the value that they refuse. Before a connection is open, the server knows no user's text. */
function mayContainValues({ code, severity }: ErrorResponse): boolean {
  return /^(22|P0)/.test(code) && severity !== 'FATAL';
}

function describeResponse(response: ErrorResponse | undefined): string[] {
  if (response === undefined) return [];
  const fields = Object.entries(response).filter(([name, value]) => responseFields.has(name) && value !== undefined);
  return [`PostgreSQL: ${response.message}`, ...fields.map(([name, value]) => `  ${name}: ${String(value)}`)];
}
