import type { Confirmation } from '@holdfast/api';
import { assertWithinLimit, type CreateLimiter } from '../rate-limit.ts';
import { createExternalAccounts, type ExternalAccountsOptions, type OpenAccount } from './auth.ts';
import type { RequestCredential } from './ended-access.ts';
import { hashForClient } from './password-hash.ts';
import { findPasswordHash, isRecent } from './password.ts';
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

  async function confirm({ caller, streamSessionId }: RequestCredential, password?: string): Promise<Confirmation> {
    const { userId } = caller;
    const context = await signIn.$context;
    const hash = await findPasswordHash(context.internalAdapter, userId);
    if (hash === undefined) {
      const signedInAt = streamSessionId && (await findSignIn(streamSessionId));
      return signedInAt && isRecent(signedInAt) ? 'confirmed' : 'sign-in too old';
    }
    if (password === undefined) return 'password missing';
    assertWithinLimit(await limit(`user ${userId}`), 'Too many attempts to delete. Try again later.');
    await limitPasswords({ userId, sessionId: streamSessionId });
    return (await context.password.verify({ hash, password })) ? 'confirmed' : 'password wrong';
  }

  async function findSignIn(sessionId: string): Promise<Date | undefined> {
    const sessions = rest.store.kysely.selectFrom('session').select('createdAt').where('id', '=', sessionId);
    return (await sessions.executeTakeFirst())?.createdAt;
  }

  return (credential, signal) => ({
    ...openExternal(credential, signal),
    confirm(password) {
      const key = `user ${credential.caller.userId}`;
      return hashForClient({ signal, key }, () => callSignIn(() => confirm(credential, password)));
    },
  });
}
