import { createClient, type HoldfastWithSignIn } from '@holdfast/client';
import { openReplica, type Replica, type ReplicaStorage, type StoredEntry } from '@holdfast/client/replica';
import { onTestFinished } from 'vitest';
import { createStorage, type Proxy, password, signUpClient } from '../fixture.ts';

/** A device that stores the session and the data of replicas across restarts. */
export interface Device {
  /** For calls of the test itself. It has the session of the app, and does not end with it. */
  holdfast: HoldfastWithSignIn;
  /** The client of the running replica. It gives up early. */
  app: HoldfastWithSignIn;
  /** Stored values by the name of the storage. */
  disk: Map<string, Map<string, string>>;
  /** Starts the app: a new client with the stored session, and its replica. The test ends it. */
  start(): Promise<Replica>;
  /** Ends the app as a crash does: nothing more is stored or sent. */
  crash(): void;
}

/** A storage that stores texts, so that no object is shared with the replica. */
export function createDisk(disk: Device['disk'] = new Map()) {
  let isOn = true;
  const off = new Promise<never>(() => {});
  const storage = (name: string): ReplicaStorage => {
    const stored = disk.get(name) ?? new Map<string, string>();
    disk.set(name, stored);
    return {
      async load() {
        if (!isOn) await off;
        return [...stored].map(([key, value]): StoredEntry => [key, JSON.parse(value) as object]);
      },
      async save(entries) {
        if (!isOn) await off;
        for (const [key, value] of entries) {
          if (value === null) stored.delete(key);
          else stored.set(key, JSON.stringify(value));
        }
      },
      async erase() {
        stored.clear();
      },
    };
  };
  return { disk, storage, turnOff: () => (isOn = false) };
}

/** The keys of all stored values. */
export const keysOf = (disk: Device['disk']) => [...disk.values()].flatMap((stored) => Array.from(stored.keys()));

/** A storage that fails with each write. */
export function createFullDisk() {
  const { storage } = createDisk();
  return (name: string): ReplicaStorage => ({
    ...storage(name),
    save: () => Promise.reject(new Error('The disk is full.')),
  });
}

/** A device on which a user signs in through the proxy. Without an email address, the user is new. */
export async function openDevice(proxy: Proxy, email?: string): Promise<Device> {
  const session = createStorage();
  const disk: Device['disk'] = new Map();
  const first = await (email === undefined ? signUpClient(proxy, { storage: session }) : signIn(proxy, session, email));
  let running: Replica | undefined;
  let power = new AbortController();
  let turnOff: (() => void) | undefined;
  onTestFinished(() => running?.close());
  const device: Device = {
    holdfast: first,
    app: first,
    disk,
    async start() {
      const started = createDisk(disk);
      const { signal } = (power = new AbortController());
      device.app = createClient({
        url: proxy.url,
        storage: session,
        deadlineMs: 2000,
        async fetch(input, init) {
          if (signal.aborted) return new Promise(() => {});
          return fetch(input, { ...init, signal: AbortSignal.any([signal, init!.signal!]) });
        },
      });
      turnOff = started.turnOff;
      running = await openReplica(device.app, { storage: started.storage });
      return running;
    },
    crash() {
      turnOff?.();
      power.abort();
      running = undefined;
    },
  };
  return device;
}

async function signIn(proxy: Proxy, storage: ReturnType<typeof createStorage>, email: string) {
  const holdfast = createClient({ url: proxy.url, storage });
  await holdfast.signIn({ email, password });
  return holdfast;
}

/** The titles of the tasks, in alphabetical order. */
export const titles = ({ tasks }: Pick<Replica, 'tasks'>) => tasks.map(({ title }) => title).toSorted();

/** Resolves when the replica has sent everything, and has received everything that it sent. */
export const settle = (replica: Replica) =>
  replica.until(({ status, refused }) => status.isComplete && status.unsent === 0 && refused.length === 0);
