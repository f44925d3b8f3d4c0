import type { State } from './state.ts';
import { type Commit, numberCommits, type NumberedStorage, type OpenStorage, type StoredEntry } from './storage.ts';

/** Stores changes, and applies the commits of all tabs in the order in which they were stored. */
export interface Journal {
  /** Resolves when the entries are stored and applied. The function gets the number of the commit. */
  commit(toEntries: (number: number) => StoredEntry[], isUrgent?: boolean): Promise<void>;
  /** The storage in use. */
  storage(): NumberedStorage;
  /** Takes a commit of another tab. */
  receive(commit: Commit): void;
  close(): void;
}

export interface JournalOptions {
  state: State;
  /** The storage, from which the state has been loaded. */
  opened: OpenStorage;
  /** Sends a commit to the other tabs. */
  send(commit: Commit): void;
  /** Called after each change of the state. */
  onApplied(): void;
  /** The storage failed. The journal continues in memory. */
  onError(error: Error): void;
}

export function createJournal({ state, send, onApplied, onError, opened }: JournalOptions): Journal {
  /** Milliseconds to wait for a commit of a tab that stored it, but may have crashed before it sent it. */
  const gapMs = 500;
  let { storage, number: applied } = opened;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  /** Stored commits that are not applied yet. */
  const early = new Set<Commit & { resolve?: () => void }>();

  /** Applies the commits that follow each other, and at the end those after a gap too. */
  function drain(isEnd = false): void {
    let isChanged = false;
    for (const commit of [...early].sort((one, other) => one.number - other.number)) {
      const { number, entries } = commit;
      if (number > applied + 1 && !isEnd) break;
      early.delete(commit);
      commit.resolve?.();
      // The storage was loaded with this commit.
      if (number <= applied) continue;
      applied = number;
      state.store(entries);
      isChanged ||= entries.length > 0;
    }
    if (isChanged) onApplied();
    clearTimeout(timer);
    if (early.size > 0 && !isClosed) timer = setTimeout(() => void reload().catch(fail), gapMs);
  }

  async function reload(): Promise<void> {
    const { entries, number } = await storage.load();
    if (isClosed || number < applied) return;
    state.replace(entries);
    applied = number;
    onApplied();
    drain();
  }

  /** Continues without the storage. */
  function fail(error: unknown): void {
    drain(true);
    storage.close();
    storage = numberCommits(undefined, applied);
    onError(error as Error);
  }

  async function commit(toEntries: (number: number) => StoredEntry[], isUrgent?: boolean): Promise<void> {
    if (isClosed) return;
    const used = storage;
    try {
      const made = await used.commit(toEntries, isUrgent);
      if (isClosed) return;
      if (used !== storage) return state.store(made.entries);
      const done = new Promise<void>((resolve) => early.add({ ...made, resolve }));
      send(made);
      drain();
      return await done;
    } catch (error) {
      if (isClosed) return;
      if (used === storage) fail(error);
      return commit(toEntries, isUrgent);
    }
  }

  return {
    commit,
    storage: () => storage,
    receive(commit) {
      early.add(commit);
      drain();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const { resolve } of early) resolve?.();
    },
  };
}
