import { isHoldfastError } from '../errors.ts';
import { readClaims } from './claims.ts';
import { loadFrom, saveTo, type SessionStorage, watchStorage } from './session-storage.ts';
import { isSessionEnded } from './sign-in.ts';
import type { TokenSource } from './token-source.ts';
import { assertToken } from './token-text.ts';

/** Called after a user signed in or out, also in another tab, and after the session ended. */
export type SessionListener = (isSignedIn: boolean) => void;

/** Tokens of the signed-in user. */
export interface SessionTokens extends TokenSource {
  /** Replaces the session. Null signs the user out. */
  replace(session: string | null): Promise<void>;
  /** The stored session. Null if there is no session. */
  load(): Promise<string | null>;
  /** Adds a listener. Returns a function that removes it. */
  onChange(listener: SessionListener): () => void;
  /** Calls the listeners, if the session changed since the last time. */
  report(): void;
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
  /** The result of the last load, to notice a session that another tab has stored. Undefined before. */
  let stored: string | null | undefined;
  /** The session of this client. Undefined before the first load. */
  let session: string | null | undefined;
  /** The session at the last report. */
  let reported: string | null | undefined;
  const listeners = new Set<SessionListener>();

  function report(): void {
    if (session === undefined || session === reported) return;
    reported = session;
    const isSignedIn = session !== null;
    // An error of a listener must not fail the call that caused the change.
    for (const listener of listeners) queueMicrotask(() => listener(isSignedIn));
  }

  function use(next: string | null): void {
    generation += 1;
    session = next;
    loading = Promise.resolve(next);
    token = refreshing = undefined;
  }

  function load(): Promise<string | null> {
    loading ??= loadFirst();
    const current = loading;
    // After a failure, the next call loads again.
    current.catch(() => (loading = loading === current ? undefined : loading));
    return current;
  }

  async function loadFirst(): Promise<string | null> {
    const startedIn = generation;
    const loaded = await loadFrom(storage);
    if (startedIn === generation) stored = session = reported = loaded;
    return loaded;
  }

  /** Uses the session that another tab has stored. */
  async function check(): Promise<void> {
    if (storage === undefined) return;
    await Promise.allSettled([saving, load()]);
    const startedIn = generation;
    const loaded = await loadFrom(storage);
    if (startedIn !== generation || loaded === stored) return;
    stored = loaded;
    if (loaded !== session) use(loaded);
    report();
  }

  async function replace(next: string | null): Promise<void> {
    use(next);
    // Saves run one after another, so that a slow save cannot overwrite a newer session.
    saving = saving.catch(() => {}).then(() => saveTo(storage, next));
    await saving;
    stored = next;
    const startedIn = generation;
    const setStored = (loaded: string | null) => void (startedIn === generation && (stored = loaded));
    // Some storages return the same session for the life of the page.
    if (storage) loadFrom(storage).then(setStored, () => {});
  }

  /** Removes a session that has ended, unless another tab has stored a new one. */
  async function end(ended: string): Promise<void> {
    await check().catch(() => {});
    if (session !== ended) return;
    // If the storage fails, the next page finds out again that the session has ended.
    await replace(null).catch(() => {});
    report();
  }

  function refresh(session: string): Promise<string> {
    if (refreshing) return refreshing;
    const startedIn = generation;
    const current = fetchToken(session)
      .then((text) => {
        assertToken(text, 'The server');
        if (startedIn === generation) token = { text, receivedAt: Date.now(), lifeMs: toLifeMs(text) };
        return text;
      })
      .finally(() => {
        if (refreshing === current) refreshing = undefined;
      });
    return (refreshing = current);
  }

  watchStorage(storage, () => void check().catch(() => {}));
  return {
    generation: () => generation,
    load,
    report,
    replace,
    onChange(listener) {
      // Changes are reported relative to the session of this moment.
      load().catch(() => {});
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async get() {
      const startedIn = generation;
      const current = await load();
      // A user who signed in during the load must not get a token of the loaded session.
      if (current === null || startedIn !== generation) return null;
      if (token && isWithin(token, freshShare)) return token.text;
      try {
        return await refresh(current);
      } catch (error) {
        if (isSessionEnded(error) && startedIn === generation) await end(current);
        // If the server cannot issue a token now, the old one is used until it expires.
        else if (!isHoldfastError(error, 'UNAUTHORIZED') && token && isWithin(token, 1)) return token.text;
        throw error;
      }
    },
    async available() {
      const startedIn = generation;
      const current = await load();
      if (current === null || startedIn !== generation) return null;
      // The server also accepts the session itself.
      return token && isWithin(token, 1) ? token.text : current;
    },
    refuse(text) {
      if (token?.text === text) token = undefined;
    },
  };
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
