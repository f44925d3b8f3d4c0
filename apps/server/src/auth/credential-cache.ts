import type { RequestCredential } from './ended-access.ts';

/** Milliseconds for which a credential is not checked again. A token can outlive its signing key by this time. */
const cacheMs = 60_000;
const credentialsMax = 20_000;

/** Remembers valid credentials, so that a call needs no lookup and no check of a signature. */
export interface CredentialCache {
  /** @param given The whole text from the client, so that a wrong signature finds nothing. */
  get(given: string): RequestCredential | undefined;
  set(given: string, credential: RequestCredential): void;
  delete(given: string): void;
}

export interface CredentialCacheOptions {
  /** The part of a credential by which it is found. Of credentials with the same part, the last one is remembered. */
  toKey: (given: string) => string;
  now?: () => number;
}

interface CacheEntry {
  given: string;
  credential: RequestCredential;
  /** Milliseconds since 1970. */
  usableUntil: number;
}

export function createCredentialCache({ toKey, now = Date.now }: CredentialCacheOptions): CredentialCache {
  const entries = new Map<string, CacheEntry>();

  return {
    get(given) {
      const key = toKey(given);
      const found = entries.get(key);
      if (found?.given !== given) return undefined;
      if (found.usableUntil > now()) return found.credential;
      entries.delete(key);
      return undefined;
    },
    set(text, credential) {
      // A part of a string holds the whole string in memory, here the header.
      const given = Buffer.from(text).toString();
      const key = toKey(given);
      // A map returns its keys in insertion order, so the first one is the oldest.
      entries.delete(key);
      if (entries.size >= credentialsMax) entries.delete(entries.keys().next().value!);
      entries.set(key, { given, credential, usableUntil: Math.min(credential.expiresAt, now() + cacheMs) });
    },
    delete: (given) => void entries.delete(toKey(given)),
  };
}
