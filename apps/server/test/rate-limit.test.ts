import { expect, test } from 'vitest';
import { openDatabaseUrl, openFaultProxyTo, openServer, post, signUp } from './fixture.ts';

const perMinute = 5;
const env = { RATE_LIMIT_PER_MINUTE: String(perMinute) };

type Headers = Record<string, string>;

const call = (url: string, headers: Headers, path = 'user.me') => fetch(`${url}/trpc/${path}`, { headers });

const signIn = (url: string) => post(`${url}/api/auth/sign-in/email`, { email: 'not an address', password: 'x' });

async function statuses(times: number, send: () => Promise<Response>): Promise<number[]> {
  const received: number[] = [];
  for (let time = 0; time < times; time += 1) received.push((await send()).status);
  return received;
}

const bearer = async (url: string, name: string) => ({
  authorization: `Bearer ${(await signUp(url, `${name}@example.org`)).jwt}`,
});

const passed = Array.from({ length: perMinute }, () => 200);

test('a user over the limit gets 429 with the time to wait, and other users are not affected', async () => {
  const { url, log } = await openServer(env);
  const [ada, bob] = [await bearer(url, 'ada'), await bearer(url, 'bob')];
  expect(await statuses(perMinute, () => call(url, ada))).toEqual(passed);
  const rejected = await call(url, ada);
  const { error } = (await rejected.json()) as { error: { data: { retryAfterMs: number } } };
  expect(rejected.status).toBe(429);
  expect(error.data).toMatchObject({ code: 'TOO_MANY_REQUESTS', httpStatus: 429, path: 'user.me' });
  expect(error.data.retryAfterMs).toBeGreaterThan(0);
  expect(error.data.retryAfterMs).toBeLessThanOrEqual(60_000);
  expect(rejected.headers.get('retry-after')).toBe(String(Math.ceil(error.data.retryAfterMs / 1000)));
  expect((await call(url, bob)).status).toBe(200);
  await expect.poll(() => log).toContainEqual(expect.objectContaining({ status: 429, code: 'TOO_MANY_REQUESTS' }));
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('\nholdfast_rate_limited_calls_total 1\n');
  expect(metrics).toContain('holdfast_calls_total{procedure="user.me",outcome="TOO_MANY_REQUESTS"} 1');
});

test('an address that guessed too many session tokens is rejected without a database query', async () => {
  const { url, log } = await openServer(env);
  const guess = () => call(url, { authorization: `Bearer ${crypto.randomUUID()}` });
  expect(await statuses(perMinute + 3, guess)).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
  // The lines of several workers arrive in another order.
  const lines = () =>
    log.filter(({ msg }) => msg === 'request').toSorted((one, other) => Number(one['time']) - Number(other['time']));
  await expect.poll(lines).toHaveLength(perMinute + 3);
  expect(lines().slice(-2)).toMatchObject([{ statements: 0 }, { statements: 0 }]);
});

test('each call of a batch counts towards the rate limit', async () => {
  const { url } = await openServer(env);
  const ada = await bearer(url, 'ada');
  expect((await call(url, ada, 'user.me,user.me,user.me?batch=1')).status).toBe(200);
  expect((await call(url, ada, 'user.me,user.me,user.me?batch=1')).status).toBe(429);
});

test('calls without a valid token count for their address, and not for the users at that address', async () => {
  const { url } = await openServer(env);
  const ada = await bearer(url, 'ada');
  expect(await statuses(3, () => call(url, {}))).toEqual([401, 401, 401]);
  expect(await statuses(3, () => call(url, { authorization: 'Bearer a.b.c' }))).toEqual([401, 401, 429]);
  expect((await call(url, {})).status).toBe(429);
  expect((await call(url, ada)).status).toBe(200);
});

test('behind a proxy, calls count for the client’s IPv4 address or its IPv6 /64', async () => {
  const { url } = await openServer({ ...env, TRUST_PROXY: '1' });
  const from = (address: string) => call(url, { 'x-forwarded-for': address });
  for (let host = 1; host <= perMinute; host += 1) expect((await from(`2001:db8::${host}`)).status).toBe(401);
  expect((await from('2001:db8::ffff')).status).toBe(429);
  expect((await from('2001:db8:0:1::1')).status).toBe(401);
  expect((await from('192.0.2.1')).status).toBe(401);
});

test('probes, the index and metrics have no rate limit, and 0 turns the limit off', async () => {
  const limited = await openServer({ RATE_LIMIT_PER_MINUTE: '1' });
  for (const path of ['/', '/livez', '/readyz', '/metrics']) {
    expect(await statuses(3, () => fetch(limited.url + path))).toEqual([200, 200, 200]);
  }
  const open = await openServer({ RATE_LIMIT_PER_MINUTE: '0' });
  expect(await statuses(perMinute * 2, () => call(open.url, {}))).not.toContain(429);
});

test('servers that count in PostgreSQL share the counts of calls and sign-ins', async () => {
  const shared = {
    ...env,
    DATABASE_URL: await openDatabaseUrl(),
    RATE_LIMIT_STORE: 'postgresql',
    PUBLIC_URL: 'http://a',
  };
  const [one, other] = [await openServer(shared), await openServer(shared)];
  const ada = await bearer(one.url, 'ada');
  expect(await statuses(3, () => call(one.url, ada))).toEqual([200, 200, 200]);
  expect(await statuses(3, () => call(other.url, ada))).toEqual([200, 200, 429]);
  expect((await call(one.url, ada)).status).toBe(429);
  for (let attempt = 0; attempt < 15; attempt += 1) await signIn(one.url);
  expect((await signIn(other.url)).status).toBe(429);
});

test('while the rate limit store is unavailable, the server counts in memory and serves calls', async () => {
  const proxy = await openFaultProxyTo(await openDatabaseUrl());
  const { url } = await openServer({ ...env, DATABASE_URL: proxy.url, RATE_LIMIT_STORE: 'postgresql' });
  const ada = await bearer(url, 'ada');
  await proxy.disable();
  expect(await statuses(perMinute + 1, () => call(url, {}))).toEqual([401, 401, 401, 401, 401, 429]);
  await proxy.restore();
  await expect.poll(async () => (await call(url, ada)).status).toBe(200);
});

test('a rate limit store that stops responding does not block calls', async () => {
  const proxy = await openFaultProxyTo(await openDatabaseUrl());
  const { url } = await openServer({ ...env, DATABASE_URL: proxy.url, RATE_LIMIT_STORE: 'postgresql' });
  expect((await call(url, {})).status).toBe(401);
  proxy.stall('everything');
  expect(await statuses(2, () => call(url, {}))).toEqual([401, 401]);
  await proxy.restore();
});
