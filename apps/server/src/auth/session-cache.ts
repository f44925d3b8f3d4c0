import type { RequestCredential } from './ended-access.ts';

/** Milliseconds for which a session is not looked up again. */
const cacheMs = 60_000;
const sessionsMax = 20_000;

/** The sessions of cookies, so that a call with a cookie needs no lookup. Only valid ones are remembered. */
export interface SessionCache {
  /** @param cookie The value with its signature, so that a wrong signature finds nothing. */
  get(cookie: string): RequestCredential | undefined;
  set(cookie: string, credential: RequestCredential): void;
  delete(cookie: string): void;
}

export function createSessionCache(now: () => number = Date.now): SessionCache {
  const sessions = new Map<string, { credential: RequestCredential; usableUntil: number }>();

  return {
    get(cookie) {
      const found = sessions.get(cookie);
      if (found === undefined || found.usableUntil > now()) return found?.credential;
      sessions.delete(cookie);
      return undefined;
    },
    set(cookie, credential) {
      // A map returns its keys in insertion order, so the first one is the oldest.
      sessions.delete(cookie);
      if (sessions.size >= sessionsMax) sessions.delete(sessions.keys().next().value!);
      sessions.set(cookie, { credential, usableUntil: Math.min(credential.expiresAt, now() + cacheMs) });
    },
    delete: (cookie) => void sessions.delete(cookie),
  };
}
