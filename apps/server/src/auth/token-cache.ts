import type { Caller } from '@holdfast/api';
import type { VerifiedToken, VerifyToken } from './tokens.ts';

/** How long a verified token is taken at its word, in milliseconds; so much longer it may outlive the key it was signed with. */
const trustMs = 60_000;
const tokensMax = 20_000;

/**
 * Remembers verified tokens, since checking a signature costs more than everything else that a call does in the
 * process. A token that was refused is checked anew each time; one that expires is forgotten then.
 */
export function createTokenCache(
  verify: VerifyToken,
  now: () => number = Date.now,
): (token: string) => Promise<Caller | null> {
  /** By the token's end, most of its signature: to look a whole token up means to hash all of it. */
  const known = new Map<string, VerifiedToken & { token: string }>();

  async function check(token: string): Promise<Caller | null> {
    const verified = await verify(token);
    if (verified === null) return null;
    // A map gives its keys in the order in which they came.
    if (known.size >= tokensMax) known.delete(known.keys().next().value!);
    const { caller } = verified;
    known.set(toKey(token), { token, caller, expiresAt: Math.min(verified.expiresAt, now() + trustMs) });
    return caller;
  }

  return async (token) => {
    const found = known.get(toKey(token));
    if (found?.token !== token) return check(token);
    if (found.expiresAt > now()) return found.caller;
    known.delete(toKey(token));
    return check(token);
  };
}

const toKey = (token: string) => token.slice(-32);
