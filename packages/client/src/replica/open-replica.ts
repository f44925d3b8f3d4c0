import type { Holdfast, HoldfastWithSignIn } from '../client.ts';
import { readInternals } from '../internals.ts';
import { fail, userChanged } from './fail.ts';
import { identify } from './identity.ts';
import { createReplica, type OwnedReplica } from './replica.ts';
import { numberCommits, openIndexedDb, type OpenStorage, type ReplicaStorage } from './storage.ts';
import { canShare } from './tabs.ts';
import type { Replica } from './types.ts';

export interface ReplicaOptions {
  /**
   * Returns the storage with this name. Default: IndexedDB in browsers, and no storage elsewhere. Without a storage, the data
   * is lost when the process ends.
   */
  storage?: (name: string) => ReplicaStorage;
}

/**
 * Opens the replica of the signed-in user. It loads the stored data and does not wait for the server, unless the user is new
 * on this device. In browsers, all tabs of the user share one replica.
 *
 * @throws HoldfastError UNAUTHORIZED if no user is signed in. OFFLINE, NETWORK or another code if the user is new on this
 *   device and the server cannot be reached.
 */
export async function openReplica(holdfast: Holdfast, options: ReplicaOptions = {}): Promise<Replica> {
  const { base, tokens, onSignOut } = readInternals(holdfast);
  const directoryName = `holdfast ${base}`;
  let owned: OwnedReplica | undefined;

  async function open(name: string, onLost = () => {}): Promise<OpenStorage> {
    try {
      const isShared = !options.storage && canShare();
      const storage = isShared ? await openIndexedDb(name, onLost) : numberCommits(options.storage?.(name));
      return { storage, ...(await storage.load()), error: null };
    } catch (error) {
      const storage = numberCommits();
      return { storage, ...(await storage.load()), error: error as Error };
    }
  }

  /** Deletes stored entries. It opens the storage again, because the replica may have closed it, or lost it. */
  async function remove(name: string, isGone: (key: string) => boolean): Promise<void> {
    const { storage, entries } = await open(name);
    try {
      const keys = entries.map(([key]) => key);
      if (keys.every(isGone)) await storage.erase();
      else await storage.commit(() => keys.filter(isGone).map((key) => [key, null]));
    } finally {
      storage.close();
    }
  }

  const identity = await identify(holdfast, () => open(directoryName));
  const name = `${directoryName} ${identity.userId}`;

  async function erase(): Promise<void> {
    await owned?.forget();
    await Promise.all([remove(name, () => true), remove(directoryName, (key) => key === identity.key)]);
  }

  // It remains after `close`, because a sign-out later must delete the data too.
  onSignOut.set(name, async (generation) => void (generation === identity.generation && (await erase())));
  // Another tab that deletes the data closes this replica.
  const opened = await open(name, () => void owned?.forget());
  if (tokens.generation() !== identity.generation) {
    opened.storage.close();
    throw fail('UNAUTHORIZED', userChanged);
  }
  const { replica, forget } = (owned = createReplica({ holdfast, identity, name, opened, erase }));

  /** Only unsent work remains on the device. */
  async function leave(): Promise<void> {
    await replica.close();
    await forget();
    await remove(name, (key) => !key.startsWith('write'));
  }

  const { session } = holdfast as Partial<HoldfastWithSignIn>;
  const stopListening = session?.onChange((isSignedIn) => {
    // If another session replaces this one, the user has not signed out, and the data remains stored.
    if (isSignedIn) void replica.close();
    else leave().catch(() => {});
  });
  void replica.until(({ status }) => status.isClosed).then(stopListening);
  return replica;
}
