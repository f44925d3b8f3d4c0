import { AsyncLocalStorage } from 'node:async_hooks';
import { AccessRefusedError, toNamedError } from '@holdfast/db';
import { isAPIError } from 'better-auth/api';

interface Capture {
  failure?: Error;
}

/** Sign-in cannot work until the operator changes the setup. The message, which is logged, names the cause. */
export class SignInSetupError extends Error {
  override readonly name = 'SignInSetupError';
  readonly code = 'SIGN_IN_SETUP';
}

const captures = new AsyncLocalStorage<Capture>();

/** A log function for the sign-in library. Captures the first error and drops the texts, which contain users' addresses. */
export function captureFailure(_level: string, _message: string, ...details: unknown[]): void {
  const capture = captures.getStore();
  const failure = details.find((detail) => detail instanceof Error && !isAPIError(detail)) as Error | undefined;
  if (capture && failure) capture.failure ??= failure;
}

/**
 * Calls the sign-in library and throws the error behind a failed call. Without this, the library reports a database
 * failure as a missing session, or as an account that could not be created.
 *
 * @param isExpected Whether this result counts, although the library has logged an error.
 * @throws the named errors of the database, SignInSetupError, and the library's API errors unchanged.
 */
export async function callSignIn<Result>(
  work: () => Promise<Result>,
  isExpected: (result: Result) => boolean = () => false,
): Promise<Result> {
  const capture: Capture = {};
  try {
    const result = await captures.run(capture, work);
    if (capture.failure === undefined || isExpected(result)) return result;
  } catch (error) {
    if (!isAPIError(error)) capture.failure = error as Error;
    if (capture.failure === undefined) throw error;
  }
  throw toSignInError(capture.failure);
}

function toSignInError(cause: Error): unknown {
  const named = toNamedError(cause);
  // Row-level security does not apply to sign-in, so a missing privilege is the only possible cause.
  if (named instanceof AccessRefusedError) {
    return toSetupError('the database user lacks rights on the schema auth', cause);
  }
  // The library's error has no code and no stack, only this text.
  const isKeyError = cause.name === 'BetterAuthError' && cause.message.startsWith('Failed to decrypt private key');
  return isKeyError ? toSetupError('the keys in auth.jwks are encrypted with another AUTH_SECRET', cause) : named;
}

const toSetupError = (problem: string, cause: Error) =>
  new SignInSetupError(`sign-in is not set up: ${problem}. See docs/operations.md.`, { cause });

/** The log message of an unexpected error, or of one that only the operator can fix. */
export function toLogMessage(cause: unknown): string {
  return cause instanceof SignInSetupError ? cause.message : 'unexpected error';
}
