import { AsyncLocalStorage } from 'node:async_hooks';
import { AccessRefusedError, toNamedError } from '@holdfast/db';
import { isAPIError } from 'better-auth/api';

interface Watch {
  failure?: Error;
}

/** The sign-in cannot work until somebody mends how it is set up; the message says what, and goes to the log. */
export class SignInSetupError extends Error {
  override readonly name = 'SignInSetupError';
  readonly code = 'SIGN_IN_SETUP';
}

const watches = new AsyncLocalStorage<Watch>();

/** For the sign-in library's logger: remembers what failed, and drops the texts, which hold users' addresses. */
export function recordFailure(_level: string, _message: string, ...details: unknown[]): void {
  const watch = watches.getStore();
  const failure = details.find((detail) => detail instanceof Error && !isAPIError(detail)) as Error | undefined;
  if (watch && failure) watch.failure ??= failure;
}

/**
 * Runs work of the sign-in library and throws what failed beneath it: with the database gone the library itself
 * answers that there is no session, or that an account could not be made.
 *
 * @throws the named errors of the database, SignInSetupError, and the library's own refusals as they are.
 */
export async function monitorSignIn<Result>(work: () => Promise<Result>): Promise<Result> {
  const watch: Watch = {};
  try {
    const result = await watches.run(watch, work);
    if (watch.failure === undefined) return result;
  } catch (error) {
    if (!isAPIError(error)) watch.failure = error as Error;
    if (watch.failure === undefined) throw error;
  }
  throw toSignInError(watch.failure);
}

function toSignInError(cause: Error): unknown {
  const named = toNamedError(cause);
  // No row is hidden from the sign-in, so this is not about whose it is.
  if (named instanceof AccessRefusedError)
    return toSetupError('the database user lacks rights on the schema auth', cause);
  // The library names it by its text alone, and leaves it no stack.
  const isSealed = cause.name === 'BetterAuthError' && cause.message.startsWith('Failed to decrypt private key');
  return isSealed ? toSetupError('the keys in auth.jwks were sealed with another AUTH_SECRET', cause) : named;
}

const toSetupError = (what: string, cause: Error) =>
  new SignInSetupError(`sign-in is not set up: ${what}; docs/operations.md tells the cure`, { cause });

/** What the log says of an error that nobody foresaw, or that only the operator can mend. */
export function toAlarm(cause: unknown): string {
  return cause instanceof SignInSetupError ? cause.message : 'unexpected error';
}
