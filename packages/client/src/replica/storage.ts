/** A stored value with its key. The value is plain JSON. Null deletes it. */
export type StoredEntry = readonly [key: string, value: object | null];

/** Stores the data of one replica across restarts. At a time, only one replica may use it. */
export interface ReplicaStorage {
  /** Returns all entries. */
  load(): Promise<StoredEntry[]>;
  /** Stores the entries: all of them or, if it fails, none. Resolves when they survive a restart. */
  save(entries: readonly StoredEntry[]): Promise<void>;
  /** Deletes all entries. */
  erase(): Promise<void>;
  /** Called at the end. */
  close?(): void;
}

/** A storage with numbered commits, so that several tabs apply all commits in the same order. */
export interface NumberedStorage {
  /** True if other tabs use the same storage. */
  isShared: boolean;
  /** True if it survives a restart. */
  isStored: boolean;
  /** Returns all entries, and the number of the last commit. */
  load(): Promise<{ entries: StoredEntry[]; number: number }>;
  /** Stores the entries and returns the number of the commit. An urgent commit also survives a power failure. */
  commit(toEntries: (number: number) => StoredEntry[], isUrgent?: boolean): Promise<number>;
  erase(): Promise<unknown>;
  close(): void;
}

/** Numbers the commits of a storage. Without a storage, nothing survives. */
export function numberCommits(storage?: ReplicaStorage, number = 0): NumberedStorage {
  let saving: Promise<unknown> = Promise.resolve();
  return {
    isShared: false,
    isStored: !!storage,
    load: async () => ({ entries: (await storage?.load()) ?? [], number }),
    async commit(toEntries) {
      const mine = (number += 1);
      const entries = toEntries(mine);
      await (saving = saving.then(() => storage?.save(entries)));
      return mine;
    },
    erase: async () => storage?.erase(),
    close: () => storage?.close?.(),
  };
}
