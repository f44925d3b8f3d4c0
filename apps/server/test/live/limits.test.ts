import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';
import { watch, type Watcher } from './watcher.ts';

const server = await openServer({ TRUSTED_ORIGINS: 'https://app.example.org' });
const { url } = server;
const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
const { jwt: anyJwt } = await signUp(url, 'any@example.org');

const openStreams = (jwt: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => watch(url, { jwt })));
const readMetrics = async (base = url) => (await fetch(`${base}/metrics`)).text();

test('a user has at most 20 streams, and another one after one of them is closed', async () => {
  const { jwt } = await signUp(url, 'many@example.org');
  const streams = await openStreams(jwt, 20);
  expect(streams.map(({ response }) => response.status)).toEqual(Array.from({ length: 20 }, () => 200));
  const refused = await watch(url, { jwt });
  expect(refused.response.status).toBe(429);
  expect(refused.response.headers.get('retry-after')).toBe('10');
  await refused.ended;
  expect(JSON.parse(refused.text()).error).toMatchObject({
    message: 'More than 20 streams at a time. Close one and try again.',
    data: { code: 'TOO_MANY_REQUESTS', retryAfterMs: 10_000 },
  });
  // Another user has room.
  expect((await watch(url, { jwt: anyJwt })).response.status).toBe(200);
  streams[0]!.close();
  await expect.poll(async () => (await watch(url, { jwt })).response.status).toBe(200);
  expect(await readMetrics()).toMatch(/holdfast_streams_refused_total\{reason="user"\} [1-9]/);
});

