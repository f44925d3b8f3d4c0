import type { HoldfastWithSignIn } from '@holdfast/client';
import type { Replica } from '@holdfast/client/replica';
import { createContext, use, useSyncExternalStore } from 'react';
import { type Actions, createActions } from './actions/actions.ts';
import { createHistory, type History } from './history.ts';
import { createProfile, type Profile } from './profile.ts';
import { useStore } from './store.ts';
import { findZone, type Today, useTodayOf } from './today.ts';

/** Everything of a signed-in user. */
export interface App {
  holdfast: HoldfastWithSignIn;
  replica: Replica;
  profile: Profile;
  history: History;
  actions: Actions;
}

export function createApp(holdfast: HoldfastWithSignIn, replica: Replica): App {
  const history = createHistory();
  const profile = createProfile(holdfast, replica.userId);
  return { holdfast, replica, profile, history, actions: createActions(replica, history) };
}

export const AppContext = createContext<App | null>(null);

/** @throws if no user is signed in. */
export function useApp(): App {
  const app = use(AppContext);
  if (app === null) throw new Error('No user is signed in.');
  return app;
}

/** A part of the replica. `select` returns the same value as long as nothing changes. */
export function useReplica<Value>(select: (replica: Replica) => Value): Value {
  const { replica } = useApp();
  return useSyncExternalStore(replica.subscribe, () => select(replica));
}

export const useTasks = () => useReplica(({ tasks }) => tasks);
export const useLists = () => useReplica(({ lists }) => lists);

/** The zone of the user, else that of the device. */
export const useTimeZone = () => findZone(useStore(useApp().profile)?.timeZone);

/** Today in the user's zone. It changes at midnight. */
export const useToday = (): Today => useTodayOf(useTimeZone());
