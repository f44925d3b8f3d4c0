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

interface CacheEntry {
  cookie: string;
  credential: RequestCredential;
  /** Milliseconds since 1970. */
  usableUntil: number;
}

export function createSessionCache(now: () => number = Date.now): SessionCache {
  /** By the token of the session: the signature can be encoded in many ways, and one user could fill the cache with them. */
  const sessions = new Map<string, CacheEntry>();

  return {
    get(cookie) {
      const found = sessions.get(toToken(cookie));
      if (found?.cookie !== cookie) return undefined;
      if (found.usableUntil > now()) return found.credential;
      sessions.delete(toToken(cookie));
      return undefined;
    },
    set(given, credential) {
      // A part of a string keeps all of it in memory, here the whole header.
      const cookie = Buffer.from(given).toString();
      const token = toToken(cookie);
      // A map returns its keys in insertion order, so the first one is the oldest.
      sessions.delete(token);
      if (sessions.size >= sessionsMax) sessions.delete(sessions.keys().next().value!);
      sessions.set(token, { cookie, credential, usableUntil: Math.min(credential.expiresAt, now() + cacheMs) });
    },
    delete: (cookie) => void sessions.delete(toToken(cookie)),
  };
}

const toToken = (cookie: string) => cookie.split('.', 1)[0]!;
