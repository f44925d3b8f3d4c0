import type { AuthContext } from 'better-auth';
import { APIError } from 'better-auth/api';

/** The parts of the library's context that a check needs. */
interface Passwords {
  internalAdapter: Pick<AuthContext['internalAdapter'], 'findCredentialAccount'>;
  password: Pick<AuthContext['password'], 'verify'>;
}

/** Whether this is the password of a user. False for an account without a password, too. */
export async function isPassword(
  { internalAdapter, password: hashes }: Passwords,
  userId: string,
  password: string,
): Promise<boolean> {
  const hash = (await internalAdapter.findCredentialAccount(userId))?.password;
  return hash ? hashes.verify({ hash, password }) : false;
}

/** @throws APIError if the password is wrong or missing. */
export async function assertPassword(
  passwords: Passwords,
  userId: string,
  password: string | undefined,
): Promise<void> {
  if (password !== undefined && (await isPassword(passwords, userId, password))) return;
  throw new APIError('BAD_REQUEST', { code: 'INVALID_PASSWORD', message: 'Invalid password' });
}
