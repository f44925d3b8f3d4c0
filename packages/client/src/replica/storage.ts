import type { Task } from '@holdfast/api/client';
import { isObject } from '../touched-records.ts';
import { isWritePath, type Operation, type Row } from './operations.ts';

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

const isText = (value: unknown) => typeof value === 'string';

function isRow({ id, title, labels, due, position, name }: Partial<Task> & { name?: string }, key: string): boolean {
  if (!isText(position)) return false;
  if (key === `list ${id}`) return isText(name);
  return key === `task ${id}` && isText(title) && Array.isArray(labels) && (due === null || isText(due?.date));
}

/** True for a stored value that the replica can use. Browsers and other versions of an app can store others. */
export function isSound(key: string, value: unknown): boolean {
  if (value === null) return true;
  if (!isObject(value)) return false;
  if (key.startsWith('write')) {
    const { id, path, input, at } = value as Partial<Operation>;
    return key === `write ${id}` && isWritePath(path) && isObject(input) && isText(at);
  }
  const { generation, cursor, row } = value as FeedState & BaseRow;
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
  /** Stores values at once, without a number: for a page that ends before a commit is stored. */
  keep?(entries: readonly StoredEntry[]): void;
  erase(): Promise<unknown>;
  close(): void;
}

/** A storage with its entries. */
export interface OpenStorage {
  storage: NumberedStorage;
  entries: StoredEntry[];
  /** Number of the last commit. */
  number: number;
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
      return mine;
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
  get(key: string): Request<unknown>;
  getAll(): Request<object[]>;
  getAllKeys(): Request<string[]>;
  put(value: unknown, key: string): void;
  delete(key: string): void;
}
interface Transaction extends Target {
  error: Error;
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

/** Some browsers throw if the user has blocked storage. */
const findFactory = () => (globalThis as unknown as { indexedDB: Factory }).indexedDB;
const storeName = 'entries';

const toNumber = (commit: unknown) => (typeof commit === 'number' ? commit : 0);

/** Increases with each change of the stored format. Then `onupgradeneeded` must convert or delete the old entries. */
const schemaVersion = 1;

const toResult = <Result>(request: Request<Result>) =>
  new Promise<Result>((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error));
    request.addEventListener('blocked', () => reject(new Error('Another tab blocks the database.')));
  });

/**
 * Opens the database that all tabs share. `onLost` is called if another tab deletes or upgrades it.
 *
 * @throws if there is no IndexedDB, or if the browser refuses it, as some do in private windows.
 */
export async function openIndexedDb(name: string, onLost: () => void): Promise<NumberedStorage> {
  const request = findFactory().open(name, schemaVersion);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName));
  const database = await toResult(request);
  database.addEventListener('versionchange', () => {
    database.close();
    onLost();
  });

  /** Transactions that have not received the last number yet. */
  const waiting = new Set<Transaction>();

  const commit: NumberedStorage['commit'] = (toEntries, isUrgent) =>
    new Promise((resolve, reject) => {
      const durability = isUrgent ? 'strict' : 'relaxed';
      const transaction = database.transaction(storeName, 'readwrite', { durability });
      const store = transaction.objectStore(storeName);
      const last = store.get('commit');
      waiting.add(transaction);
      last.addEventListener('success', () => {
        waiting.delete(transaction);
        const number = toNumber(last.result) + 1;
        store.put(number, 'commit');
        for (const [key, value] of toEntries(number)) {
          if (value) store.put(value, key);
          else store.delete(key);
        }
        transaction.addEventListener('complete', () => resolve(number));
        // Without it, the browser waits for responses, and a page that ends in the meantime loses the commit.
        transaction.commit();
      });
      transaction.addEventListener('abort', () => {
        // Without an error, `keep` aborted it, and the browser shows the page again.
        if (waiting.delete(transaction) && !transaction.error) resolve(commit(toEntries, isUrgent));
        else reject(transaction.error);
      });
    });

  return {
    isShared: true,
    isStored: true,
    async load() {
      const store = database.transaction(storeName, 'readonly').objectStore(storeName);
      const [keys, values] = await Promise.all([toResult(store.getAllKeys()), toResult(store.getAll())]);
      const entries = keys.map((key, at): StoredEntry => [key, values[at]!]);
      const commit = entries.find(([key]) => key === 'commit')?.[1];
      return { entries: entries.filter(([key]) => key !== 'commit'), number: toNumber(commit) };
    },
    commit,
    keep(entries) {
      if (entries.length === 0) return;
      // The browser ends waiting transactions with the page, and with them those that are queued behind them.
      for (const transaction of waiting) transaction.abort();
      const transaction = database.transaction(storeName, 'readwrite');
      const store = transaction.objectStore(storeName);
      for (const [key, value] of entries) store.put(value, key);
      transaction.commit();
    },
    // If another tab is frozen, the browser deletes the database later.
    erase: () => toResult(findFactory().deleteDatabase(name)).catch(() => {}),
    close: () => database.close(),
  };
}
