import { openPgBouncer } from '@holdfast/db/testing';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { openDatabaseUrl, openServer, post, signUp } from '../fixture.ts';
import { makeDataDir, startServer } from '../running-server.ts';
import { watch } from './watcher.ts';

const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });

async function create(url: string, jwt: string, title: string): Promise<void> {
  const response = await post(`${url}/trpc/task.create`, { title }, bearer(jwt));
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(title)]);
}

async function openProcesses(databaseUrl: string, env: Record<string, string> = {}): Promise<[string, string]> {
  // Both servers sign cursors with the secret of one data folder, and accept each other's tokens.
  const all = { DATABASE_URL: databaseUrl, HOLDFAST_DATA_DIR: await makeDataDir(), RATE_LIMIT_PER_MINUTE: '0', ...env };
  const one = await startServer({ ...all, PUBLIC_URL: 'http://tasks.localhost' });
  const two = await startServer({ ...all, PUBLIC_URL: 'http://tasks.localhost' });
  return [one.base, two.base];
}

interface Pair {
  urls: [string, string];
}

function testPair(open: () => Promise<Pair>, writes: number): void {
  test('every change reaches watchers on both servers, in order, and no other user', async () => {
    const { urls } = await open();
    const people = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const name = crypto.randomUUID();
        return { name, ...(await signUp(urls[0], `${name}@example.org`)) };
      }),
    );
    const watchers = await Promise.all(
      people.flatMap(({ name, jwt }) => urls.map(async (url) => ({ name, ...(await watch(url, { jwt })) }))),
    );
    // Each user writes to both servers in turn. A write starts when the one before it is committed.
    await Promise.all(
      people.map(async ({ name, jwt }) => {
        for (let at = 0; at < writes; at += 1) await create(urls[at % 2]!, jwt, `${name} ${at}`);
      }),
    );
    for (const { name, titles } of watchers) {
      const expected = Array.from({ length: writes }, (_, at) => `${name} ${at}`);
      // A change may arrive again.
      await expect.poll(() => [...new Set(titles())], { timeout: 60_000 }).toEqual(expected);
    }
  });

  test('no change is lost over 100 reconnects to alternating servers', async () => {
    const { urls } = await open();
    const name = crypto.randomUUID();
    const { jwt } = await signUp(urls[0], `${name}@example.org`);
    const writing = new AbortController();
    const titles: string[] = [];
    const write = async () => {
      for (let at = 0; !writing.signal.aborted; at += 1) {
        titles.push(`${name} ${at}`);
        await create(urls[at % 2]!, jwt, `${name} ${at}`);
      }
    };
    const written = write();
    const received = new Set<string>();
    let cursor: string | null = null;
    for (let connections = 1; connections <= 100; connections += 1) {
      const stream = await watch(urls[connections % 2]!, { jwt, lastEventId: cursor });
      await expect.poll(() => stream.pages.length, { interval: 5, timeout: 60_000 }).toBeGreaterThan(0);
      stream.close();
      await stream.ended;
      for (const title of stream.titles()) received.add(title);
      cursor = stream.pages.at(-1)!.cursor;
    }
    writing.abort();
    await written;
    const last = await watch(urls[0], { jwt, lastEventId: cursor });
    await expect
      .poll(() => [...received, ...last.titles()].length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(titles.length);
    for (const title of last.titles()) received.add(title);
    expect(received).toEqual(new Set(titles));
  });
}

describe('two processes on one database', () => {
  const servers = openDatabaseUrl().then((url) => openProcesses(url, { LIVE_POLL_MS: '200' }));
  testPair(async () => ({ urls: await servers }), 30);
});

describe('two servers behind a pooler in transaction mode', () => {
  const opening = (async () => {
    const pooler = await openPgBouncer({ url: inject('testServer').url, poolSize: 4 });
    const env = {
      DATABASE_URL: pooler.toUrl(await openDatabaseUrl()),
      PUBLIC_URL: 'http://tasks.localhost',
      DATABASE_POOL_WAIT_MS: '60000',
      RATE_LIMIT_PER_MINUTE: '0',
    };
    const urls: [string, string] = [(await openServer(env)).url, (await openServer(env)).url];
    return { pooler, urls };
  })();
  afterAll(async () => (await opening).pooler.stop());
  testPair(() => opening, 10);
});

test('changes that a server makes reach its own streams without any poll', async () => {
  const { url } = await openServer({ LIVE_POLL_MS: '0' });
  const { jwt } = await signUp(url, 'no-poll@example.org');
  const stream = await watch(url, { jwt });
  await expect.poll(() => stream.pages.length).toBe(1);
  await create(url, jwt, 'one');
  await expect.poll(stream.titles).toEqual(['one']);
  await create(url, jwt, 'two');
  await expect.poll(stream.titles).toEqual(['one', 'two']);
});

test('a change of another server is found by the poll alone', async () => {
  const databaseUrl = await openDatabaseUrl();
  const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: 'http://tasks.localhost' };
  const [watched, other] = [
    await openServer({ ...env, LIVE_POLL_MS: '50' }),
    await openServer({ ...env, LIVE_POLL_MS: '0' }),
  ];
  const { jwt } = await signUp(watched.url, 'poll@example.org');
  const streams = [await watch(watched.url, { jwt }), await watch(other.url, { jwt })];
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  await create(other.url, jwt, 'by the other');
  await expect.poll(streams[0]!.titles).toEqual(['by the other']);
  await create(watched.url, jwt, 'by the watched');
  await expect.poll(streams[0]!.titles).toEqual(['by the other', 'by the watched']);
  // Without a poll, the change arrives together with the next one of the server.
  expect(streams[1]!.titles()).toEqual(['by the other']);
  const metrics = await (await fetch(`${watched.url}/metrics`)).text();
  expect(metrics).toMatch(/holdfast_stream_delivery_seconds_count\{source="poll"\} [1-9]/);
});
