import { loadFrom, saveTo, type SessionStorage, watchStorage } from './session-storage.ts';

/** Called after a user signed in or out, also in another tab, and after the session ended. */
export type SessionListener = (isSignedIn: boolean) => void;

/** The session of a client, which all tabs with the same storage share. */
export interface StoredSession {
  /** Changes with each sign-in and sign-out, so that a call of one user is never sent as another user. */
  generation(): number;
  /** The stored session. Null if there is no session. */
  load(): Promise<string | null>;
  /** Replaces the session. Null signs the user out. */
  replace(session: string | null): Promise<void>;
  /** Removes a session that has ended, unless another tab has stored a new one. */
  end(ended: string): Promise<void>;
  /** Adds a listener. Returns a function that removes it. */
  onChange(listener: SessionListener): () => void;
  /** Calls the listeners, if the session changed since the last time. */
  report(): void;
}

/** @param onUse Called when another session, or none, replaces the session. */
export function createStoredSession(storage: SessionStorage | undefined, onUse = () => {}): StoredSession {
  let generation = 0;
  let loading: Promise<string | null> | undefined;
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
    onUse();
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

  watchStorage(storage, () => void check().catch(() => {}));
  return {
    generation: () => generation,
    load,
    replace,
    end,
    onChange(listener) {
      // Changes are reported relative to the session of this moment.
      load().catch(() => {});
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    report,
  };
}
