import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { type AuthStore, useApiToken } from '@holdfast/db';
import { generateRandomString } from 'better-auth/crypto';
import { createCredentialCache } from '../credential-cache.ts';
import type { RequestCredential } from '../ended-access.ts';

const prefix = 'hf_';
const form = /^hf_[A-Za-z0-9]{40}$/;

/** Without `-` and `_`, so that a double click selects all of it but the prefix. */
export const createTokenText = () => prefix + generateRandomString(40, 'a-z', 'A-Z', '0-9');

/** The token is random, so a fast hash without a salt is sufficient. */
export const hashToken = (token: string) => createHash('sha256').update(token).digest('base64url');

/** Whether a bearer token is meant as an API token. No other kind of token starts like this. */
export const isApiToken = (token: string) => token.startsWith(prefix);

/** The API tokens of the built-in sign-in. */
export interface ApiTokens {
  /** The user of a token that was looked up in the last minute. Its access may have ended since. */
  findCached(token: string): RequestCredential | undefined;
  /** The next call with this token looks it up. */
  forget(token: string): void;
  /** Whether a lookup could find the token. */
  isPossible(token: string): boolean;
  /**
   * Looks up the user of a token. Requests with the same token at once share one lookup.
   *
   * @throws DatabaseUnavailableError if the token cannot be read.
   */
  find(token: string): Promise<RequestCredential | null>;
}

export function createApiTokens(store: AuthStore): ApiTokens {
  // A lookup belongs to no single request: it must not end with one.
  const outsideOfRequests = AsyncLocalStorage.snapshot();
  const cache = createCredentialCache({ toKey: (token) => token });
  const lookups = new Map<string, Promise<RequestCredential | null>>();

  async function lookUp(token: string): Promise<RequestCredential | null> {
    const issuedAt = Date.now();
    const found = await useApiToken(store, hashToken(token));
    if (found === undefined) return null;
    const { id, userId, email, name, scope, expiresAt } = found;
    const credential = {
      caller: { userId, profile: { email, name }, tokenScope: scope },
      streamSessionId: id,
      issuedAt,
      expiresAt: expiresAt?.getTime() ?? Infinity,
    };
    cache.set(token, { ...credential, sessionId: id });
    // The token was read just now, so it has not ended, although the user may have been erased.
    return { ...credential, sessionId: null };
  }

  return {
    findCached: cache.get,
    forget: cache.delete,
    isPossible: (token) => form.test(token),
    async find(token) {
      if (!form.test(token)) return null;
      let lookup = lookups.get(token);
      if (lookup === undefined) {
        lookup = outsideOfRequests(lookUp, token).finally(() => lookups.delete(token));
        lookups.set(token, lookup);
      }
      return lookup;
    },
  };
}
