import type { NumberedStorage, StoredEntry } from './storage.ts';

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

const { indexedDB: factory } = globalThis as unknown as { indexedDB?: Factory };
const storeName = 'entries';

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
  const request = factory!.open(name, schemaVersion);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore(storeName));
  const database = await toResult(request);
  database.addEventListener('versionchange', () => {
    database.close();
    onLost();
  });

  return {
    isShared: true,
    isStored: true,
    async load() {
      const store = database.transaction(storeName, 'readonly').objectStore(storeName);
      const [keys, values] = await Promise.all([toResult(store.getAllKeys()), toResult(store.getAll())]);
      const entries = keys.map((key, at): StoredEntry => [key, values[at]!]);
      const commit = entries.find(([key]) => key === 'commit')?.[1] as unknown;
      return { entries: entries.filter(([key]) => key !== 'commit'), number: (commit as number | undefined) ?? 0 };
    },
    commit: (toEntries, isUrgent) =>
      new Promise((resolve, reject) => {
        const durability = isUrgent ? 'strict' : 'relaxed';
        const transaction = database.transaction(storeName, 'readwrite', { durability });
        const store = transaction.objectStore(storeName);
        const last = store.get('commit') as Request<number | undefined>;
        last.addEventListener('success', () => {
          const number = (last.result ?? 0) + 1;
          store.put(number, 'commit');
          for (const [key, value] of toEntries(number)) {
            if (value) store.put(value, key);
            else store.delete(key);
          }
          transaction.addEventListener('complete', () => resolve(number));
        });
        transaction.addEventListener('abort', () => reject(transaction.error));
      }),
    // If another tab is frozen, the browser deletes the database later.
    erase: () => toResult(factory!.deleteDatabase(name)).catch(() => {}),
    close: () => database.close(),
  };
}
