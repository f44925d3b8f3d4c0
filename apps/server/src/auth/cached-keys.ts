import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** The issuer's keys cannot be loaded, so no token can be checked. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
  readonly code = 'KEYS_UNAVAILABLE';
  readonly retryAfterMs = 1000;
}

export interface CachedKeysOptions {
  load: () => Promise<JSONWebKeySet>;
  issuer: string;
  /** Milliseconds between the starts of two loads. */
  intervalMs: number;
  /** Milliseconds after which the keys are loaded again. */
  maxAgeMs: number;
}

/** Tokens with an unknown key that wait for the next load at the same time. */
const waitingMax = 1000;

/**
 * Caches the keys of an issuer. A token of this issuer with an unknown key is refused only after a load that started later
 * than the token arrived. All such tokens share one load per interval, however many there are.
 *
 * @throws (when called) KeysUnavailableError if too many tokens wait, and the errors of `load`.
 */
export function createCachedKeys({ load, issuer, intervalMs, maxAgeMs }: CachedKeysOptions): JWTVerifyGetKey {
  // A load belongs to no request: it must not end with one, nor count as its cost.
  const outsideOfRequests = AsyncLocalStorage.snapshot();
  let keys: JWTVerifyGetKey | undefined;
  /** The starts of the last load that succeeded, and of the last one at all. */
  let [loadedAt, startedAt] = [-Infinity, -Infinity];
  /** The load that waits for its time, and the one that has begun. */
  let next: Promise<JWTVerifyGetKey> | undefined;
  let begun: Promise<JWTVerifyGetKey> | undefined;
  let waiting = 0;
  /** After a load, each token has a turn of the event loop, so that other requests do not wait for all of them. */
  let lastTurn: Promise<void> = Promise.resolve();

  async function loadNext(): Promise<JWTVerifyGetKey> {
    await sleep(Math.max(0, startedAt + intervalMs - performance.now()));
    // Unknown keys of tokens that arrive from now on need another load.
    [next, begun] = [undefined, next];
    const now = (startedAt = performance.now());
    try {
      keys = createLocalJWKSet(await load());
      loadedAt = now;
      return keys;
    } catch (error) {
      // The next token tries again at once.
      startedAt = -Infinity;
      throw error;
    } finally {
      begun = undefined;
    }
  }

  async function waitForLoad(load = next): Promise<JWTVerifyGetKey> {
    if (waiting >= waitingMax) throw new KeysUnavailableError('Too many tokens wait for keys. Try again later.');
    waiting += 1;
    try {
      const loaded = await (load ?? (next = outsideOfRequests(loadNext)));
      await (lastTurn = lastTurn.then(() => nextTurn()));
      return loaded;
    } finally {
      waiting -= 1;
    }
  }

  return async (header, token) => {
    const isOutdated = keys === undefined || performance.now() - loadedAt > maxAgeMs;
    // Many tokens arrive while outdated keys are loaded again. They need not wait for another load.
    const shared = isOutdated ? begun : undefined;
    const current = isOutdated ? await waitForLoad(shared) : keys!;
    try {
      return await current(header, token);
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey && (!isOutdated || shared !== undefined);
      if (!isUnknown || findIssuer(token.payload) !== issuer) throw error;
      return (await waitForLoad())(header, token);
    }
  };
}

/** The issuer that a token names, without a check of its signature. */
function findIssuer(payload: string | Uint8Array): unknown {
  try {
    return (JSON.parse(Buffer.from(String(payload), 'base64url').toString()) as { iss?: unknown } | null)?.iss;
  } catch {
    return undefined;
  }
}
