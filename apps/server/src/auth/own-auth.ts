import { type Auth, createAuthenticate } from './auth.ts';
import { createSessions } from './sessions.ts';
import { monitorSignIn } from './sign-in-failure.ts';
import { createSignInRoutes } from './sign-in-routes.ts';
import { createSignIn, type SignInOptions } from './sign-in.ts';
import { createTokenCache } from './token-cache.ts';
import { createOwnKeys, createVerifyToken } from './tokens.ts';

/** The built-in sign-in: tokens and sessions of our own. */
export function createOwnAuth(options: SignInOptions): Auth {
  const { publicUrl, trustedOrigins } = options;
  const signIn = createSignIn(options);
  const keys = createOwnKeys(() => monitorSignIn(() => signIn.api.getJwks()));
  const verifyToken = createTokenCache(createVerifyToken({ issuer: publicUrl, audience: publicUrl, keys }));
  const origins = new Set([publicUrl, ...trustedOrigins]);
  return {
    authenticate: createAuthenticate({ verifyToken, sessions: createSessions(signIn), origins }),
    routes: createSignInRoutes(signIn, publicUrl),
  };
}
