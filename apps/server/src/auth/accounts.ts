import { assertWithinLimit, type CreateLimiter } from '../rate-limit.ts';
import { createExternalAccounts, type ExternalAccountsOptions, type OpenAccount } from './auth.ts';
import { hashForClient } from './password-hash.ts';
import { isPassword } from './password.ts';
import { callSignIn } from './sign-in-failure.ts';
import type { SignIn } from './sign-in.ts';
import type { LimitPasswords } from './throttles/password-attempts.ts';

/** Deletions per user, from all addresses and sessions together. */
const passwordRule = { name: 'deletion', max: 5, windowSeconds: 15 * 60 };

export interface AccountsOptions extends ExternalAccountsOptions {
  signIn: SignIn;
  createLimiter: CreateLimiter;
  limitPasswords: LimitPasswords;
}

/** Accounts of the built-in sign-in. */
export function createAccounts({ signIn, createLimiter, limitPasswords, ...rest }: AccountsOptions): OpenAccount {
  const openExternal = createExternalAccounts(rest);
  const limit = createLimiter(passwordRule);
  return (caller, signal) => ({
    ...openExternal(caller, signal),
    hasPassword: true,
    isPassword: async (password) => {
      assertWithinLimit(await limit(`user ${caller.userId}`), 'Too many attempts to delete. Try again later.');
      await limitPasswords({ userId: caller.userId, sessionId: null });
      const check = async () => isPassword(await signIn.$context, caller.userId, password);
      return hashForClient(signal, () => callSignIn(check));
    },
  });
}
