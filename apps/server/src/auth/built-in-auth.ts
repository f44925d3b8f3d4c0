import { createAccounts } from './accounts.ts';
import { createApiTokens } from './api-tokens/api-tokens.ts';
import { type Auth, createAuthenticate, openEndedAccess } from './auth.ts';
import { createCachedKeys } from './cached-keys.ts';
import { listProviders } from './providers/providers.ts';
import { createSessions } from './sessions.ts';
import { callSignIn } from './sign-in-failure.ts';
import { createSignInRoutes } from './sign-in-routes.ts';
import { createSignIn, type SignInOptions } from './sign-in.ts';
import { createPasswordLimit } from './throttles/password-attempts.ts';
import { createTokenCache } from './token-cache.ts';
import { createVerifyToken } from './tokens.ts';

/** The built-in sign-in, which issues tokens and stores sessions. */
export function createBuiltInAuth(options: SignInOptions): Auth {
  const { store, publicUrl, trustedOrigins, createLimiter, providers, peers, toShare } = options;
  const { endedAccess, invalidate } = openEndedAccess(store, peers);
  const limitPasswords = createPasswordLimit(createLimiter);
  const signIn = createSignIn({ ...options, limitPasswords, onSessionsEnded: invalidate });
  const load = () => callSignIn(() => signIn.api.getJwks());
  const keys = createCachedKeys({ load, issuer: publicUrl, intervalMs: 1000, maxAgeMs: 60_000 });
  const token = { issuer: publicUrl, audience: publicUrl, subjects: 'uuids', hasSessions: true } as const;
  const verifyToken = createTokenCache(createVerifyToken({ ...token, keys }));
  const origins = new Set([publicUrl, ...trustedOrigins]);
  // One connection stays free for sign-ins and sessions, since each sign-up occupies one.
  const signUpsMax = store.poolMax - 1;
  const sessions = createSessions(signIn);
  const apiTokens = createApiTokens(store);
  const { assertNamedUser, ...auth } = createAuthenticate({ verifyToken, endedAccess, sessions, apiTokens, origins });
  return {
    ...auth,
    endedAccess,
    openAccount: createAccounts({ store, onErased: invalidate, signIn, createLimiter, limitPasswords }),
    routes: createSignInRoutes(signIn, {
      publicUrl,
      providers: listProviders(providers),
      signUpsMax,
      toShare,
      assertNamedUser,
    }),
  };
}
