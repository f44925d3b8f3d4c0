import { createRemoteJWKSet, jwtVerify } from 'jose';

/**
 * The check of tokens that the floor and the peers share: signature, issuer, audience and expiry, each time anew.
 *
 * @returns a function from the `authorization` header to the user's id, null for no token or a wrong one.
 */
export function createVerifyToken(
  env: NodeJS.ProcessEnv,
): (authorization: string | undefined) => Promise<string | null> {
  const keys = createRemoteJWKSet(new URL(env['AUTH_JWKS_URL']!));
  const rules = { issuer: env['AUTH_ISSUER']!, audience: env['AUTH_AUDIENCE']!, algorithms: ['EdDSA'] };
  return async (authorization) => {
    if (authorization?.startsWith('Bearer ') !== true) return null;
    try {
      const { payload } = await jwtVerify(authorization.slice(7), keys, rules);
      return payload.sub ?? null;
    } catch {
      return null;
    }
  };
}
