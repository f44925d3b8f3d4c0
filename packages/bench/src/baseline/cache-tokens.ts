type VerifyToken = (authorization: string | undefined) => Promise<string | null>;

const cacheMs = 60_000;

/** Caches verified tokens for one minute, like Holdfast. */
export function cacheTokens(verifyToken: VerifyToken): VerifyToken {
  const cache = new Map<string, { userId: string; endsAt: number }>();
  return async (authorization = '') => {
    const found = cache.get(authorization);
    if (found !== undefined && found.endsAt > Date.now()) return found.userId;
    const userId = await verifyToken(authorization);
    if (userId !== null) cache.set(authorization, { userId, endsAt: Date.now() + cacheMs });
    return userId;
  };
}
