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

/** One task that only one client writes to, and its possible states after the responses so far. */
interface Entry {
  id: string;
  /** Possible contents. Null means that the task may not exist. */
  possibleContents: (string | null)[];
}

interface Writers {
  /** Number of acknowledged writes so far. */
  acknowledged(): number;
  /** Error codes of failed writes. `lost` means that no response arrived. */
  failures: Set<string>;
  /** Stops the writers, and returns their entries. */
  stop(): Promise<Entry[]>;
}

/** Both fields contain the same text, so that the test detects a partial write. */
const toFields = (content: string) => ({ title: content, description: content.repeat(50) });

const toContent = ({ title, description }: Stored) =>
  description === title.repeat(50) ? title : `partial write: ${title}`;

/** Starts clients that create and update tasks without a pause, and record the outcomes. */
function startWriters(current: () => string, token: string): Writers {
  const stopping = new AbortController();
  const ledger: Entry[] = [];
  const failures = new Set<string>();
  let acknowledged = 0;

  async function write(path: string, input: Record<string, unknown>): Promise<'stored' | 'unchanged' | 'unknown'> {
    try {
      const response = await post(`${current()}/trpc/${path}`, input, { authorization: `Bearer ${token}` });
      const { error } = (await response.json()) as { error?: { data: { code: string; isRetryable?: boolean } } };
      if (error === undefined) {
        acknowledged += 1;
        return 'stored';
      }
      failures.add(error.data.code);
      return error.data.isRetryable ? 'unchanged' : 'unknown';
    } catch {
      failures.add('lost');
      return 'unknown';
    }
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      const entry: Entry = { id: randomUUID(), possibleContents: [null] };
      ledger.push(entry);
      for (let turn = 0; turn < 3; turn++) {
        const content = randomUUID();
        const fields = { id: entry.id, ...toFields(content) };
        const outcome = await write(turn === 0 ? 'task.create' : 'task.update', fields);
        if (outcome === 'stored') entry.possibleContents = [content];
        if (outcome === 'unknown') entry.possibleContents.push(content);
        // After a failed write, the task's content is no longer certain.
        if (outcome !== 'stored') break;
      }
      if (entry.possibleContents.includes(null)) await sleep(20);
    }
  }

  const working = Promise.all(Array.from({ length: 8 }, work));
  return {
    acknowledged: () => acknowledged,
    failures,
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

/** Expects each acknowledged write exactly once, and no partial or unrequested ones. */
async function audit(base: string, token: string, ledger: Entry[]): Promise<void> {
  const stored = await listAll(base, token);
  const byId = new Map(stored.map((task) => [task.id, task]));
  expect(byId.size).toBe(stored.length);
  const wrong = ledger.filter(({ id, possibleContents }) => {
    const task = byId.get(id);
    return !possibleContents.includes(task === undefined ? null : toContent(task));
  });
  expect(wrong).toEqual([]);
  const requested = new Set(ledger.map(({ id }) => id));
  expect(stored.filter(({ id }) => !requested.has(id))).toEqual([]);
}

async function start(env: Record<string, string>): Promise<RunningServer> {
  const server = await startServer(env);
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  return server;
}

const limits = { RATE_LIMIT_PER_MINUTE: '0', LOG_LEVEL: 'warn' };

test('repeated kills of PostgreSQL lose no acknowledged write', { timeout: 240_000 }, async () => {
  const dataDir = await makeDataDir();
  const server = await start({ HOLDFAST_DATA_DIR: dataDir, ...limits });
  const { jwt } = await signUp(server.base, 'ada@example.org');
  const writers = startWriters(() => server.base, jwt);
  for (let round = 0; round < 4; round++) {
    const before = writers.acknowledged();
    await expect.poll(() => writers.acknowledged(), { timeout: 30_000 }).toBeGreaterThan(before + 100);
    await killPostgres(dataDir);
    const atKill = writers.acknowledged();
    // PostgreSQL is restarted automatically. The server runs on.
    await expect.poll(() => writers.acknowledged(), { timeout: 30_000 }).toBeGreaterThan(atKill + 20);
  }
  const ledger = await writers.stop();
  expect([...writers.failures].filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
  expect((await fetch(`${server.base}/readyz`)).status).toBe(200);
  await audit(server.base, jwt, ledger);
  expect(await end(server.process, 'SIGTERM')).toBe(0);
});

test('repeated kills of the server lose no acknowledged write', { timeout: 240_000 }, async () => {
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
});
