/** A value of a replica that is stored by area and ID. */
export interface StoredEntry {
  area: 'tasks' | 'lists' | 'outbox' | 'meta';
  id: string;
  /** Plain JSON. Null deletes the entry. */
  value: object | null;
}

/** Stores the data of one replica across restarts. At a time, only one replica may use it. */
export interface ReplicaStorage {
  /** Returns all stored entries. */
  load(): Promise<StoredEntry[]>;
  /** Stores the entries: all of them or, if it fails, none. Resolves when they survive a restart. */
  save(entries: readonly StoredEntry[]): Promise<void>;
  /** Deletes all entries. */
  erase(): Promise<void>;
  /** Called once, at the end. */
  close?(): void;
}

/** Entries, and the number of the commit that stored the last of them. */
export interface Loaded {
  entries: StoredEntry[];
  number: number;
}

/** A storage with numbered commits, so that several tabs apply all commits in the same order. */
export interface NumberedStorage {
  /** True if other tabs use the same storage. */
  isShared: boolean;
  /** True if it survives a restart. */
  isDurable: boolean;
  load(): Promise<Loaded>;
  /** Stores the entries for this commit and returns its number. An urgent commit also survives a power failure. */
  commit(toEntries: (number: number) => StoredEntry[], isUrgent: boolean): Promise<number>;
  erase(): Promise<void>;
  close(): void;
}

/** Numbers the commits of a storage. Without a storage, nothing survives. */
export function numberCommits(storage?: ReplicaStorage, first = 0): NumberedStorage {
  let number = first;
  let saving: Promise<unknown> = Promise.resolve();
  return {
    isShared: false,
    isDurable: storage !== undefined,
    load: async () => ({ entries: (await storage?.load()) ?? [], number }),
    async commit(toEntries) {
      const mine = (number += 1);
      const entries = toEntries(mine);
      if (storage) await (saving = saving.then(() => storage.save(entries)));
      return mine;
    },
    erase: async () => storage?.erase(),
    close: () => storage?.close?.(),
  };
}
