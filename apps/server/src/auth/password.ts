import type { AuthContext } from 'better-auth';
import { APIError } from 'better-auth/api';

/** The parts of the library's context that a check needs. */
interface Passwords {
  internalAdapter: Pick<AuthContext['internalAdapter'], 'findCredentialAccount'>;
  password: Pick<AuthContext['password'], 'verify'>;
}

/** Someone who wants a change that only the owner of the account may make. */
interface SignedInUser {
  userId: string;
  signedInAt: Date;
}

/** Milliseconds for which a sign-in replaces the password of a user without one. */
const recentMs = 15 * 60_000;

export const isRecent = (signedInAt: Date) => Date.now() - signedInAt.getTime() < recentMs;

const findHash = async ({ internalAdapter }: Pick<Passwords, 'internalAdapter'>, userId: string) =>
  (await internalAdapter.findCredentialAccount(userId))?.password;

/** False for a user who signs in only with a provider. */
export async function hasPassword(passwords: Pick<Passwords, 'internalAdapter'>, userId: string): Promise<boolean> {
  return Boolean(await findHash(passwords, userId));
}

/** Whether this is the password of a user. False for an account without a password, too. */
export async function isPassword(passwords: Passwords, userId: string, password: string): Promise<boolean> {
  const hash = await findHash(passwords, userId);
  return hash ? passwords.password.verify({ hash, password }) : false;
}

/**
 * A user without a password must have signed in within the last 15 minutes.
 *
 * @throws APIError if the password is wrong or missing.
 */
export async function assertPassword(
  passwords: Passwords,
  { userId, signedInAt }: SignedInUser,
  password: string | undefined,
): Promise<void> {
  const hash = await findHash(passwords, userId);
  if (!hash) {
    if (isRecent(signedInAt)) return;
    const message = 'Your sign-in is too old for this change. Sign in again.';
    throw new APIError('FORBIDDEN', { code: 'SIGN_IN_AGAIN', message });
  }
  if (password !== undefined && (await passwords.password.verify({ hash, password }))) return;
  throw new APIError('BAD_REQUEST', { code: 'INVALID_PASSWORD', message: 'Invalid password' });
}
