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
  const known = new Map<string, VerifiedToken>();

  async function check(token: string): Promise<Caller | null> {
    const verified = await verify(token);
    if (verified === null) return null;
    // A map gives its keys in the order in which they came.
    if (known.size >= tokensMax) known.delete(known.keys().next().value!);
    known.set(token, { caller: verified.caller, expiresAt: Math.min(verified.expiresAt, now() + trustMs) });
    return verified.caller;
  }

  return async (token) => {
    const found = known.get(token);
    if (found === undefined) return check(token);
    if (found.expiresAt > now()) return found.caller;
    known.delete(token);
    return check(token);
  };
}
