import type { RetryCause } from './observer.ts';

/** What the driver may throw, and what it means. docs/errors.md shows the same table; a test compares the two. */
export interface ErrorCodeRow {
  /** SQLSTATEs and codes of Node and the operating system; a dot stands for any character, a star for any ending. */
  readonly codes: readonly string[];
  /** What the driver says where it gives no code. */
  readonly messages?: readonly string[];
  /** The severity it has to have, where the code alone does not tell. */
  readonly severity?: 'FATAL';
  readonly error:
    | 'DatabaseUnavailableError'
    | 'StatementTimeoutError'
    | 'AccessRefusedError'
    | 'InvalidValueError'
    | 'DatabaseFaultError';
  /** Whether the unit of work has certainly not been kept; where it never got a connection it has not, whatever is said here. */
  readonly isRetryable: boolean;
  /**
   * As what a unit is run again: `always`, or `repeatable` ones only, which come to the same however often they run. A
   * connection that could not be made is asked for again where `connecting` says so.
   */
  readonly retry?: { readonly cause: RetryCause; readonly when: 'always' | 'repeatable' | 'connecting' };
}

/** The first that fits decides. */
export const errorCodes: readonly ErrorCodeRow[] = [
  {
    codes: ['40001'],
    error: 'DatabaseUnavailableError',
    isRetryable: true,
    retry: { cause: 'serialization', when: 'always' },
  },
  {
    codes: ['40P01'],
    error: 'DatabaseUnavailableError',
    isRetryable: true,
    retry: { cause: 'deadlock', when: 'always' },
  },
  { codes: ['55P03'], error: 'DatabaseUnavailableError', isRetryable: true, retry: { cause: 'lock', when: 'always' } },
  // The server ends a session so only where it waits for a statement or runs one, never between commit and answer.
  {
    codes: ['57P01'],
    error: 'DatabaseUnavailableError',
    isRetryable: true,
    retry: { cause: 'connection', when: 'always' },
  },
  {
    codes: ['57P02', '57P03', '53300', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'],
    error: 'DatabaseUnavailableError',
    isRetryable: true,
    retry: { cause: 'connection', when: 'connecting' },
  },
  {
    codes: ['25006', '25P03', '25P04', '28...', '3D000', '53...', '57P04', '57P05'],
    error: 'DatabaseUnavailableError',
    isRetryable: true,
  },
  // What is wrong with a server's certificate, or with TLS itself, in the words of Node and OpenSSL. An answer that cannot
  // be read ends a connection with these as well.
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
    isRetryable: false,
  },
  // A pooler ends its clients with the code that a server uses for a value it cannot read.
  {
    codes: ['08P01'],
    severity: 'FATAL',
    error: 'DatabaseUnavailableError',
    isRetryable: false,
    retry: { cause: 'connection', when: 'repeatable' },
  },
  { codes: ['08P01', '22...', '23502', '23503', '23505', '23514'], error: 'InvalidValueError', isRetryable: true },
  {
    codes: ['08...', 'ECONNRESET', 'ECONNABORTED', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'ETIMEDOUT'],
    messages: [
      'Connection terminated',
      'not queryable',
      'Query read timeout',
      'Client has encountered a connection error',
    ],
    error: 'DatabaseUnavailableError',
    isRetryable: false,
    retry: { cause: 'connection', when: 'repeatable' },
  },
  {
    codes: [],
    messages: ['timeout exceeded when trying to connect', 'timeout expired', 'Cannot use a pool after calling end'],
    error: 'DatabaseUnavailableError',
    isRetryable: true,
  },
  { codes: ['57014'], error: 'StatementTimeoutError', isRetryable: true },
  { codes: ['42501'], error: 'AccessRefusedError', isRetryable: true },
  { codes: ['.....'], error: 'DatabaseFaultError', isRetryable: true },
];

const sqlState = /^(?=.*\d)[0-9A-Z]{5}$/;
const patterns = errorCodes.map(({ codes }) => new RegExp(`^(?:${codes.join('|').replaceAll('*', '.*')})$`));

/** What an error of the driver means; undefined for errors that are not the driver's. */
export function findDriverFailure(error: Error): ErrorCodeRow | undefined {
  const code = toDriverCode(error);
  if (code === undefined) {
    return errorCodes.find(({ messages }) => messages?.some((message) => error.message.includes(message)));
  }
  // Whatever has five characters but is no SQLSTATE is not for the last row.
  return errorCodes.find(
    ({ codes, severity }, at) =>
      codes.length > 0 &&
      patterns[at]!.test(code) &&
      (severity === undefined || ('severity' in error && error.severity === severity)) &&
      (codes[0] !== '.....' || sqlState.test(code)),
  );
}

/** The SQLSTATE or the code of the operating system. */
export function toDriverCode(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
