import type { Holdfast } from '../client.ts';
import { onPageEvent } from '../network.ts';
import { fail } from './fail.ts';
import type { Identity } from './identity.ts';
import { createJournal } from './journal.ts';
import { createOutbox } from './outbox.ts';
import { createPause, repeat } from './pauses.ts';
import { type Changed, createState, type State } from './state.ts';
import type { OpenStorage } from './storage.ts';
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

const isOnline = () => (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine !== false;

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
          void Promise.reject(error);
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
  let storageError = opened.error;
  /** Why the leading tab cannot reach the server, or is refused. */
  let serverError: Error | null = null;
  let ended: Promise<void> | undefined;
  const state = createState();
  state.store(opened.entries);
  state.takeChanged();
  const { report, status, subscribe } = createReporter(state, {
    isOnline: isOnline(),
    isLeader: false,
    isStored: opened.storage.isStored,
    isClosed: false,
    error: storageError,
  });
  const pauses = [createPause(), createPause(), createPause()] as const;
  const [sending, , following] = pauses;

  /** Reports whether the server can be reached. */
  function connect(isOnline: boolean, error: Error | null): void {
    const wasOnline = status().isOnline;
    if (isOnline === wasOnline && error === serverError) return;
    serverError = error;
    report({ isOnline, error: error ?? storageError });
    if (isOnline && !wasOnline) wake();
    sendConnection();
  }
  /** If this tab leads, sends the other tabs what it knows about the server. */
  function sendConnection(): void {
    const { isLeader, isOnline } = status();
    if (isLeader) tabs.send({ connection: { isOnline, error: serverError && new Error(serverError.message) } });
  }

  const journal = createJournal({
    state,
    opened,
    send: (commit) => tabs.send({ commit }),
    onApplied() {
      sending.end();
      report();
    },
    onError(error) {
      storageError = error;
      // The other tabs continue with what is stored. The server ignores what two tabs send.
      if (!status().isClosed) tabs.leave();
      report({ isStored: false, error });
    },
  });
  const { add, retry, drop, stored, unstored } = createOutbox({ state, journal, assertOpen, report });

  /** Finds commits of other tabs that did not reach this one: the number of a new commit shows the gap. */
  const findCommits = () => journal.commit(() => []);

  function assertOpen(): void {
    if (status().isClosed) throw fail('ABORTED', 'The replica is closed. Open a new replica.');
  }

  async function startLeading(signal: AbortSignal): Promise<void> {
    report({ isLeader: true });
    await findCommits();
    const run = async () => {
      // Loaded later, because the app can show its data without this code.
      const { lead } = await import('./lead.ts');
      await lead({ holdfast, identity, state, journal, pauses, connect }, signal);
      return 0;
    };
    await repeat(run, { signal, pause: following, retry: following, onError: (error) => connect(false, error) });
    report({ isLeader: false });
  }

  function onMessage({ commit, connection }: Message): void {
    if (commit) journal.receive(commit);
    else if (connection) connect(connection.isOnline, connection.error);
    else sendConnection();
  }

  function wake(): void {
    for (const { end } of pauses) end();
  }

  function onNetwork(): void {
    if (!isOnline()) connect(false, serverError);
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
        void findCommits();
      },
    },
    opened.storage.isShared,
  );
  const stops = [
    onPageEvent('online', onNetwork),
    onPageEvent('offline', onNetwork),
    onPageEvent('pagehide', () => journal.storage().keep?.(unstored())),
  ];

  const close = () => (ended ??= end());

  async function end(): Promise<void> {
    report({ isClosed: true });
    for (const stop of stops) stop();
    await tabs.close();
    await stored();
    journal.close();
    journal.storage().close();
  }

  async function forget(): Promise<void> {
    journal.close();
    state.replace([], () => true);
    report({ isClosed: true });
    await close();
  }

  const { tasks, trash, lists } = state.rows;
  const replica: Replica = {
    userId: identity.userId,
    get tasks() {
      return tasks.read();
    },
    get trash() {
      return trash.read();
    },
    get lists() {
      return lists.read();
    },
    get refused() {
      return state.refused();
    },
    get status() {
      return status();
    },
    ...createWrites({ state, add }),
    subscribe,
    until: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          try {
            if (!condition(replica)) return assertOpen();
            resolve();
          } catch (error) {
            reject(error);
          }
          stop();
        };
        const stop = subscribe(check);
        check();
      }),
    stored,
    retry,
    drop,
    close,
    erase,
  };

  return { replica, forget };
}
