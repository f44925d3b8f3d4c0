import {
  addApiToken,
  type AuthStore,
  isStorableText,
  listApiTokens,
  removeApiToken,
  tokensPerUserMax,
} from '@holdfast/db';
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from 'better-auth/api';
import { z } from 'zod';
import { assertPassword, currentPassword } from '../password.ts';
import type { LimitPasswords } from '../throttles/password-attempts.ts';
import { createTokenText, hashToken } from './api-tokens.ts';

export interface TokenRoutesOptions {
  store: AuthStore;
  limitPasswords: LimitPasswords;
}

const dayMs = 86_400_000;

const createBody = z.object({
  name: z
    .string()
    .min(1)
    .max(100)
    .refine((text) => text.trim() !== '' && isStorableText(text), { error: 'must be storable and not blank' }),
  scope: z.enum(['read', 'write']),
  expiresInDays: z.int().min(1).max(3650).nullish(),
  password: currentPassword,
});

/**
 * The routes with which a session creates, lists and ends API tokens. The library never accepts an API token as a session, so a token
 * cannot call them.
 */
export function createTokenRoutes({ store, limitPasswords }: TokenRoutesOptions) {
  return {
    listTokens: createAuthEndpoint(
      '/list-tokens',
      { method: 'GET', use: [sensitiveSessionMiddleware] },
      async (context) => context.json(await listApiTokens(store, context.context.session.user.id)),
    ),
    createToken: createAuthEndpoint(
      '/create-token',
      { method: 'POST', body: createBody, use: [sensitiveSessionMiddleware] },
      async (context) => {
        const { name, scope, expiresInDays, password } = context.body;
        const userId = context.context.session.user.id;
        // A malicious script in a page can use the cookie, but only while the page is open. A token would outlive it.
        if (!context.headers?.has('authorization')) await assertPassword(context.context, password, limitPasswords);
        const token = createTokenText();
        const expiresAt = expiresInDays ? new Date(Date.now() + expiresInDays * dayMs) : null;
        const added = await addApiToken(store, { userId, name: name.trim(), scope, hash: hashToken(token), expiresAt });
        if (added === undefined) {
          const message = `You have ${tokensPerUserMax} API tokens already. Revoke one first.`;
          throw new APIError('BAD_REQUEST', { code: 'TOO_MANY_TOKENS', message });
        }
        return context.json({ ...added, token });
      },
    ),
    revokeToken: createAuthEndpoint(
      '/revoke-token',
      { method: 'POST', body: z.object({ id: z.uuid() }), use: [sensitiveSessionMiddleware] },
      async (context) => {
        await removeApiToken(store, context.context.session.user.id, context.body.id);
        return context.json({ status: true });
      },
    ),
  };
}
