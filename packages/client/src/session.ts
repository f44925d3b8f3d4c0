import { readClaims } from './claims.ts';
import type { Credentials } from './credentials.ts';
import { Failure } from './errors.ts';

/** Keeps the session over restarts and reloads. It is as good as a password: keep it where only the app can read it. */
export interface SessionStorage {
  load(): Promise<string | null | undefined> | string | null | undefined;
  /** Null when the user has signed out. */
  save(session: string | null): Promise<void> | void;
}

/** Who is signed in, and the tokens that come of it. */
export interface Session extends Credentials {
  /** Takes the place of whoever was signed in; null for nobody. */
  replace(session: string | null): Promise<void>;
  /** The session as it is kept; null without one. */
  load(): Promise<string | null>;
}

interface Token {
  text: string;
  /** By this machine's own clock, whatever the server's says. */
  receivedAt: number;
  lifeMs: number;
}

export interface SessionOptions {
  storage?: SessionStorage | undefined;
  /** Asks the server for a token. @throws a Failure. */
  fetchToken: (session: string) => Promise<string>;
}

/** A token is renewed when a tenth of its life is left. */
const freshShare = 0.9;

export function createSession({ storage, fetchToken }: SessionOptions): Session {
  let holder = 0;
  let loading: Promise<string | null> | undefined;
  let token: Token | undefined;
  let refreshing: Promise<string> | undefined;
  let saving: Promise<void> = Promise.resolve();

  function load(): Promise<string | null> {
    const current = (loading ??= loadFrom(storage));
    // A failure is not kept: the next call tries again.
    current.catch(() => (loading = loading === current ? undefined : loading));
    return current;
  }

  function refresh(session: string): Promise<string> {
    if (refreshing) return refreshing;
    const startedBy = holder;
    const current = fetchToken(session)
      .then((text) => {
        if (startedBy === holder) token = { text, receivedAt: Date.now(), lifeMs: toLifeMs(text) };
        return text;
      })
      .finally(() => {
        if (refreshing === current) refreshing = undefined;
      });
    return (refreshing = current);
  }

  return {
    holder: () => holder,
    load,
    async get() {
      const askedBy = holder;
      const session = await load();
      // Whoever has signed in while it was loaded must not get a token of it.
      if (session === null || askedBy !== holder) return null;
      if (token && isWithin(token, freshShare)) return token.text;
      try {
        return await refresh(session);
      } catch (error) {
        // What is left of its life is for a server that cannot give another just now.
        const isOver = error instanceof Failure && error.code === 'UNAUTHORIZED';
        if (!isOver && token && isWithin(token, 1)) return token.text;
        throw error;
      }
    },
    refuse(text) {
      if (token?.text === text) token = undefined;
    },
    async replace(session) {
      holder += 1;
      loading = Promise.resolve(session);
      token = refreshing = undefined;
      // One after the other: a slow one must not end with an older session than the one that is meant.
      saving = saving.catch(() => {}).then(() => saveTo(storage, session));
      await saving;
    },
  };
}

async function loadFrom(storage: SessionStorage | undefined): Promise<string | null> {
  try {
    return (await storage?.load()) || null;
  } catch (cause) {
    throw toStorageFailure(cause, { isRetryable: true });
  }
}

async function saveTo(storage: SessionStorage | undefined, session: string | null): Promise<void> {
  try {
    await storage?.save(session);
  } catch (cause) {
    // Whoever has signed in or up is, and whoever has signed out is not, until the page or process ends.
    throw toStorageFailure(cause, { isRetryable: false });
  }
}

function toStorageFailure(cause: unknown, { isRetryable }: { isRetryable: boolean }): Failure {
  return new Failure({ code: 'CALLBACK_FAILED', message: 'The storage of the app has failed.', isRetryable, cause });
}

/** A clock that was set back says nothing about a token's age. */
function isWithin({ receivedAt, lifeMs }: Token, share: number): boolean {
  const age = Date.now() - receivedAt;
  return age >= 0 && age < lifeMs * share;
}

/** How long the token is good from when it is made: both times are the server's, so that no clock has to be right. */
function toLifeMs(token: string): number {
  const { exp, iat } = readClaims(token) ?? {};
  return (Number(exp) - Number(iat)) * 1000 || 0;
}
