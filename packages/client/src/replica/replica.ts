import type { Holdfast } from '../client.ts';
import { isHoldfastError } from '../errors.ts';
import { onPageEvent } from '../network.ts';
import { closed, fail } from './fail.ts';
import type { Identity } from './identity.ts';
import { createJournal } from './journal.ts';
import { createOutbox } from './outbox.ts';
import { createPause, repeat } from './pauses.ts';
import { type Changed, createState, type State } from './state.ts';
import { numberCommits, type OpenStorage } from './storage.ts';
import { type Message, openTabs } from './tabs.ts';
import type { Replica, ReplicaStatus } from './types.ts';
import { createWrites } from './writes.ts';

export interface ReplicaParts {
  holdfast: Holdfast;
  identity: Identity;
  /** Name that the tabs of this user share. */
  name: string;
  opened: OpenStorage;
  /** Closes the replica, and deletes the stored data of the user. */
  erase(): Promise<void>;
}

const isOffline = () => (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false;

/** Calls the listeners of a replica. */
interface Reporter {
  status(): ReplicaStatus;
  /** Changes parts of the status, and reports all changes of the state since the last call. */
  report(parts?: Partial<ReplicaStatus>): void;
  subscribe(listener: (changed: Changed) => void): () => void;
}

function createReporter(state: State, first: Omit<ReplicaStatus, 'isComplete' | 'unsent'>): Reporter {
  const listeners = new Set<(changed: Changed) => void>();
  const read = () => ({
    isComplete: state.feed().isComplete,
    unsent: state.outbox.size - state.refused().length,
  });
  let status: ReplicaStatus = { ...first, ...read() };

  return {
    status: () => status,
    report(parts) {
      const next = { ...status, ...parts, ...read() };
      const names = Object.keys(next) as (keyof ReplicaStatus)[];
      if (names.some((name) => next[name] !== status[name])) status = next;
      const changed = state.takeChanged();
      for (const listener of listeners) {
        try {
          listener(changed);
        } catch (error) {
          // An error of a listener must not stop the replica.
          setTimeout(() => {
            throw error;
          });
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A replica, with what only its creator calls. */
export interface OwnedReplica {
  replica: Replica;
  /** Closes the replica and empties it at once. */
  forget(): Promise<void>;
}

/** Puts the parts of a replica together. */
export function createReplica({ holdfast, identity, name, opened, erase }: ReplicaParts): OwnedReplica {
  let { storage, error: storageError } = opened;
  /** What the leading tab knows about the server. */
  let connection = { isOnline: !isOffline(), error: null as Error | null };
  let ended: Promise<void> | undefined;
  const state = createState();
  state.store(opened.entries);
  state.takeChanged();
  const { report, status, subscribe } = createReporter(state, {
    isOnline: connection.isOnline,
    isLeader: false,
    isStored: storage.isStored,
    isClosed: false,
    error: storageError,
  });
  const [sending, resending, following] = [createPause(), createPause(), createPause()];

  /** Reports whether the server can be reached. */
  function connect(isOnline: boolean, error: Error | null): void {
    const before = connection;
    if (before.isOnline === isOnline && before.error === error) return;
    connection = { isOnline, error };
    if (isOnline && !before.isOnline) wake();
    if (status().isLeader) sendConnection();
    report({ isOnline, error: error ?? storageError });
  }
  const sendConnection = () =>
    tabs.send({ connection: { ...connection, error: connection.error && new Error(connection.error.message) } });
  const onSuccess = () => connect(true, null);
  const onError = (error: unknown) => connect(isHoldfastError(error) && error.requestId !== null, error as Error);

  const journal = createJournal({
    state,
    storage,
    loaded: opened.number,
    send: (commit) => tabs.send({ commit }),
    onApplied() {
      sending.end();
      report();
    },
    onFailure(error, number) {
      storage.close();
      storage = numberCommits(undefined, number);
      storageError = error;
      // The other tabs continue with what is stored. The server ignores what two tabs send.
      if (!status().isClosed) tabs.leave();
      report({ isStored: false, error });
      return storage;
    },
  });
  const outbox = createOutbox({ state, journal, isClosed: () => status().isClosed, onAdded: report });

  async function startLeading(signal: AbortSignal): Promise<void> {
    report({ isLeader: true });
    // Also finds commits of an earlier leader that did not reach this tab.
    await journal.commit(state.toRepair);
    const run = async () => {
      // Loaded later, because the app can show its data without this code.
      const { lead } = await import('./lead.ts');
      await lead({ holdfast, identity, state, journal, sending, resending, following, onSuccess, onError }, signal);
      return 0;
    };
    await repeat(run, { signal, pause: following, retry: following, onError });
    report({ isLeader: false });
  }

  function onMessage(message: Message): void {
    if ('commit' in message) journal.receive(message.commit);
    else if ('connection' in message) connect(message.connection.isOnline, message.connection.error);
    else if (status().isLeader) sendConnection();
  }

  function wake(): void {
    for (const pause of [following, sending, resending]) pause.end();
  }

  function onNetwork(): void {
    if (isOffline()) connect(false, connection.error);
    wake();
  }

  const tabs = openTabs(
    {
      name,
      onMessage,
      lead: startLeading,
      isBusy: () => status().unsent > 0,
      onVisible() {
        onNetwork();
        void journal.commit(() => []);
      },
    },
    storage.isShared,
  );
  const stops = [
    ...(['online', 'offline'] as const).map((type) => onPageEvent(type, onNetwork)),
    onPageEvent('pagehide', () => storage.keep?.(outbox.unstored())),
  ];

  const close = () => (ended ??= end());

  async function end(): Promise<void> {
    report({ isClosed: true });
    for (const stop of stops) stop();
    await tabs.close();
    await outbox.stored();
    journal.close();
    storage.close();
  }

  async function forget(): Promise<void> {
    journal.close();
    state.clear();
    const ended = close();
    report();
    await ended;
  }

  const replica: Replica = {
    userId: identity.userId,
    get tasks() {
      return state.rows.tasks.read();
    },
    get trash() {
      return state.rows.trash.read();
    },
    get lists() {
      return state.rows.lists.read();
    },
    get refused() {
      return state.refused();
    },
    get status() {
      return status();
    },
    ...createWrites({ state, add: outbox.add }),
    subscribe,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          try {
            if (condition(replica)) resolve();
            else if (status().isClosed) reject(fail('ABORTED', closed));
            else return;
          } catch (error) {
            reject(error);
          }
          stop();
        };
        const stop = subscribe(check);
        check();
      }),
    stored: outbox.stored,
    retry: (id, changes = {}) => outbox.retry(id, changes),
    drop: outbox.drop,
    close,
    erase,
  };

  return { replica, forget };
}
