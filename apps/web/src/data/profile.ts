import type { HoldfastWithSignIn, UpdateUserInput, User } from '@holdfast/client';
import { createStore, type Store } from './store.ts';

/** The account, as the server sent it last. It is stored, so that the page needs no request for it at its start. */
export interface Profile extends Pick<Store<User | null>, 'get' | 'subscribe'> {
  /** Reads the account again. */
  refresh(): Promise<void>;
  update(changes: UpdateUserInput): Promise<void>;
}

const key = 'holdfast profile';

const isText = (value: unknown) => value === null || typeof value === 'string';

function load(userId: string): User | null {
  try {
    const user = JSON.parse(localStorage.getItem(key) ?? 'null') as User | null;
    return user?.id === userId && [user.name, user.email, user.timeZone].every(isText) ? user : null;
  } catch {
    return null;
  }
}

export function createProfile(holdfast: HoldfastWithSignIn, userId: string): Profile {
  const store = createStore(load(userId));
  function remember(user: User): void {
    store.set(user);
    try {
      localStorage.setItem(key, JSON.stringify(user));
    } catch {
      // Without a storage, the next start reads the account again.
    }
  }
  return {
    get: store.get,
    subscribe: store.subscribe,
    async refresh() {
      remember(await holdfast.user.me());
    },
    async update(changes) {
      remember(await holdfast.user.update(changes));
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
