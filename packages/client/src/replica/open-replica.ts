import type { Holdfast, HoldfastWithSignIn } from '../client.ts';
import { readInternals } from '../internals.ts';
import { identify } from './identity.ts';
import { openIndexedDb } from './indexed-db.ts';
import { createReplica } from './replica.ts';
import { numberCommits, type NumberedStorage, type ReplicaStorage } from './storage.ts';
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
  const { base, onSignOut } = readInternals(holdfast);
  let onLost: (() => void) | undefined;

  async function open(name: string, onLost: () => void): Promise<NumberedStorage> {
    if (options.storage) return numberCommits(options.storage(name));
    try {
      if (canShare()) return await openIndexedDb(name, onLost);
    } catch {
      // The status reports that nothing is stored.
    }
    return numberCommits();
  }

  const directory = await open(`holdfast ${base}`, () => {});
  const identity = await identify(holdfast, directory);
  const name = `holdfast ${base} ${identity.userId}`;
  const storage = await open(name, () => onLost?.());
  const loaded = await storage.load();
  const { session } = holdfast as Partial<HoldfastWithSignIn>;
  const { replica, forget, leave } = createReplica({
    holdfast,
    identity,
    name,
    storage,
    loaded,
    onEnd() {
      onSignOut.delete(replica.erase);
      stopListening?.();
    },
  });
  // If another session replaces this one, the user has not signed out, and the data remains stored.
  const stopListening = session?.onChange((isSignedIn) => void (isSignedIn ? replica.close() : leave()));
  onSignOut.add(replica.erase);
  onLost = () => void forget();
  return replica;
}
