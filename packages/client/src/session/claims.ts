/** Claims of a JWT. */
export interface Claims {
  iss?: unknown;
  sub?: unknown;
  exp?: unknown;
  iat?: unknown;
}

/** Reads the claims without verifying the signature, which is the server's task. Null if the token is not a JWT. */
export function readClaims(token: string): Claims | null {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(payload)) as Claims | null;
  } catch {
    return null;
  }
}

/** True if the claims of two tokens name different users. False if the claims of one cannot be read. */
export function areOfDifferentUsers(one: string | null, other: string | null): boolean {
  if (one === other || one === null || other === null) return false;
  const [a, b] = [readClaims(one), readClaims(other)];
  return a?.sub !== undefined && b?.sub !== undefined && (a.sub !== b.sub || a.iss !== b.iss);
}
