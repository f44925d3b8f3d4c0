import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { toUserId } from '../identities.ts';
import { type Entry, type Ledger, toFields } from './ledger.ts';

const timeoutMs = 30_000;
const longestPauseMs = 20;

/** The clients and the results of their calls. */
export interface Clients {
  readonly successes: number;
  /** Number of failed calls by error code since the last `resetFailures`. */
  readonly failures: ReadonlyMap<string, number>;
  /** Reads that contradict acknowledged writes. */
  readonly wrongReads: readonly string[];
  /** Time of each client's last successful call. */
  readonly successAt: readonly number[];
  resetFailures(): void;
  /** Waits for the running calls. */
  stop(): Promise<void>;
}

interface Task {
  id: string;
  title: string;
  version: number;
}

type Outcome = { isSuccess: true; data: Task & { items: Task[] } } | { isSuccess: false; code: string };

/** Starts writers, one per user, and readers that compare reads with the writers' acknowledged writes. */
export function startClients(url: string, tokens: readonly string[], ledger: Ledger): Clients {
  const writers = Math.floor((tokens.length * 2) / 3);
  const stopping = new AbortController();
  const failures = new Map<string, number>();
  const wrongReads: string[] = [];
  const successAt = tokens.map(() => 0);
  /** By user, the tasks that have a known state. */
  const settled = tokens.map((): Entry[] => []);
  let successes = 0;

  async function call(client: number, user: number, path: string, input: object): Promise<Outcome> {
    const outcome = await fetchOutcome(`${url}/trpc/${path}`, tokens[user]!, input);
    if (outcome.isSuccess) {
      successes += 1;
      successAt[client] = performance.now();
    } else if (path !== 'task.get' || outcome.code !== 'NOT_FOUND') {
      // A task can be deleted during a get. The ledger checks whether the deletion is correct.
      failures.set(outcome.code, (failures.get(outcome.code) ?? 0) + 1);
    }
    return outcome;
  }

  async function create(user: number): Promise<void> {
    const entry = ledger.add(toUserId(user));
    // The state is unknown until the response arrives.
    entry.possible = [0, null];
    // Half of the tasks have an ID from the client.
    const id = Math.random() < 0.5 ? { id: randomUUID() } : {};
    const outcome = await call(user, user, 'task.create', { ...id, ...toFields(entry.mark, 0) });
    if (!outcome.isSuccess) return;
    entry.id = outcome.data.id;
    entry.possible = [0];
    settled[user]!.push(entry);
  }

  /** The entry is not in `settled` until the response arrives. */
  async function change(user: number, entry: Entry): Promise<void> {
    const changes = entry.possible[0]!;
    entry.possible = [changes, changes + 1];
    const input = { id: entry.id, ifVersion: changes + 1, ...toFields(entry.mark, changes + 1) };
    const outcome = await call(user, user, 'task.update', input);
    if (!outcome.isSuccess) return;
    entry.possible = [changes + 1];
    settled[user]!.push(entry);
  }

  async function remove(user: number, entry: Entry): Promise<void> {
    entry.possible = [...entry.possible, null];
    const outcome = await call(user, user, 'task.delete', { id: entry.id });
    if (outcome.isSuccess) entry.possible = [null];
  }

  async function write(user: number): Promise<void> {
    const entries = settled[user]!;
    const dice = Math.random();
    if (dice < 0.4 || entries.length === 0) return create(user);
    const [entry] = entries.splice(Math.floor(Math.random() * entries.length), 1);
    return dice < 0.85 ? change(user, entry!) : remove(user, entry!);
  }

  async function read(client: number): Promise<void> {
    const user = Math.floor(Math.random() * writers);
    const entries = settled[user]!;
    const entry = entries[Math.floor(Math.random() * entries.length)];
    if (entry === undefined || Math.random() < 0.3) {
      const outcome = await call(client, user, 'task.list', { limit: 50 });
      const foreign = outcome.isSuccess && outcome.data.items.find(({ title }) => !title.includes(toUserId(user)));
      if (foreign) wrongReads.push(`User ${user} received ${foreign.title}.`);
      return;
    }
    const [acknowledged] = entry.possible;
    const outcome = await call(client, user, 'task.get', { id: entry.id });
    // The writer can have changed the task during the read, but no earlier acknowledged write may be missing.
    const isMissing = outcome.isSuccess
      ? outcome.data.version - 1 < acknowledged!
      : outcome.code === 'NOT_FOUND' && !entry.possible.includes(null);
    if (isMissing) wrongReads.push(`A read of ${entry.mark} misses an acknowledged write.`);
  }

  async function work(client: number): Promise<void> {
    while (!stopping.signal.aborted) {
      await (client < writers ? write(client) : read(client));
      await sleep(Math.random() * longestPauseMs);
    }
  }

  const working = Promise.all(tokens.map((_, client) => work(client)));
  return {
    get successes() {
      return successes;
    },
    failures,
    wrongReads,
    successAt,
    resetFailures: () => failures.clear(),
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

async function fetchOutcome(url: string, token: string, input: object): Promise<Outcome> {
  const isQuery = /\.(get|list)$/.test(url);
  const body = JSON.stringify(input);
  try {
    const response = await fetch(isQuery ? `${url}?input=${encodeURIComponent(body)}` : url, {
      method: isQuery ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(!isQuery && { body }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const envelope = (await response.json()) as {
      result?: { data: Task & { items: Task[] } };
      error?: { data?: { code?: string } };
    };
    if (response.ok && envelope.result !== undefined) return { isSuccess: true, data: envelope.result.data };
    return { isSuccess: false, code: envelope.error?.data?.code ?? `HTTP ${response.status}` };
  } catch (error) {
    const { name, cause } = error as Error;
    return { isSuccess: false, code: name === 'TimeoutError' ? `no response in ${timeoutMs / 1000} s` : toCode(cause) };
  }
}

function toCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no response';
}
