/** What a JWT says of itself. */
export interface Claims {
  iss?: unknown;
  sub?: unknown;
  exp?: unknown;
  iat?: unknown;
}

/** Reads a token without proving it, which is the server's; null for what is no JWT. */
export function readClaims(token: string): Claims | null {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(payload)) as Claims | null;
  } catch {
    return null;
  }
}

/** Whether two tokens are known to be of different users; tokens that cannot be read tell nothing. */
export function areOfDifferentUsers(one: string | null, other: string | null): boolean {
  if (one === other || one === null || other === null) return false;
  const [a, b] = [readClaims(one), readClaims(other)];
  return a?.sub !== undefined && b?.sub !== undefined && (a.sub !== b.sub || a.iss !== b.iss);
}