test('idle streams take no place from the calls of their user', async () => {
  const { jwt } = await signUp(url, 'idle@example.org');
  const streams = await openStreams(jwt, 20);
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  const statuses = await Promise.all(
    Array.from(
      { length: 10 },
      async (_, at) => (await post(`${url}/trpc/task.create`, { title: `${at}` }, bearer(jwt))).status,
    ),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (const { titles } of streams) await expect.poll(() => new Set(titles()).size).toBe(10);
});

test('a server opens streams on four fifths of its connections', async () => {
  const small = await openServer({ CONNECTIONS_MAX: '10' });
  const { jwt } = await signUp(small.url, 'crowd@example.org');
  const streams: Watcher[] = [];
  for (let count = 0; count < 8; count += 1) streams.push(await watch(small.url, { jwt }));
  expect(streams.map(({ response }) => response.status)).toEqual(Array.from({ length: 8 }, () => 200));
  const refused = await watch(small.url, { jwt });
  expect([refused.response.status, refused.response.headers.get('retry-after')]).toEqual([503, '5']);
  await refused.ended;
  expect(JSON.parse(refused.text()).error.data).toMatchObject({ code: 'SERVICE_UNAVAILABLE', isRetryable: true });
});

test('if the server has no room for a stream, the user with the most streams loses the oldest one to a user with fewer', async () => {
  // Of several workers, the one with the new stream would end its oldest.
  const small = await openServer({ CONNECTIONS_MAX: '10', WORKERS: '1' });
  const [greedy, modest] = [
    await signUp(small.url, 'greedy@example.org'),
    await signUp(small.url, 'modest@example.org'),
  ];
  const streams: Watcher[] = [];
  for (let count = 0; count < 8; count += 1) streams.push(await watch(small.url, { jwt: greedy.jwt }));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  const first = await watch(small.url, { jwt: modest.jwt });
  expect(first.response.status).toBe(200);
  // Its client connects again, and finds no room.
  expect(await streams[0]!.ended).toBe('complete');
  const again = await watch(small.url, { jwt: greedy.jwt });
  expect(again.response.status).toBe(503);
  await again.ended;
  for (const at of [1, 2]) {
    expect((await watch(small.url, { jwt: modest.jwt })).response.status).toBe(200);
    expect(await streams[at]!.ended).toBe('complete');
  }
  expect(await readMetrics(small.url)).toMatch(/holdfast_streams_ended_total\{reason="place"\} 3/);
  await post(`${small.url}/trpc/task.create`, { title: 'new' }, bearer(modest.jwt));
  await expect.poll(first.titles).toEqual(['new']);
});

test('to open a stream counts as one call', async () => {
  const limited = await openServer({ RATE_LIMIT_PER_MINUTE: '3' });
  const { jwt } = await signUp(limited.url, 'limited@example.org');
  const statuses = [];
  for (let count = 1; count <= 4; count += 1) statuses.push((await watch(limited.url, { jwt })).response.status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test('requests that no stream can serve are refused', async () => {
  const get = (path: string, init: { method?: string; headers?: Record<string, string> } = {}) =>
    fetch(`${url}/trpc/${path}`, {
      ...init,
      headers: { ...bearer(anyJwt), accept: 'application/json', ...init.headers },
    });
  expect((await get('changes.watch', { method: 'HEAD' })).status).toBe(405);
  expect((await get('changes.watch?batch=1&input={}')).status).toBe(400);
  expect((await get('changes.watch', { headers: { authorization: '' } })).status).toBe(401);
  expect((await get('changes.watch', { headers: bearer('a.b.c') })).status).toBe(401);
  expect((await get('changes.watch?input={"since":1}')).status).toBe(400);
  expect((await get('changes.watch?input={"since":"x"}')).status).toBe(400);
  expect((await get('changes.watch?since=x')).status).toBe(400);
  const large = await post(
    `${url}/trpc/changes.watch`,
    { since: 'x'.repeat(20_000) },
    { ...bearer(anyJwt), accept: 'application/json' },
  );
  expect([large.status, await large.text()]).toEqual([413, expect.stringContaining('Send at most 16 KiB')]);
});

test('a client of tRPC gets a refusal as an event of a stream', async () => {
  const response = await fetch(`${url}/trpc/changes.watch`, { headers: { accept: 'text/event-stream' } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  expect(await response.text()).toMatch(
    /^event: connected\n.*\n\n\nevent: serialized-error\ndata: \{.*"UNAUTHORIZED"/s,
  );
});

test('lastEventId replaces since', async () => {
  const { jwt } = await signUp(url, 'resume@example.org');
  await post(`${url}/trpc/task.create`, { title: 'one' }, bearer(jwt));
  const first = await watch(url, { jwt });
  await expect.poll(first.titles).toEqual(['one']);
  await post(`${url}/trpc/task.create`, { title: 'two' }, bearer(jwt));
  await expect.poll(first.titles).toEqual(['one', 'two']);
  const [old, latest] = first.pages.map(({ cursor }) => cursor);
  const resumed = await watch(url, { jwt, since: old, lastEventId: latest });
  await expect
    .poll(() => resumed.pages)
    .toEqual([expect.objectContaining({ tasks: [], cursor: latest, hasMore: false })]);
  const empty = await watch(url, { jwt, since: old, lastEventId: 'none' });
  await expect.poll(() => empty.titles().toSorted()).toEqual(['one', 'two']);
});

test('a cursor of another user is refused, and shows nothing', async () => {
  const [ada, ben] = [await signUp(url, 'cursor-ada@example.org'), await signUp(url, 'cursor-ben@example.org')];
  await post(`${url}/trpc/task.create`, { title: 'secret of Ada' }, bearer(ada.jwt));
  const stream = await watch(url, { jwt: ada.jwt });
  await expect.poll(stream.titles).toEqual(['secret of Ada']);
  const { cursor } = stream.pages[0]!;
  for (const given of [{ since: cursor }, { lastEventId: cursor }]) {
    const refused = await watch(url, { jwt: ben.jwt, ...given });
    expect(refused.response.status).toBe(400);
    await refused.ended;
    expect(refused.text()).toContain('The cursor does not match this user.');
    expect(refused.text()).not.toContain('secret');
  }
});

test('a page of a trusted origin can open streams with a token, and no other page can', async () => {
  const preflight = (origin: string) =>
    fetch(`${url}/trpc/changes.watch`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const { headers } = await preflight('https://app.example.org');
  expect(headers.get('access-control-allow-origin')).toBe('https://app.example.org');
  expect(headers.get('access-control-allow-headers')).toBe('authorization,content-type');
  expect((await preflight('https://evil.example.org')).headers.get('access-control-allow-origin')).toBeNull();
  const stream = await watch(url, { jwt: anyJwt, headers: { origin: 'https://app.example.org' } });
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    'access-control-allow-origin': 'https://app.example.org',
    'cache-control': 'no-cache, no-transform',
    'content-type': 'text/event-stream',
    vary: expect.stringContaining('origin'),
    'x-accel-buffering': 'no',
  });
});

test('a stream is one line of the log, with its duration and without an alert', async () => {
  const { jwt, id } = await signUp(url, 'log@example.org');
  const stream = await watch(url, { jwt });
  await expect.poll(() => stream.pages.length).toBe(1);
  const open = /^holdfast_streams (\d+)$/m.exec(await readMetrics())![1]!;
  expect(Number(open)).toBeGreaterThan(0);
  stream.close();
  const lines = () => server.log.filter(({ userId, path }) => userId === id && path === '/trpc/changes.watch');
  await expect
    .poll(lines)
    .toEqual([
      expect.objectContaining({ level: 30, status: 200, procedures: 'changes.watch', durationMs: expect.any(Number) }),
    ]);
  const metrics = await readMetrics();
  expect(metrics).toMatch(/holdfast_http_requests_total\{route="stream",status="2xx"\} [1-9]/);
  expect(metrics).toMatch(/holdfast_streams_ended_total\{reason="client"\} [1-9]/);
});

test('a client that disconnects while its first page is read leaves no stream behind', async () => {
  const lonely = await openServer();
  const { jwt } = await signUp(lonely.url, 'gone@example.org');
  const { port } = new URL(lonely.url);
  for (let count = 0; count < 30; count += 1) {
    const socket = connect(Number(port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.write(`GET /trpc/changes.watch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${jwt}\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, count % 10));
    socket.resetAndDestroy();
  }
  await expect.poll(() => readMetrics(lonely.url)).toMatch(/^holdfast_streams 0$/m);
});
