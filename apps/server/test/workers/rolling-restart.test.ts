import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseUrl, openFaultProxyTo, signUp } from '../fixture.ts';
import { watch } from '../live/watcher.ts';
import { startServer, end } from '../running-server.ts';
import { reachBoth, send, startWorkers } from './fixture.ts';

interface Load {
  responses(): number;
  /** Descriptions of all requests without a 200 response. */
  failures: string[];
  titles: string[];
  stop(): Promise<void>;
}

/** Clients that write and read without a pause, each over one connection as long as the server keeps it open. */
function startLoad(base: string, jwt: string): Load {
  const stopping = new AbortController();
  const failures: string[] = [];
  const titles: string[] = [];
  let responses = 0;

  async function call(agent: Agent, path: string, body?: object): Promise<void> {
    try {
      const headers = { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' };
      const sent = request(base + path, { agent, headers, method: body === undefined ? 'GET' : 'POST' });
      sent.end(body && JSON.stringify(body));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const received = await text(response);
      responses += 1;
      if (response.statusCode !== 200) failures.push(`${path} ${response.statusCode} ${received}`);
    } catch (error) {
      failures.push(`${path} ${String(error)}`);
    }
  }

  async function work(client: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const title = `${client} ${turn}`;
      await call(agent, '/trpc/task.create', { title });
      titles.push(title);
      await call(agent, '/trpc/task.list?input=%7B%22limit%22%3A5%7D');
      await call(agent, '/readyz');
    }
    agent.destroy();
  }

  const working = Promise.all([1, 2].map(work));
  return {
    responses: () => responses,
    failures,
    titles,
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

/** Follows the changes with one stream after another, from the last cursor. */
function follow(base: string, jwt: string) {
  const stopping = new AbortController();
  const titles = new Set<string>();
  const ends: string[] = [];
  let isOpen = false;
  async function run(): Promise<void> {
    for (let cursor: string | null = null; !stopping.signal.aborted;) {
      const stream = await watch(base, { jwt, lastEventId: cursor });
      if (stream.response.status !== 200) ends.push(`refused with ${stream.response.status}`);
      stopping.signal.addEventListener('abort', () => stream.close());
      isOpen = true;
      const ended = await stream.ended;
      if (!stopping.signal.aborted) ends.push(ended);
      for (const title of stream.titles()) titles.add(title);
      cursor = stream.pages.at(-1)?.cursor ?? cursor;
    }
  }
  const running = run();
  return {
    titles,
    ends,
    isOpen: () => isOpen,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

test('a rolling restart under load replaces all workers without a failed request, and streams lose nothing', async () => {
  const server = await startWorkers({ DATABASE_URL: await openDatabaseUrl(), RATE_LIMIT_PER_MINUTE: '0' });
  const { base } = server;
  await reachBoth(server, { path: '/livez' });
  const { jwt } = await signUp(base, 'ada@example.org');
  const load = startLoad(base, jwt);
  const followers = Array.from({ length: 4 }, () => follow(base, jwt));
  for (const { isOpen } of followers) await expect.poll(isOpen).toBe(true);
  await expect.poll(load.responses).toBeGreaterThan(50);
  const before = [server.pids(1).at(-1), server.pids(2).at(-1)];

  server.process.kill('SIGUSR2');
  await server.findLine('rolling restart done');
  const responses = load.responses();
  await expect.poll(load.responses).toBeGreaterThan(responses + 50);
  await load.stop();
  expect(load.failures).toEqual([]);
  await reachBoth(server, { path: '/livez' });
  expect(server.pids(1)).toHaveLength(2);
  expect(server.pids(2)).toHaveLength(2);
  expect(server.lines().filter(({ msg, status }) => msg === 'request' && Number(status) >= 400)).toEqual([]);

  const last = await send(base, { path: '/trpc/task.create', token: jwt, body: { title: 'the last one' } });
  expect(last.status).toBe(200);
  for (const follower of followers) {
    await follower.stop();
    // A broken connection would be an end without the last chunk.
    expect(new Set(follower.ends)).toEqual(new Set(['complete']));
  }
  expect(before).not.toContain(server.pids(1).at(-1));
  expect(await server.stop()).toBe(0);
  expect(server.output()).not.toContain('not closed cleanly');
});

test('if a new worker cannot start, the rolling restart ends and the old workers serve on', async () => {
  const proxy = await openFaultProxyTo(await openDatabaseUrl());
  const server = await startWorkers({
    DATABASE_URL: proxy.url,
    DATABASE_CONNECT_TIMEOUT_MS: '500',
    DATABASE_POOL_WAIT_MS: '500',
  });
  await reachBoth(server, { path: '/livez' });
  const pids = [server.pids(1), server.pids(2)];
  await proxy.disable();
  server.process.kill('SIGUSR2');
  expect(await server.findLine('rolling restart ended: a new worker cannot start')).toMatchObject({
    worker: 1,
    reason: expect.stringContaining('The database cannot be reached'),
  });
  await proxy.restore();
  await reachBoth(server, { path: '/livez' });
  expect([server.pids(1), server.pids(2)]).toEqual(pids);
  server.process.kill('SIGUSR2');
  await server.findLine('rolling restart done');
});

test('a server with one process refuses a rolling restart in its log, and serves on', async () => {
  const server = await startServer({
    DATABASE_URL: await openDatabaseUrl(),
    WORKERS: '1',
    AUTH_SECRET: 'x'.repeat(32),
  });
  onTestFinished(async () => void (await end(server.process, 'SIGKILL')));
  server.process.kill('SIGUSR2');
  await expect.poll(server.output).toContain('no rolling restart: set WORKERS to 2 or more');
  expect((await fetch(`${server.base}/livez`)).status).toBe(200);
  expect(await end(server.process, 'SIGTERM')).toBe(0);
});
