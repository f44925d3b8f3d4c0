import type { RetryCause } from './observer.ts';

/** Maps errors of the driver to named errors. docs/errors.md has the same table, and a test compares the two. */
export interface ErrorCodeRow {
  /** SQLSTATEs and codes of Node and the operating system. A dot matches any character, a star any ending. */
  readonly codes: readonly string[];
  /** Parts of the driver's message, for errors without a code. */
  readonly messages?: readonly string[];
  /** The required severity, if the code alone is ambiguous. */
  readonly severity?: 'FATAL';
  readonly error:
    | 'DatabaseUnavailableError'
    | 'StatementTimeoutError'
    | 'AccessRefusedError'
    | 'InvalidValueError'
    | 'DatabaseFaultError';
  /**
   * `unknown` if the server may have committed the transaction. Default: it has applied nothing. A transaction that never
   * had a connection has applied nothing in either case.
   */
  readonly outcome?: 'unknown';
  /**
   * Which transactions are retried: `always` all, `idempotent` only idempotent ones. `connecting` retries only a failed
   * attempt to connect.
   */
  readonly retry?: { readonly cause: RetryCause; readonly when: 'always' | 'idempotent' | 'connecting' };
}

/** The first row that matches applies. */
export const errorCodes: readonly ErrorCodeRow[] = [
  { codes: ['40001'], error: 'DatabaseUnavailableError', retry: { cause: 'serialization', when: 'always' } },
  { codes: ['40P01'], error: 'DatabaseUnavailableError', retry: { cause: 'deadlock', when: 'always' } },
  { codes: ['55P03'], error: 'DatabaseUnavailableError', retry: { cause: 'lock', when: 'always' } },
  // PostgreSQL sends 57P01 only while it waits for a statement or runs one, never between a commit and its response.
  // It sends 57P05 only while it waits for a statement.
  { codes: ['57P01', '57P05'], error: 'DatabaseUnavailableError', retry: { cause: 'connection', when: 'always' } },
  {
    codes: ['57P02', '57P03', '53300', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'],
    error: 'DatabaseUnavailableError',
    retry: { cause: 'connection', when: 'connecting' },
  },
  {
    codes: ['25006', '25P03', '25P04', '28...', '3D000', '53...', '57P04', 'WEAK_AUTHENTICATION'],
    error: 'DatabaseUnavailableError',
  },
  // The server's files are missing, damaged or unreadable.
  { codes: ['58...', 'XX001', 'XX002'], error: 'DatabaseUnavailableError' },
  // Errors of Node and OpenSSL about the server's certificate or TLS. An unreadable response also ends a connection with
  // one of these, so the outcome is unknown.
  {
    codes: [
      'CERT_*',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'EPROTO',
      'ERR_SSL_*',
      'ERR_TLS_*',
      'HOSTNAME_MISMATCH',
      'INVALID_CA',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_*',
    ],
    messages: ['SSL connection'],
    error: 'DatabaseUnavailableError',
    outcome: 'unknown',
  },
  // With severity FATAL, a pooler has disconnected the client. Otherwise the server could not read a value.
  {
    codes: ['08P01'],
    severity: 'FATAL',
    error: 'DatabaseUnavailableError',
    outcome: 'unknown',
    retry: { cause: 'connection', when: 'idempotent' },
  },
  { codes: ['08P01', '22...', '23502', '23503', '23505', '23514'], error: 'InvalidValueError' },
  {
    codes: ['08...', 'ECONNRESET', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ETIMEDOUT'],
    messages: [
      'Connection terminated',
      'not queryable',
      'Query read timeout',
      'Client has encountered a connection error',
    ],
    error: 'DatabaseUnavailableError',
    outcome: 'unknown',
    retry: { cause: 'connection', when: 'idempotent' },
  },
  {
    codes: [],
    messages: ['timeout exceeded when trying to connect', 'timeout expired', 'Cannot use a pool after calling end'],
    error: 'DatabaseUnavailableError',
  },
  { codes: ['57014'], error: 'StatementTimeoutError' },
  { codes: ['42501'], error: 'AccessRefusedError' },
  { codes: ['.....'], error: 'DatabaseFaultError' },
];

const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/;
const patterns = errorCodes.map(({ codes }) => new RegExp(`^(?:${codes.join('|').replaceAll('*', '.*')})$`));

/** The row of the table that matches an error, or undefined if the error is not the driver's. */
export function findErrorCodeRow(error: Error): ErrorCodeRow | undefined {
  const code = toDriverCode(error);
  if (code === undefined) {
    return errorCodes.find(({ messages }) => messages?.some((message) => error.message.includes(message)));
  }
  // The last row matches SQLSTATEs only, and no other code of five characters.
  return errorCodes.find(
    ({ codes, severity }, at) =>
      codes.length > 0 &&
      patterns[at]!.test(code) &&
      (severity === undefined || ('severity' in error && error.severity === severity)) &&
      (codes[0] !== '.....' || sqlState.test(code)),
  );
}

/** Whether the server could not read or write its files, or has no space left. */
export function isStorageFault(code: string): boolean {
  return /^(?:58|53100$|XX00[12]$)/.test(code);
}

/** The SQLSTATE, or the code of Node or the operating system. */
export function toDriverCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
