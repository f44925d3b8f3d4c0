import type { Caller } from '@holdfast/api';
import { type CreateLimiter, type Limiter, toTooManyRequests } from '../rate-limit.ts';
import { createExternalAccounts, type ExternalAccountsOptions, type OpenAccount } from './auth.ts';
import { hashForClient } from './password-hash.ts';
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
      await countCheck(limit, caller);
      return hashForClient(signal, () => callSignIn(() => isPassword(signIn, caller, password)));
    },
  });
}

/** @throws TRPCError TOO_MANY_REQUESTS */
async function countCheck(limit: Limiter, { userId }: Caller): Promise<void> {
  const retryAfterMs = await limit(`user ${userId}`);
  if (retryAfterMs !== null) throw toTooManyRequests('Too many attempts to delete. Try again later.', retryAfterMs);
}

/** False for an account without a password, too. */
async function isPassword(signIn: SignIn, { userId }: Caller, password: string): Promise<boolean> {
  const { internalAdapter, password: hashes } = await signIn.$context;
  const accounts = await internalAdapter.findAccounts(userId);
  const hash = accounts.find(({ providerId }) => providerId === 'credential')?.password;
  return hash ? hashes.verify({ hash, password }) : false;
}
