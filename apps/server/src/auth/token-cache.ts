import { createCredentialCache } from './credential-cache.ts';
import type { VerifyToken } from './tokens.ts';

/** A lookup by the whole token would hash all of it. */
const toEnd = (token: string) => token.slice(-32);

/**
 * Caches verified tokens, since a signature check costs more CPU than the rest of a call. Rejected tokens are not
 * cached. An expired token is removed when it is used again.
 */
export function createTokenCache(verify: VerifyToken, now: () => number = Date.now): VerifyToken {
  const cache = createCredentialCache({ toKey: toEnd, now });
  return async (token) => {
    const cached = cache.get(token);
    if (cached !== undefined) return cached;
    const verified = await verify(token);
    if (verified !== null) cache.set(token, verified);
    return verified;
  };
}
