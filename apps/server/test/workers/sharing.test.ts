import { connect, type Socket } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openDatabaseUrl, post, signUp } from '../fixture.ts';
import { watch } from '../live/watcher.ts';
import { reachBoth, send, sendAll, startWorkers, type Workers } from './fixture.ts';

const callsPerMinute = 40;
const connectionsMax = 100;
let server: Workers;
let base: string;

beforeAll(async () => {
  server = await startWorkers({
    DATABASE_URL: await openDatabaseUrl(),
    TRUST_PROXY: '1',
    CONNECTIONS_MAX: String(connectionsMax),
    // A change reaches streams only by a wake-up.
    LIVE_POLL_MS: '0',
    RATE_LIMIT_PER_MINUTE: String(callsPerMinute),
  });
  base = server.base;
});

const join = () => signUp(base, `${crypto.randomUUID()}@example.org`);

const toStatuses = (received: { status: number }[]) => received.map(({ status }) => status);
const refusals = Array.from({ length: 8 }, () => 401);

test('both workers serve requests on one port, and each log line names its worker', async () => {
  await reachBoth(server, { path: '/livez' });
  for (const line of server.lines().filter(({ msg }) => msg === 'request')) expect([1, 2]).toContain(line['worker']);
});

test('each worker returns the metrics of all workers', async () => {
  const pattern = /^holdfast_http_requests_total\{route="readyz",status="2xx"\} (\d+)$/m;
  const read = (body: string) => Number(pattern.exec(body)![1]);
  const before = read((await send(base, { path: '/metrics' })).body);
  await reachBoth(server, { path: '/readyz' });
  for (const { body } of await sendAll(base, 6, { path: '/metrics' })) {
    expect(read(body)).toBe(before + 12);
    expect(body).toContain('holdfast_build_info{');
    expect(body).toContain('holdfast_pool_connections{state="max"} 10\n');
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  }
});

test('a user over the limit is refused by all workers, after exactly as many calls as the limit allows', async () => {
  const { jwt } = await join();
  const received = await sendAll(base, callsPerMinute + 20, { path: '/trpc/user.me', token: jwt });
  // Of one user, four requests run side by side and thirty wait. The others are refused for this reason, and count too.
  expect(toStatuses(received).filter((status) => status === 200).length).toBeLessThanOrEqual(callsPerMinute);
  const other = await join();
  const statuses: number[] = [];
  for (let call = 1; call <= callsPerMinute + 5; call += 1) {
    statuses.push((await send(base, { path: '/trpc/user.me', token: other.jwt })).status);
  }
  expect(statuses).toEqual([...Array.from({ length: callsPerMinute }, () => 200), 429, 429, 429, 429, 429]);
});

test('without a poll, a write in one worker reaches the streams of all workers', async () => {
  const { jwt } = await join();
  const streams = await Promise.all(Array.from({ length: 6 }, () => watch(base, { jwt })));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  const titles = ['one', 'two', 'three', 'four'];
  for (const title of titles) {
    const { status } = await send(base, { path: '/trpc/task.create', token: jwt, body: { title } });
    expect(status).toBe(200);
    for (const stream of streams) await expect.poll(stream.titles).toContain(title);
  }
  for (const { close, ended } of streams) {
    close();
    await ended;
  }
});

test('the limit of streams per user counts the streams of all workers', async () => {
  const { jwt } = await join();
  const streams = [];
  for (let count = 1; count <= 20; count += 1) streams.push(await watch(base, { jwt }));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  expect((await send(base, { path: '/metrics' })).body).toContain('\nholdfast_streams 20\n');
  const headers = { accept: 'application/json' };
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    expect((await watch(base, { jwt, headers })).response.status).toBe(429);
  }
  streams[0]!.close();
  await expect.poll(async () => (await watch(base, { jwt, headers })).response.status).toBe(200);
});

test('if all workers together have no room for a stream, a user with many streams loses one, in whichever worker it is', async () => {
  const [modest, ...people] = await Promise.all(Array.from({ length: 5 }, join));
  const streams = [];
  // Four fifths of the connections, and the most that one user can have.
  for (const { jwt } of people) {
    for (let count = 1; count <= 20; count += 1) streams.push(await watch(base, { jwt }));
  }
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  let ended = 0;
  for (const stream of streams) void stream.ended.then(() => (ended += 1));
  for (let count = 1; count <= 4; count += 1) {
    expect((await watch(base, { jwt: modest!.jwt })).response.status).toBe(200);
    await expect.poll(() => ended).toBe(count);
  }
});

test('connections beyond the limit of all workers together are closed', async () => {
  const { hostname, port } = new URL(base);
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  /** Returns whether the server keeps the connection. It answers a request at once. */
  const open = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), hostname).on('error', () => {});
      sockets.push(socket);
      socket.on('data', () => resolve(true)).on('close', () => resolve(false));
      socket.write('GET /livez HTTP/1.1\r\nhost: x\r\n\r\n');
    });
  let kept = 0;
  while (await open()) kept += 1;
  // Each worker alone would keep as many.
  expect(kept).toBeLessThan(connectionsMax * 1.5);
  for (const socket of sockets.splice(0, 10)) socket.destroy();
  await expect.poll(open).toBe(true);
});

test('a sign-out ends the JWT and the cookie at once in all workers', async () => {
  const { jwt, session, cookie } = await join();
  // Both workers remember the credentials.
  const path = '/trpc/user.me';
  await reachBoth(server, { path, token: jwt });
  await reachBoth(server, { path, cookie });
  const signedOut = await post(`${base}/api/auth/sign-out`, {}, { authorization: `Bearer ${session}` });
  expect(signedOut.status).toBe(200);
  expect(toStatuses(await sendAll(base, 8, { path, token: jwt }))).toEqual(refusals);
  expect(toStatuses(await sendAll(base, 8, { path, cookie }))).toEqual(refusals);
});

test('a revoked API token is refused at once by all workers', async () => {
  const { session } = await join();
  const bearer = { authorization: `Bearer ${session}` };
  const created = await post(
    `${base}/api/auth/create-token`,
    { name: 'script', scope: 'read', password: 'correct horse' },
    bearer,
  );
  const { id, token } = (await created.json()) as { id: string; token: string };
  await reachBoth(server, { path: '/trpc/user.me', token });
  expect((await post(`${base}/api/auth/revoke-token`, { id }, bearer)).status).toBe(200);
  expect(toStatuses(await sendAll(base, 8, { path: '/trpc/user.me', token }))).toEqual(refusals);
});

test('an address without a token is refused by all workers, after exactly as many calls as the limit allows', async () => {
  const statuses: number[] = [];
  for (let call = 1; call <= callsPerMinute + 5; call += 1) {
    statuses.push((await send(base, { path: '/trpc/user.me', address: '192.0.2.1' })).status);
  }
  expect(statuses).toEqual([...Array.from({ length: callsPerMinute }, () => 401), 429, 429, 429, 429, 429]);
});
