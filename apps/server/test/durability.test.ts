import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { post, signUp } from './fixture.ts';
import { end, killPostgres, makeDataDir, type RunningServer, startServer } from './running-server.ts';

interface Stored {
  id: string;
  title: string;
  description: string;
  version: number;
}

/** What clients were told of one task that they alone write to: all that it may be now. */
interface Entry {
  id: string;
  /** The contents it may have; null where it may not be there at all. */
  mayBe: (string | null)[];
}

interface Writers {
  /** How many writes have been acknowledged so far. */
  acknowledged(): number;
  /** Codes of the answers that were no success; `lost` where none came. */
  refusals: Set<string>;
  /** Stops them, and gives what they know. */
  stop(): Promise<Entry[]>;
}

/** Both fields say the same, so that half of a write would show. */
const toFields = (content: string) => ({ title: content, description: content.repeat(50) });

const toContent = ({ title, description }: Stored) =>
  description === title.repeat(50) ? title : `half written: ${title}`;

/** Clients that create tasks and change them as fast as they can, and write down what they were told. */
function startWriters(current: () => string, token: string): Writers {
  const stopping = new AbortController();
  const ledger: Entry[] = [];
  const refusals = new Set<string>();
  let acknowledged = 0;

  async function write(path: string, input: Record<string, unknown>): Promise<'kept' | 'undone' | 'unknown'> {
    try {
      const response = await post(`${current()}/trpc/${path}`, input, { authorization: `Bearer ${token}` });
      const { error } = (await response.json()) as { error?: { data: { code: string; isRetryable?: boolean } } };
      if (error === undefined) {
        acknowledged += 1;
        return 'kept';
      }
      refusals.add(error.data.code);
      return error.data.isRetryable ? 'undone' : 'unknown';
    } catch {
      refusals.add('lost');
      return 'unknown';
    }
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const entry: Entry = { id: randomUUID(), mayBe: [null] };
      ledger.push(entry);
      for (let turn = 0; turn < 3; turn++) {
        const content = randomUUID();
        const fields = { id: entry.id, ...toFields(content) };
        const outcome = await write(turn === 0 ? 'task.create' : 'task.update', fields);
        if (outcome === 'kept') entry.mayBe = [content];
        if (outcome === 'unknown') entry.mayBe.push(content);
        // Nothing more is written to a task of which nobody knows what it is.
        if (outcome !== 'kept') break;
      }
      if (entry.mayBe.includes(null)) await sleep(20);
    }
  }

  const working = Promise.all(Array.from({ length: 8 }, work));
  return {
    acknowledged: () => acknowledged,
    refusals,
    async stop() {
      stopping.abort();
      await working;
      return ledger;
    },
  };
}

async function listAll(base: string, token: string): Promise<Stored[]> {
  const tasks: Stored[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const input = encodeURIComponent(JSON.stringify({ limit: 200, ...(cursor && { cursor }) }));
    const response = await fetch(`${base}/trpc/task.list?input=${input}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { result } = (await response.json()) as { result: { data: { items: Stored[]; nextCursor: string | null } } };
    tasks.push(...result.data.items);
    cursor = result.data.nextCursor;
  }
  return tasks;
}

/** Everything that was acknowledged is there once, whatever else is there is whole and was asked for. */
async function audit(base: string, token: string, ledger: Entry[]): Promise<void> {
  const stored = await listAll(base, token);
  const byId = new Map(stored.map((task) => [task.id, task]));
  expect(byId.size).toBe(stored.length);
  const wrong = ledger.filter(({ id, mayBe }) => {
    const task = byId.get(id);
    return !mayBe.includes(task === undefined ? null : toContent(task));
  });
  expect(wrong).toEqual([]);
  const known = new Set(ledger.map(({ id }) => id));
  expect(stored.filter(({ id }) => !known.has(id))).toEqual([]);
}

async function start(env: Record<string, string>): Promise<RunningServer> {
  const server = await startServer(env);
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  return server;
}

const limits = { RATE_LIMIT_PER_MINUTE: '0', LOG_LEVEL: 'warn' };

test(
  'PostgreSQL killed again and again under writers loses nothing that was acknowledged',
  { timeout: 240_000 },
  async () => {
    const dataDir = await makeDataDir();
    const server = await start({ HOLDFAST_DATA_DIR: dataDir, ...limits });
    const { jwt } = await signUp(server.base, 'ada@example.org');
    const writers = startWriters(() => server.base, jwt);
    for (let round = 0; round < 4; round++) {
      const before = writers.acknowledged();
      await expect.poll(() => writers.acknowledged(), { timeout: 30_000 }).toBeGreaterThan(before + 100);
      await killPostgres(dataDir);
      const atKill = writers.acknowledged();
      // The embedded server is back by itself within moments, and nobody starts ours again.
      await expect.poll(() => writers.acknowledged(), { timeout: 30_000 }).toBeGreaterThan(atKill + 20);
    }
    const ledger = await writers.stop();
    expect([...writers.refusals].filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
    expect((await fetch(`${server.base}/readyz`)).status).toBe(200);
    await audit(server.base, jwt, ledger);
    expect(await end(server.process, 'SIGTERM')).toBe(0);
  },
);

test(
  'the server killed again and again under writers loses nothing that was acknowledged',
  { timeout: 240_000 },
  async () => {
    const env = { HOLDFAST_DATA_DIR: await makeDataDir(), PUBLIC_URL: 'http://tasks.localhost', ...limits };
    let server = await start(env);
    const { jwt } = await signUp(server.base, 'ada@example.org');
    const writers = startWriters(() => server.base, jwt);
    for (let round = 0; round < 3; round++) {
      const before = writers.acknowledged();
      await expect.poll(() => writers.acknowledged(), { timeout: 30_000 }).toBeGreaterThan(before + 100);
      await end(server.process, 'SIGKILL');
      server = await start(env);
    }
    const ledger = await writers.stop();
    await audit(server.base, jwt, ledger);
    expect(await end(server.process, 'SIGTERM')).toBe(0);
  },
);
