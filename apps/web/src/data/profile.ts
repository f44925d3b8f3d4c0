import type { HoldfastWithSignIn, UpdateUserInput, User } from '@holdfast/client';
import { createStore, type Store } from './store.ts';

/** The account, as the server sent it last. It is stored, so that the page needs no request for it at its start. */
export interface Profile extends Pick<Store<User | null>, 'get' | 'subscribe'> {
  /** Reads the account again if it was read longer ago than this time, in milliseconds. */
  refresh(ageMs: number): Promise<void>;
  /** Takes what another tab has read. */
  onStorage(event: StorageEvent): void;
  update(changes: UpdateUserInput): Promise<void>;
}

const key = 'holdfast profile';

const isText = (value: unknown) => value === null || typeof value === 'string';

interface Stored {
  user: User;
  /** Milliseconds since 1970. */
  readAt: number;
}

function load(userId: string): Stored | null {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? 'null') as Stored | null;
    const user = stored?.user;
    return user?.id === userId && [user.name, user.email, user.timeZone].every(isText) ? stored : null;
  } catch {
    return null;
  }
}

export function createProfile(holdfast: HoldfastWithSignIn, userId: string): Profile {
  const stored = load(userId);
  const store = createStore(stored?.user ?? null);
  let readAt = stored?.readAt ?? 0;
  /** Number of updates that were sent, plus those that succeeded. */
  let updates = 0;
  function remember(user: User): void {
    store.set(user);
    readAt = Date.now();
    try {
      localStorage.setItem(key, JSON.stringify({ user, readAt } satisfies Stored));
    } catch {
      // Without a storage, the next start reads the account again.
    }
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    onStorage(event) {
      const other = event.key === key ? load(userId) : null;
      if (other === null) return;
      store.set(other.user);
      readAt = other.readAt;
    },
    async refresh(ageMs) {
      if (Math.abs(Date.now() - readAt) <= ageMs) return;
      const startedAt = updates;
      const user = await holdfast.user.me();
      // The response can be older than that of an update.
      if (startedAt === updates) remember(user);
    },
    async update(changes) {
      updates += 1;
      const user = await holdfast.user.update(changes);
      updates += 1;
      remember(user);
    },
  };
}

/** Removes the stored account of a user who signed out, with texts that are not saved. */
export function forgetProfile(): void {
  try {
    localStorage.removeItem(key);
    for (const name of Object.keys(localStorage)) if (name.startsWith('holdfast draft ')) localStorage.removeItem(name);
  } catch {
    // Nothing was stored either.
  }
}
