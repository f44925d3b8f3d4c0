import { createRemoteJWKSet, jwtVerify } from 'jose';

/**
 * The token check of the baseline and the peers: signature, issuer, audience and expiry on every request.
 *
 * @returns a function from the `authorization` header to the user's ID, null if the token is missing or invalid.
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
