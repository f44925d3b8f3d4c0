import { type Auth, createAuthenticate } from './auth.ts';
import { createSessions } from './sessions.ts';
import { callSignIn } from './sign-in-failure.ts';
import { createSignInRoutes } from './sign-in-routes.ts';
import { createSignIn, type SignInOptions } from './sign-in.ts';
import { createTokenCache } from './token-cache.ts';
import { createCachedKeys, createVerifyToken } from './tokens.ts';

/** The built-in sign-in, which issues tokens and stores sessions. */
export function createBuiltInAuth(options: SignInOptions): Auth {
  const { store, publicUrl, trustedOrigins } = options;
  const signIn = createSignIn(options);
  const keys = createCachedKeys(() => callSignIn(() => signIn.api.getJwks()));
  const verifyToken = createTokenCache(createVerifyToken({ issuer: publicUrl, audience: publicUrl, keys }));
  const origins = new Set([publicUrl, ...trustedOrigins]);
  // One connection stays free for sign-ins and sessions, since each sign-up occupies one.
  const signUpsMax = store.poolMax - 1;
  return {
    authenticate: createAuthenticate({ verifyToken, sessions: createSessions(signIn), origins }),
    routes: createSignInRoutes(signIn, { publicUrl, signUpsMax }),
  };
}
