import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { toUserId } from '../identities.ts';
import { type Entry, type Ledger, toFields } from './ledger.ts';

const patienceMs = 30_000;
const longestPauseMs = 20;

/** What the clients have seen. */
export interface Clients {
  readonly successes: number;
  /** How many calls failed, by code, since `forget` was last called. */
  readonly failures: ReadonlyMap<string, number>;
  /** Reads that contradict what was acknowledged. */
  readonly wrongReads: readonly string[];
  /** When each client was last answered well. */
  readonly successAt: readonly number[];
  forget(): void;
  /** Lets the running calls end. */
  stop(): Promise<void>;
}

interface Task {
  id: string;
  title: string;
  version: number;
}

type Outcome = { isDone: true; data: Task & { items: Task[] } } | { isDone: false; code: string };

/** Starts writers, each for a user of its own, and readers who know what the writers were told. */
export function startClients(url: string, tokens: readonly string[], ledger: Ledger): Clients {
  const writers = Math.floor((tokens.length * 2) / 3);
  const stopping = new AbortController();
  const failures = new Map<string, number>();
  const wrongReads: string[] = [];
  const successAt = tokens.map(() => 0);
  /** By user, the tasks whose state is known. */
  const known = tokens.map((): Entry[] => []);
  let successes = 0;

  async function call(client: number, user: number, path: string, input: object): Promise<Outcome> {
    const outcome = await ask(`${url}/trpc/${path}`, tokens[user]!, input);
    if (outcome.isDone) {
      successes += 1;
      successAt[client] = performance.now();
    } else if (path !== 'task.get' || outcome.code !== 'NOT_FOUND') {
      // A task may go while it is asked for; whether it was right to go is for the ledger.
      failures.set(outcome.code, (failures.get(outcome.code) ?? 0) + 1);
    }
    return outcome;
  }

  async function create(user: number): Promise<void> {
    const entry = ledger.open(toUserId(user));
    // Nobody knows until the answer is there.
    entry.possible = [0, null];
    // Half of them as clients that make their own ids do it.
    const id = Math.random() < 0.5 ? { id: randomUUID() } : {};
    const outcome = await call(user, user, 'task.create', { ...id, ...toFields(entry.mark, 0) });
    if (!outcome.isDone) return;
    entry.id = outcome.data.id;
    entry.possible = [0];
    known[user]!.push(entry);
  }

  /** Takes the entry out of what is known until the answer is there. */
  async function change(user: number, entry: Entry): Promise<void> {
    const changes = entry.possible[0]!;
    entry.possible = [changes, changes + 1];
    const input = { id: entry.id, ifVersion: changes + 1, ...toFields(entry.mark, changes + 1) };
    const outcome = await call(user, user, 'task.update', input);
    if (!outcome.isDone) return;
    entry.possible = [changes + 1];
    known[user]!.push(entry);
  }

  async function remove(user: number, entry: Entry): Promise<void> {
    entry.possible = [...entry.possible, null];
    const outcome = await call(user, user, 'task.delete', { id: entry.id });
    if (outcome.isDone) entry.possible = [null];
  }

  async function write(user: number): Promise<void> {
    const entries = known[user]!;
    const dice = Math.random();
    if (dice < 0.4 || entries.length === 0) return create(user);
    const [entry] = entries.splice(Math.floor(Math.random() * entries.length), 1);
    return dice < 0.85 ? change(user, entry!) : remove(user, entry!);
  }

  async function read(client: number): Promise<void> {
    const user = Math.floor(Math.random() * writers);
    const entries = known[user]!;
    const entry = entries[Math.floor(Math.random() * entries.length)];
    if (entry === undefined || Math.random() < 0.3) {
      const outcome = await call(client, user, 'task.list', { limit: 50 });
      const foreign = outcome.isDone && outcome.data.items.find(({ title }) => !title.includes(toUserId(user)));
      if (foreign) wrongReads.push(`user ${user} was shown ${foreign.title}`);
      return;
    }
    const [least] = entry.possible;
    const outcome = await call(client, user, 'task.get', { id: entry.id });
    // The writer may have gone on meanwhile, but nothing that was acknowledged before may be missing.
    const isMissing = outcome.isDone
      ? outcome.data.version - 1 < least!
      : outcome.code === 'NOT_FOUND' && !entry.possible.includes(null);
    if (isMissing) wrongReads.push(`${entry.mark} was read without what had been acknowledged`);
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
    forget: () => failures.clear(),
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

async function ask(url: string, token: string, input: object): Promise<Outcome> {
  const isQuery = /\.(get|list)$/.test(url);
  const body = JSON.stringify(input);
  try {
    const response = await fetch(isQuery ? `${url}?input=${encodeURIComponent(body)}` : url, {
      method: isQuery ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(!isQuery && { body }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const answer = (await response.json()) as {
      result?: { data: Task & { items: Task[] } };
      error?: { data?: { code?: string } };
    };
    if (response.ok && answer.result !== undefined) return { isDone: true, data: answer.result.data };
    return { isDone: false, code: answer.error?.data?.code ?? `HTTP ${response.status}` };
  } catch (error) {
    const { name, cause } = error as Error;
    return { isDone: false, code: name === 'TimeoutError' ? `no answer in ${patienceMs / 1000} s` : toCode(cause) };
  }
}

function toCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no answer';
}
