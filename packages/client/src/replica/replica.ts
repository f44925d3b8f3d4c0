import type { Changes } from '@holdfast/api/client';
import type { Holdfast } from '../client.ts';
import { HoldfastError, isHoldfastError } from '../errors.ts';
import { createConnection } from './connection.ts';
import { createFeed } from './feed.ts';
import type { Identity } from './identity.ts';
import { createJournal } from './journal.ts';
import { createOutbox } from './outbox.ts';
import { createPause, repeat } from './pauses.ts';
import { createReporter } from './reporter.ts';
import { createSender } from './sender.ts';
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
  /** Another tab has deleted the storage. */
  onErased(): void;
  /** Closes the replica after its session. If the user has changed, only unsent work remains on the device. */
  leave(isSameUser: () => Promise<boolean>): Promise<void>;
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
      tabs.leave();
      report({ isStored: false, error: error as Error });
      return storage;
    },
  });
  const { call, watch } = createConnection(holdfast, identity, () => connect(true, null));
  const feed = createFeed({
    state,
    journal,
    list: (input, signal) => call('changes.list', input, signal) as Promise<Changes>,
    watch,
  });
  const { readEffects } = feed;
  const send = createSender({ state, journal, call: (op, signal) => call(op.path, op.input, signal), readEffects });
  const outbox = createOutbox({ state, journal, isClosed: () => status().isClosed, onAdded: report });

  async function lead(signal: AbortSignal): Promise<void> {
    report({ isLeader: true });
    // Finds commits of an earlier leader that did not reach this tab.
    await journal.commit(() => []);
    const sendAll = async () => {
      if (!(await send(signal))) await sending.wait(signal);
    };
    await Promise.all([
      repeat(sendAll, { signal, pause: sending, onError }),
      repeat(feed.follow, { signal, pause: following, onError }),
    ]);
    report({ isLeader: false });
  }

  function onMessage(message: Message): void {
    if ('commit' in message) journal.receive(message.commit);
    else if ('connection' in message) connect(message.connection.isOnline, message.connection.error);
    else if ('erased' in message) onErased();
    else if (status().isLeader) tabs.send({ connection: { isOnline: status().isOnline, error: null } });
  }

  function onNetwork(): void {
    if (isOffline()) connect(false, status().error);
    following.end();
    sending.end();
  }

  const tabs = openTabs(
    {
      name,
      onMessage,
      lead,
      isBusy: () => status().unsent > 0,
      onVisible() {
        onNetwork();
        void journal.commit(() => []);
      },
    },
    storage.isShared,
  );
  for (const type of ['online', 'offline']) page.addEventListener?.(type, onNetwork);

  /** Ends everything but the storage. */
  async function end(): Promise<void> {
    report({ isClosed: true });
    onEnd();
    for (const type of ['online', 'offline']) page.removeEventListener?.(type, onNetwork);
    await tabs.close();
    await outbox.stored();
    journal.close();
  }

  function closeStorage(): void {
    storage.close();
    identity.close();
  }

  function onErased(): void {
    if (status().isClosed) return;
    journal.close();
    state.clear();
    void end();
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
          if (condition(replica)) resolve();
          else if (status().isClosed)
            reject(new HoldfastError({ code: 'ABORTED', message: 'The replica was closed.', isRetryable: true }));
          else return;
          stop();
        };
        const stop = subscribe(check);
        check();
      }),
    stored: outbox.stored,
    retry: (id, changes = {}) => outbox.retry(id, changes),
    drop: outbox.drop,
    async close() {
      if (status().isClosed) return;
      await end();
      closeStorage();
    },
    async erase() {
      tabs.send({ erased: true });
      onErased();
      await storage.erase();
      await identity.forget();
      closeStorage();
    },
  };

  async function leave(isSameUser: () => Promise<boolean>): Promise<void> {
    if (status().isClosed) return;
    await end();
    if (!(await isSameUser())) {
      const entries = state.toErased();
      const hasWork = state.outbox.size > 0;
      state.clear();
      report();
      if (hasWork) await storage.commit(() => entries, true);
      else await Promise.all([storage.erase(), identity.forget()]);
    }
    closeStorage();
  }

  return { replica, onErased, leave };
}
