import type { RequestCredential } from './ended-access.ts';
import type { VerifyToken } from './tokens.ts';

/** Milliseconds for which a verified token is not checked again. A token can outlive its signing key by this time. */
const cacheMs = 60_000;
const tokensMax = 20_000;

interface CacheEntry {
  token: string;
  /** Milliseconds since 1970. */
  usableUntil: number;
}

/**
 * Caches verified tokens, since a signature check costs more CPU than the rest of a call. Rejected tokens are not
 * cached. An expired token is removed when it is used again.
 */
export function createTokenCache(verify: VerifyToken, now: () => number = Date.now): VerifyToken {
  /** By the last part of the signature: a lookup by the whole token would hash all of it. */
  const verifiedTokens = new Map<string, RequestCredential & CacheEntry>();

  async function check(token: string): Promise<RequestCredential | null> {
    const verified = await verify(token);
    if (verified === null) return null;
    // A map returns its keys in insertion order, so the first one is the oldest.
    if (verifiedTokens.size >= tokensMax) verifiedTokens.delete(verifiedTokens.keys().next().value!);
    const cached = { ...verified, token, usableUntil: Math.min(verified.expiresAt, now() + cacheMs) };
    verifiedTokens.set(toKey(token), cached);
    return cached;
  }

  return async (token) => {
    const found = verifiedTokens.get(toKey(token));
    if (found?.token !== token) return check(token);
    if (found.usableUntil > now()) return found;
    verifiedTokens.delete(toKey(token));
    return check(token);
  };
}

const toKey = (token: string) => token.slice(-32);
