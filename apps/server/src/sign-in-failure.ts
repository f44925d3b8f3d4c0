import { AsyncLocalStorage } from 'node:async_hooks';
import { toNamedError } from '@holdfast/db';
import { isAPIError } from 'better-auth/api';

interface Watch {
  failure?: Error;
}

/** The key that signs tokens was sealed with another secret. */
export class SealedKeysError extends Error {
  override readonly name = 'SealedKeysError';
  readonly code = 'SEALED_KEYS';

  constructor(options: ErrorOptions) {
    const message =
      'no tokens: the keys in auth.jwks were sealed with another AUTH_SECRET; docs/operations.md, Secrets, says how to change it';
    super(message, options);
  }
}

const watches = new AsyncLocalStorage<Watch>();

/** For the sign-in library's logger: remembers what failed, and drops the texts, which hold users' addresses. */
export function noteFailure(_level: string, _message: string, ...details: unknown[]): void {
  const watch = watches.getStore();
  const failure = details.find((detail) => detail instanceof Error && !isAPIError(detail)) as Error | undefined;
  if (watch && failure) watch.failure ??= failure;
}

/**
 * Runs work of the sign-in library and throws what failed beneath it: with the database gone the library itself
 * answers that there is no session, or that an account could not be made.
 *
 * @throws the named errors of the database, and the library's own refusals as they are.
 */
export async function watchSignIn<Result>(work: () => Promise<Result>): Promise<Result> {
  const watch: Watch = {};
  try {
    const result = await watches.run(watch, work);
    if (watch.failure === undefined) return result;
  } catch (error) {
    if (!isAPIError(error)) watch.failure = error as Error;
    if (watch.failure === undefined) throw error;
  }
  throw isSealedKey(watch.failure) ? new SealedKeysError({ cause: watch.failure }) : toNamedError(watch.failure);
}

/** The library names it by its text alone, and leaves it no stack. */
const isSealedKey = ({ name, message }: Error) =>
  name === 'BetterAuthError' && message.startsWith('Failed to decrypt private key');
