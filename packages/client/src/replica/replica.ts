import type { Holdfast } from '../client.ts';
import { isHoldfastError } from '../errors.ts';
import { createConnection } from './connection.ts';
import { fail } from './fail.ts';
import type { Identity } from './identity.ts';
import { createJournal } from './journal.ts';
import { closed, createOutbox } from './outbox.ts';
import { createPause, repeat } from './pauses.ts';
import { createReporter } from './reporter.ts';
import { createState } from './state.ts';
import { numberCommits, type NumberedStorage, type StoredEntry } from './storage.ts';
import { type Message, openTabs } from './tabs.ts';
import type { Replica } from './types.ts';
import { createWrites } from './writes.ts';

export interface ReplicaParts {
  holdfast: Holdfast;
  identity: Identity;
  /** Name that the tabs of this user share. */
  name: string;
  storage: NumberedStorage;
  loaded: { entries: StoredEntry[]; number: number };
  /** Called when the replica has ended. */
  onEnd(): void;
}

const page = globalThis as {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
  navigator?: { onLine?: boolean };
};
const isOffline = () => page.navigator?.onLine === false;

/** A replica, with what only its creator calls. */
export interface OwnedReplica {
  replica: Replica;
  /** Closes the replica. Its data was deleted. */
  forget(): Promise<void>;
  /** Closes the replica after its session. Only unsent work remains on the device. */
  leave(): Promise<void>;
}

/** Puts the parts of a replica together. */
export function createReplica({ holdfast, identity, name, onEnd, ...parts }: ReplicaParts): OwnedReplica {
  let { storage } = parts;
  const state = createState();
  state.store(parts.loaded.entries);
  state.takeChanged();
  const { report, status, subscribe } = createReporter(state, {
    isOnline: !isOffline(),
    isLeader: false,
    isComplete: state.feed().isComplete,
    isStored: storage.isStored,
    isClosed: false,
    unsent: state.outbox.size - state.refused().length,
    error: null,
  });
  const [sending, following] = [createPause(), createPause()];

  /** Reports whether the server can be reached. */
  function connect(isOnline: boolean, error: Error | null): void {
    if (status().isOnline === isOnline && status().error === error) return;
    if (isOnline && !status().isOnline) wake();
    if (status().isLeader) tabs.send({ connection: { isOnline, error: error && new Error(error.message) } });
    report({ isOnline, error });
  }
  const onError = (error: unknown) => connect(isHoldfastError(error) && error.requestId !== null, error as Error);

  const journal = createJournal({
    state,
    storage,
    loaded: parts.loaded.number,
    send: (commit) => tabs.send({ commit }),
    onApplied() {
      sending.end();
      report();
    },
    onFailure(error, number) {
      storage.close();
      storage = numberCommits(undefined, number);
      // The other tabs continue with what is stored. The server ignores what two tabs send.
      if (!status().isClosed) tabs.leave();
      report({ isStored: false, error });
      return storage;
    },
  });
  const connection = createConnection(holdfast, identity, () => connect(true, null));
  const outbox = createOutbox({ state, journal, isClosed: () => status().isClosed, onAdded: report });

  async function startLeading(signal: AbortSignal): Promise<void> {
    report({ isLeader: true });
    // Finds commits of an earlier leader that did not reach this tab.
    await journal.commit(() => []);
    const run = async () => {
      // Loaded later, because the app can show its data without this code.
      const { lead } = await import('./lead.ts');
      await lead({ state, journal, connection, sending, following, onError }, signal);
      return 0;
    };
    await repeat(run, { signal, pause: following, onError });
    report({ isLeader: false });
  }

  function onMessage(message: Message): void {
    if ('commit' in message) journal.receive(message.commit);
    else if ('connection' in message) connect(message.connection.isOnline, message.connection.error);
    else if ('erased' in message) void forget();
    else if (status().isLeader) tabs.send({ connection: { isOnline: status().isOnline, error: null } });
  }

  function wake(): void {
    following.end();
    sending.end();
  }

  function onNetwork(): void {
    if (isOffline()) connect(false, status().error);
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
  for (const type of ['online', 'offline']) page.addEventListener?.(type, onNetwork);

  /** Closes the replica, and then its storage. */
  async function end(last: () => unknown): Promise<void> {
    if (status().isClosed) return;
    report({ isClosed: true });
    onEnd();
    for (const type of ['online', 'offline']) page.removeEventListener?.(type, onNetwork);
    await tabs.close();
    await outbox.stored();
    journal.close();
    await last();
    storage.close();
    identity.close();
  }

  const forget = () => {
    const ended = end(() => {});
    state.clear();
    report();
    return ended;
  };

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
          if (condition(replica)) resolve();
          else if (status().isClosed) reject(fail('ABORTED', closed));
          else return;
          stop();
        };
        const stop = subscribe(check);
        check();
      }),
    stored: outbox.stored,
    retry: (id, changes = {}) => outbox.retry(id, changes),
    drop: outbox.drop,
    close: () => end(() => {}),
    async erase() {
      tabs.send({ erased: true });
      const erased = end(() => Promise.all([storage.erase(), identity.forget()]));
      state.clear();
      report();
      await erased;
    },
  };

  const leave = () =>
    end(async () => {
      const entries = state.toErased();
      await (state.outbox.size > 0 ? storage.commit(() => entries) : storage.erase());
      state.clear();
      report();
    });

  return { replica, forget, leave };
}
