import type { State } from './state.ts';
import type { NumberedStorage, StoredEntry } from './storage.ts';

/** A commit, as tabs send it to each other. */
export interface Commit {
  number: number;
  entries: readonly StoredEntry[];
}

/** Stores changes, and applies the commits of all tabs in the order in which they were stored. */
export interface Journal {
  /** Resolves when the entries are stored and applied. The function gets the number of the commit. */
  commit(toEntries: (number: number) => StoredEntry[], isUrgent?: boolean): Promise<void>;
  /** Takes a commit of another tab. */
  receive(commit: Commit): void;
  close(): void;
}

export interface JournalOptions {
  state: State;
  storage: NumberedStorage;
  /** Number of the commit up to which the state has been loaded. */
  loaded: number;
  /** Sends a commit to the other tabs. */
  send(commit: Commit): void;
  /** Called after each change of the state. */
  onApplied(): void;
  /** The storage failed. Returns the storage to use from now on. */
  onFailure(error: Error, number: number): NumberedStorage;
}

/** Milliseconds to wait for a commit of a tab that stored it, but may have crashed before it sent it. */
const gapMs = 500;

export function createJournal({ state, send, onApplied, onFailure, ...initial }: JournalOptions): Journal {
  let { storage, loaded: applied } = initial;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  const early = new Map<number, readonly StoredEntry[]>();
  const waiting = new Map<number, () => void>();

  function drain(): void {
    let isChanged = false;
    for (let entries = early.get(applied + 1); entries; entries = early.get(applied + 1)) {
      early.delete((applied += 1));
      state.store(entries);
      isChanged ||= entries.length > 0;
    }
    if (isChanged) onApplied();
    settle();
  }

  function settle(): void {
    for (const [number, resolve] of waiting) if (number <= applied) resolve();
    for (const numbered of [early, waiting]) {
      for (const number of numbered.keys()) if (number <= applied) numbered.delete(number);
    }
    clearTimeout(timer);
    if (early.size > 0 && !isClosed) timer = setTimeout(() => void reload(), gapMs);
  }

  async function reload(): Promise<void> {
    try {
      const { entries, number } = await storage.load();
      if (isClosed || number < applied) return;
      state.replace(entries);
      applied = number;
      onApplied();
      drain();
    } catch (error) {
      fail(error);
    }
  }

  /** Continues with another storage. */
  function fail(error: unknown): void {
    const numbers = [...early.keys()].toSorted((one, other) => one - other);
    for (const number of numbers) state.store(early.get(number)!);
    applied = Math.max(applied, ...numbers);
    storage = onFailure(error as Error, applied);
    settle();
  }

  async function commit(toEntries: (number: number) => StoredEntry[], isUrgent = false): Promise<void> {
    if (isClosed) return;
    const used = storage;
    let made: StoredEntry[] = [];
    try {
      const number = await used.commit((number) => (made = toEntries(number)), isUrgent);
      if (isClosed) return;
      if (used !== storage) return state.store(made);
      const done = new Promise<void>((resolve) => waiting.set(number, resolve));
      early.set(number, made);
      send({ number, entries: made });
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
    receive({ number, entries }) {
      if (!storage.isShared) return;
      if (number > applied) early.set(number, entries);
      drain();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const resolve of waiting.values()) resolve();
    },
  };
}
