import type { Loaded, NumberedStorage, StoredEntry } from './storage.ts';

// The parts of IndexedDB that the replica uses. Their types are in the DOM library, which runtimes without a page do not have.
interface Request<Result> {
  result: Result;
  error: unknown;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}
interface ObjectStore {
  get(key: string): Request<unknown>;
  getAll(): Request<{ id: string }[]>;
  put(value: object): void;
  delete(key: string): void;
  clear(): void;
}
interface Transaction {
  error: unknown;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
  objectStore(name: string): ObjectStore;
}
interface Database {
  transaction(areas: readonly string[], mode: string, options?: { durability: 'strict' | 'relaxed' }): Transaction;
  createObjectStore(name: string, options: { keyPath: string }): void;
  onversionchange: (() => void) | null;
  close(): void;
}
interface OpenRequest extends Request<Database> {
  onupgradeneeded: (() => void) | null;
  onblocked: (() => void) | null;
}
interface Factory {
  open(name: string, version: number): OpenRequest;
  deleteDatabase(name: string): Request<unknown>;
}

const factory = () => (globalThis as { indexedDB?: Factory }).indexedDB;
const areas = ['tasks', 'lists', 'outbox', 'meta'] as const;

/** Increases with each change of the stored format. Then `onupgradeneeded` must convert or delete the old entries. */
const schemaVersion = 1;

const toResult = <Result>(request: Request<Result>) =>
  new Promise<Result>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as Error);
  });

const toEnd = (transaction: Transaction) =>
  new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error as Error);
  });

export interface IndexedDbOptions {
  name: string;
  /** True if only one tab at a time receives changes of the server. Otherwise only the outbox is stored. */
  isShared: boolean;
  /** Called if another tab deletes the database or upgrades it. */
  onLost: () => void;
}

/** @throws if there is no IndexedDB, or if the browser refuses it, as some do in private windows. */
export async function openIndexedDb({ name, isShared, onLost }: IndexedDbOptions): Promise<NumberedStorage> {
  const request = factory()!.open(name, schemaVersion);
  request.onupgradeneeded = () => {
    for (const area of areas) request.result.createObjectStore(area, { keyPath: 'id' });
  };
  const blocked = new Promise<never>((_resolve, reject) => {
    request.onblocked = () => reject(new Error('Another tab blocks the database.'));
  });
  const database = await Promise.race([toResult(request), blocked]);
  database.onversionchange = () => {
    database.close();
    onLost();
  };
  let count = 0;

  async function load(): Promise<Loaded> {
    const transaction = database.transaction(areas, 'readonly');
    const stored = await Promise.all(areas.map((area) => toResult(transaction.objectStore(area).getAll())));
    const entries = stored.flatMap((values, at) => values.map((value) => ({ area: areas[at]!, id: value.id, value })));
    const found = entries.find(({ area, id }) => area === 'meta' && id === 'commit')?.value as { number?: number };
    return { entries, number: isShared ? (found?.number ?? 0) : 0 };
  }

  async function commit(toEntries: (number: number) => StoredEntry[], isUrgent: boolean): Promise<number> {
    let number = (count += 1);
    let entries = isShared ? [] : toEntries(number).filter(({ area }) => area === 'outbox');
    const durability = isUrgent ? 'strict' : 'relaxed';
    const transaction = database.transaction(areas, 'readwrite', { durability });
    const end = toEnd(transaction);
    const put = () => {
      for (const { area, id, value } of entries) {
        const store = transaction.objectStore(area);
        if (value === null) store.delete(id);
        else store.put(value);
      }
    };
    if (!isShared) put();
    else {
      const meta = transaction.objectStore('meta');
      const found = meta.get('commit') as Request<{ number: number } | undefined>;
      found.onsuccess = () => {
        number = (found.result?.number ?? 0) + 1;
        entries = toEntries(number);
        meta.put({ id: 'commit', number });
        put();
      };
    }
    await end;
    return number;
  }

  return {
    isShared,
    isDurable: true,
    load,
    commit,
    async erase() {
      database.close();
      await toResult(factory()!.deleteDatabase(name));
    },
    close: () => database.close(),
  };
}
