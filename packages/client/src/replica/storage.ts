import type { Task } from '@holdfast/api/client';
import { isObject } from '../touched-records.ts';
import { type Operation, type Row, writePaths } from './operations.ts';

/** A stored value with its key. The value is plain JSON. Null deletes it. */
export type StoredEntry = readonly [key: string, value: object | null];

/** A row as the server sent it. */
export interface BaseRow {
  row: Row | undefined;
  /** Number of the copy in which the row arrived last. -1 if the server removed it, and unsent work needs it. */
  generation: number;
}

/** Where the feed continues. */
export interface FeedState {
  cursor: string | null;
  /** Increases with each copy of all data. */
  generation: number;
  /** True while a copy arrives. */
  isCopying: boolean;
  /** True after the first copy has arrived. */
  isComplete: boolean;
}

export const isText = (value: unknown): value is string => typeof value === 'string';

function isRow({ id, title, labels, due, position, name }: Partial<Task> & { name?: string }, key: string): boolean {
  if (!isText(position)) return false;
  if (key === `list ${id}`) return isText(name);
  return key === `task ${id}` && isText(title) && Array.isArray(labels) && (due === null || isText(due?.date));
}

/** True for a stored value that the replica can use. Browsers and other versions of an app can store others. */
export function isSound(key: string, value: unknown): boolean {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const { id, path, input, at, generation, cursor, row } = value as Partial<Operation> & FeedState & BaseRow;
  if (key.startsWith('write')) {
    return key === `write ${id}` && writePaths.includes(path!) && isObject(input) && isText(at);
  }
  if (!Number.isInteger(generation)) return false;
  if (key === 'feed') return cursor === null || isText(cursor);
  return row === undefined || (isObject(row) && isRow(row, key));
}

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

/** Entries that were stored together. Tabs also send it to each other. */
export interface Commit {
  number: number;
  entries: StoredEntry[];
}

/** A storage with numbered commits, so that several tabs apply all commits in the same order. */
export interface NumberedStorage {
  /** True if other tabs use the same storage. */
  isShared: boolean;
  /** True if it survives a restart. */
  isStored: boolean;
  /** Returns all entries, and the number of the last commit. */
  load(): Promise<Commit>;
  /** Stores the entries of the commit with the given number. An urgent commit also survives a power failure. */
  commit(toEntries: (number: number) => StoredEntry[], isUrgent?: boolean): Promise<Commit>;
  /** Stores values at once, without a number: for a page that ends before a commit is stored. */
  keep?(entries: readonly StoredEntry[]): void;
  erase(): Promise<unknown>;
  close(): void;
}

/** A storage with its entries. */
export interface OpenStorage extends Commit {
  storage: NumberedStorage;
  /** Why the data is only in memory. */
  error: Error | null;
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
      return { number: mine, entries };
    },
    erase: async () => storage?.erase(),
    close: () => storage?.close?.(),
  };
}

// The parts of IndexedDB that the replica uses. Their types are in the DOM library, which runtimes without a page do not have.
interface Target {
  addEventListener(type: string, listener: () => void): void;
}
interface Request<Result> extends Target {
  result: Result;
  error: Error;
}
interface ObjectStore {
  transaction: Transaction;
  get(key: string): Request<unknown>;
  getAll(): Request<object[]>;
  getAllKeys(): Request<string[]>;
  put(value: unknown, key: string): void;
  delete(key: string): void;
}
interface Transaction extends Request<void> {
  abort(): void;
  commit(): void;
  objectStore(name: string): ObjectStore;
}
interface Database extends Target {
  transaction(store: string, mode: string, options?: object): Transaction;
  createObjectStore(name: string): void;
  close(): void;
}
interface Factory {
  open(name: string, version: number): Request<Database>;
  deleteDatabase(name: string): Request<unknown>;
}

const toNumber = (commit: unknown) => Number(commit) || 0;

const toResult = <Result>(request: Request<Result>, success = 'success', failure = 'error') =>
  new Promise<Result>((resolve, reject) => {
    request.addEventListener(success, () => resolve(request.result));
    request.addEventListener(failure, () => reject(request.error));
    request.addEventListener('blocked', () => reject(new Error('Another tab blocks the database.')));
  });

/** Without the commit at the end, the browser waits for responses, and a page that ends in the meantime loses the entries. */
function write(store: ObjectStore, entries: readonly StoredEntry[]): void {
  for (const [key, value] of entries) {
    if (value) store.put(value, key);
    else store.delete(key);
  }
  store.transaction.commit();
}

/**
 * Opens the database that all tabs share. `onLost` is called if another tab deletes or upgrades it.
 *
 * @throws if there is no IndexedDB, or if the browser refuses it, as some do in private windows.
 */
export async function openIndexedDb(name: string, onLost: () => void): Promise<NumberedStorage> {
  const storeName = 'entries';
  /** Increases with each change of the stored format. Then `onupgradeneeded` must convert or delete the old entries. */
  const schemaVersion = 1;
  const { indexedDB } = globalThis as unknown as { indexedDB: Factory };
  const request = indexedDB.open(name, schemaVersion);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName));
  const database = await toResult(request);
  database.addEventListener('versionchange', () => {
    database.close();
    onLost();
  });

  const openStore = (mode: string, options?: object) =>
    database.transaction(storeName, mode, options).objectStore(storeName);

  /** Transactions of commits that have not received the last number yet. */
  const waiting = new Set<ObjectStore>();

  const storage: NumberedStorage = {
    isShared: true,
    isStored: true,
    async load() {
      const store = openStore('readonly');
      const [keys, values] = await Promise.all([toResult(store.getAllKeys()), toResult(store.getAll())]);
      const stored = new Map(keys.map((key, at) => [key, values[at]!]));
      const number = toNumber(stored.get('commit'));
      stored.delete('commit');
      return { entries: [...stored], number };
    },
    async commit(toEntries, isUrgent) {
      const store = openStore('readwrite', isUrgent ? { durability: 'strict' } : {});
      waiting.add(store);
      const last = await toResult(store.get('commit')).catch((error) => {
        if (waiting.has(store)) throw error;
      });
      // `keep` aborted it, and the browser shows the page again.
      if (!waiting.delete(store)) return storage.commit(toEntries, isUrgent);
      const number = toNumber(last) + 1;
      const entries = toEntries(number);
      store.put(number, 'commit');
      write(store, entries);
      await toResult(store.transaction, 'complete', 'abort');
      return { number, entries };
    },
    keep(entries) {
      if (!entries[0]) return;
      // The browser ends waiting transactions with the page, and with them those that are queued behind them.
      for (const { transaction } of waiting) transaction.abort();
      waiting.clear();
      write(openStore('readwrite'), entries);
    },
    // If another tab is frozen, the browser deletes the database later.
    erase: () => toResult(indexedDB.deleteDatabase(name)).catch(() => {}),
    close: () => database.close(),
  };
  return storage;
}
