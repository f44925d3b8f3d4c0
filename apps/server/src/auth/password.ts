import type { AuthContext } from 'better-auth';
import { APIError } from 'better-auth/api';
import { z } from 'zod';
import type { LimitPasswords } from './throttles/password-attempts.ts';

type Accounts = Pick<AuthContext['internalAdapter'], 'findCredentialAccount'>;

/** The parts of the library's context of a route that a check needs. */
interface SignedIn {
  internalAdapter: Accounts;
  password: Pick<AuthContext['password'], 'verify'>;
  session: { user: { id: string }; session: { id: string; createdAt: Date } };
}

/** Milliseconds for which a sign-in replaces the password of a user without one. */
const recentMs = 15 * 60_000;

export const isRecent = (signedInAt: Date) => Date.now() - signedInAt.getTime() < recentMs;

/** The password in the body of a route that calls `assertPassword`. */
export const currentPassword = z.string().max(128).optional();

/** The hash of a user's password. Undefined for a user who signs in only with a provider. */
export async function findPasswordHash(accounts: Accounts, userId: string): Promise<string | undefined> {
  return (await accounts.findCredentialAccount(userId))?.password || undefined;
}

/**
 * Asserts that the owner of the account sends a request, with a check that counts. A user without a password must have signed in
 * within the last 15 minutes.
 *
 * @throws APIError if the password is wrong or missing.
 * @throws TRPCError TOO_MANY_REQUESTS
 */
export async function assertPassword(
  { internalAdapter, password: hashes, session: { user, session } }: SignedIn,
  password: string | undefined,
  limitPasswords: LimitPasswords,
): Promise<void> {
  await limitPasswords({ userId: user.id, sessionId: session.id });
  const hash = await findPasswordHash(internalAdapter, user.id);
  if (hash === undefined) {
    if (isRecent(session.createdAt)) return;
    const message = 'Your sign-in is too old for this change. Sign in again.';
    throw new APIError('FORBIDDEN', { code: 'SIGN_IN_AGAIN', message });
  }
  if (password !== undefined && (await hashes.verify({ hash, password }))) return;
  throw new APIError('BAD_REQUEST', { code: 'INVALID_PASSWORD', message: 'Invalid password' });
}
