import { readClaims } from './claims.ts';
import { HoldfastError, isHoldfastError } from './errors.ts';
import type { TokenSource } from './token-source.ts';

/** Stores the session across restarts and reloads. A session is like a password: only the app must be able to read it. */
export interface SessionStorage {
  /** Returns the stored session. Null, undefined or an empty string if there is none. */
  load(): Promise<string | null | undefined> | string | null | undefined;
  /** Null after the user signed out. */
  save(session: string | null): Promise<void> | void;
}

/** Tokens of the signed-in user. */
export interface SessionTokens extends TokenSource {
  /** Replaces the session. Null signs the user out. */
  replace(session: string | null): Promise<void>;
  /** The stored session. Null if there is no session. */
  load(): Promise<string | null>;
}

interface Token {
  text: string;
  /** Time by the clock of this machine. It can differ from the server's clock. */
  receivedAt: number;
  lifeMs: number;
}

export interface SessionOptions {
  storage?: SessionStorage | undefined;
  /** Requests a token from the server. @throws HoldfastError */
  fetchToken: (session: string) => Promise<string>;
}

/** A token is renewed after this share of its life. */
const freshShare = 0.9;

export function createSessionTokens({ storage, fetchToken }: SessionOptions): SessionTokens {
  let generation = 0;
  let loading: Promise<string | null> | undefined;
  let token: Token | undefined;
  let refreshing: Promise<string> | undefined;
  let saving: Promise<void> = Promise.resolve();

  function load(): Promise<string | null> {
    const current = (loading ??= loadFrom(storage));
    // After a failure, the next call loads again.
    current.catch(() => (loading = loading === current ? undefined : loading));
    return current;
  }

  function refresh(session: string): Promise<string> {
    if (refreshing) return refreshing;
    const startedIn = generation;
    const current = fetchToken(session)
      .then((text) => {
        if (startedIn === generation) token = { text, receivedAt: Date.now(), lifeMs: toLifeMs(text) };
        return text;
      })
      .finally(() => {
        if (refreshing === current) refreshing = undefined;
      });
    return (refreshing = current);
  }

  return {
    generation: () => generation,
    load,
    async get() {
      const startedIn = generation;
      const session = await load();
      // A user who signed in during the load must not get a token of the loaded session.
      if (session === null || startedIn !== generation) return null;
      if (token && isWithin(token, freshShare)) return token.text;
      try {
        return await refresh(session);
      } catch (error) {
        // If the server cannot issue a token now, the old one is used until it expires.
        const isEnded = isHoldfastError(error, 'UNAUTHORIZED');
        if (!isEnded && token && isWithin(token, 1)) return token.text;
        throw error;
      }
    },
    refuse(text) {
      if (token?.text === text) token = undefined;
    },
    async replace(session) {
      generation += 1;
      loading = Promise.resolve(session);
      token = refreshing = undefined;
      // Saves run one after another, so that a slow save cannot overwrite a newer session.
      saving = saving.catch(() => {}).then(() => saveTo(storage, session));
      await saving;
    },
  };
}

async function loadFrom(storage: SessionStorage | undefined): Promise<string | null> {
  try {
    return (await storage?.load()) || null;
  } catch (cause) {
    throw toStorageError(cause, { isRetryable: true });
  }
}

async function saveTo(storage: SessionStorage | undefined, session: string | null): Promise<void> {
  try {
    await storage?.save(session);
  } catch (cause) {
    // The sign-in or sign-out has happened. It lasts until the page or process ends.
    throw toStorageError(cause, { isRetryable: false });
  }
}

function toStorageError(cause: unknown, { isRetryable }: { isRetryable: boolean }): HoldfastError {
  return new HoldfastError({
    code: 'CALLBACK_FAILED',
    message: 'The storage of the app failed. See `cause`.',
    isRetryable,
    cause,
  });
}

/** False if the clock was set back, because the token's age is then unknown. */
function isWithin({ receivedAt, lifeMs }: Token, share: number): boolean {
  const age = Date.now() - receivedAt;
  return age >= 0 && age < lifeMs * share;
}

/** Lifetime of a token in milliseconds. Both times are from the server's clock, so no clock must be correct. */
function toLifeMs(token: string): number {
  const { exp, iat } = readClaims(token) ?? {};
  return (Number(exp) - Number(iat)) * 1000 || 0;
}
