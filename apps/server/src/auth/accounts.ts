import { assertWithinLimit, type CreateLimiter } from '../rate-limit.ts';
import { createExternalAccounts, type ExternalAccountsOptions, type OpenAccount } from './auth.ts';
import { hashForClient } from './password-hash.ts';
import { isPassword } from './password.ts';
import { callSignIn } from './sign-in-failure.ts';
import type { SignIn } from './sign-in.ts';

/**
 * Checks per user, from all addresses and sessions together. Someone with a stolen session could otherwise use them to guess the
 * password. The limit does not affect the sign-in.
 */
const passwordRule = { name: 'deletion', max: 5, windowSeconds: 15 * 60 };

export interface AccountsOptions extends ExternalAccountsOptions {
  signIn: SignIn;
  createLimiter: CreateLimiter;
}

/** Accounts of the built-in sign-in. */
export function createAccounts({ signIn, createLimiter, ...rest }: AccountsOptions): OpenAccount {
  const openExternal = createExternalAccounts(rest);
  const limit = createLimiter(passwordRule);
  return (caller, signal) => ({
    ...openExternal(caller, signal),
    hasPassword: true,
    isPassword: async (password) => {
      assertWithinLimit(await limit(`user ${caller.userId}`), 'Too many attempts to delete. Try again later.');
      const check = async () => isPassword(await signIn.$context, caller.userId, password);
      return hashForClient(signal, () => callSignIn(check));
    },
  });
}
