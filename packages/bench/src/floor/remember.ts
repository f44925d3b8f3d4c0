type VerifyToken = (authorization: string | undefined) => Promise<string | null>;

const rememberMs = 60_000;

/** Takes a token that has been verified at its word for a minute, as Holdfast does. */
export function rememberTokens(verifyToken: VerifyToken): VerifyToken {
  const known = new Map<string, { userId: string; endsAt: number }>();
  return async (authorization = '') => {
    const found = known.get(authorization);
    if (found !== undefined && found.endsAt > Date.now()) return found.userId;
    const userId = await verifyToken(authorization);
    if (userId !== null) known.set(authorization, { userId, endsAt: Date.now() + rememberMs });
    return userId;
  };
}
