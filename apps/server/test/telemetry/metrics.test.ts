import { expect, test } from 'vitest';
import { openServer, post, signUp } from '../fixture.ts';

const server = await openServer();
const { url } = server;
const { jwt } = await signUp(url, 'ada@example.org');
const bearer = { authorization: `Bearer ${jwt}` };
const wrong = { authorization: 'Bearer a.b.c' };

/** Every series with its value, such as `holdfast_calls_total{procedure="task.get",outcome="OK"}`. */
async function read(base = url, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const text = await (await fetch(`${base}/metrics`, { headers })).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** Returns how much the work adds to the series with this name, by their labels. */
async function measure(name: string, work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await read();
  await work();
  const increases: Record<string, number> = {};
  for (const [series, value] of await read()) {
    const more = value - (before.get(series) ?? 0);
    if (series.startsWith(name) && more !== 0) increases[series.slice(name.length)] = more;
  }
  return increases;
}

const calls = (work: () => Promise<unknown>) => measure('holdfast_calls_total', work);
const call = (procedure: string, outcome: string) => `{procedure="${procedure}",outcome="${outcome}"}`;
const get = (path: string, headers: Record<string, string> = bearer) =>
  fetch(`${url}/trpc/${path}`, { headers }).then((response) => response.text());

test('metrics are in Prometheus’ text format, with the version and the state of the pool', async () => {
  const response = await fetch(`${url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching('text/plain')]);
  const series = await read();
  expect([...series.keys()]).toContainEqual(
    expect.stringMatching(/^holdfast_build_info\{version="0.*",schema="\d{4}-/),
  );
  expect(series.get('holdfast_pool_connections{state="max"}')).toBe(10);
  expect(series.get('holdfast_pool_waiting')).toBe(0);
  expect(series.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
});

const input = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const noTask = '0190a000-0000-7000-8000-00000000000a';
const streaming = { ...bearer, 'trpc-accept': 'application/jsonl' };

test.for<[what: string, work: () => Promise<unknown>, counted: Record<string, number>]>([
  ['a call that succeeds', () => get('task.list'), { [call('task.list', 'OK')]: 1 }],
  [
    'a call that fails in its procedure',
    () => get(`task.get?input=${input({ id: noTask })}`),
    { [call('task.get', 'NOT_FOUND')]: 1 },
  ],
  ['a call with a wrong input', () => get('task.get?input={}'), { [call('task.get', 'BAD_REQUEST')]: 1 }],
  ['a call whose input is not JSON', () => get('task.get?input={'), { [call('task.get', 'BAD_REQUEST')]: 1 }],
  ['a call without token', () => get('task.list', {}), { [call('task.list', 'UNAUTHORIZED')]: 1 }],
  ['a call with a wrong token', () => get('task.list', wrong), { [call('task.list', 'UNAUTHORIZED')]: 1 }],
  [
    'each call of a batch with a wrong token',
    () => get('task.list,task.list,user.me?batch=1', wrong),
    { [call('task.list', 'UNAUTHORIZED')]: 2, [call('user.me', 'UNAUTHORIZED')]: 1 },
  ],
  [
    'each call of a batch',
    () => get('task.list,nothing,task.get?batch=1'),
    { [call('task.list', 'OK')]: 1, [call('unknown', 'NOT_FOUND')]: 1, [call('task.get', 'BAD_REQUEST')]: 1 },
  ],
  [
    'each call of a streamed batch',
    () => get('task.list,nothing,task.get?batch=1', streaming),
    { [call('task.list', 'OK')]: 1, [call('unknown', 'NOT_FOUND')]: 1, [call('task.get', 'BAD_REQUEST')]: 1 },
  ],
  [
    'each call of a streamed batch with a wrong token',
    () => get('task.list,nothing?batch=1', { ...streaming, ...wrong }),
    { [call('task.list', 'UNAUTHORIZED')]: 1, [call('unknown', 'NOT_FOUND')]: 1 },
  ],
  ['a call of an unknown procedure', () => get(`made.up.${noTask}`), { [call('unknown', 'NOT_FOUND')]: 1 }],
  [
    'a batch that is too large',
    () => get(`${'user.me,'.repeat(20)}user.me?batch=1`),
    { [call('unknown', 'BAD_REQUEST')]: 1 },
  ],
  ['a call with an invalid path', () => get('%ff'), { [call('unknown', 'BAD_REQUEST')]: 1 }],
  ['a call with the wrong method', () => get('task.create'), { [call('task.create', 'METHOD_NOT_SUPPORTED')]: 1 }],
  [
    'a call whose body is not JSON',
    () => post(`${url}/trpc/task.create`, '{', bearer),
    { [call('task.create', 'BAD_REQUEST')]: 1 },
  ],
  [
    'each call of a batch with another content type',
    () => post(`${url}/trpc/task.create,task.create?batch=1`, 'x', { ...bearer, 'content-type': 'text/plain' }),
    { [call('task.create', 'UNSUPPORTED_MEDIA_TYPE')]: 2 },
  ],
  [
    'a call whose body is too large',
    () => post(`${url}/trpc/task.create`, { title: 'x'.repeat(1024 * 1024) }, bearer),
    { [call('task.create', 'PAYLOAD_TOO_LARGE')]: 1 },
  ],
])('%s is counted once in holdfast_calls_total', async ([, work, counted]) => {
  expect(await calls(work)).toEqual(counted);
});

test('statements are counted by name, and those of the sign-in as other', async () => {
  const increases = await measure('holdfast_statements_total', async () => {
    await get('task.list');
    await fetch(`${url}/api/auth/get-session`, { headers: { authorization: 'Bearer 0123456789' } });
    await signUp(url, 'eve@example.org');
  });
  expect(increases).toMatchObject({
    '{name="task_list_newest",outcome="ok"}': 1,
    '{name="other",outcome="ok"}': expect.any(Number),
  });
});

test('requests are counted by the kind of route and the class of status', async () => {
  const increases = await measure('holdfast_http_requests_total', async () => {
    await get('task.list');
    await get('task.list', {});
    for (const path of ['/livez', '/readyz', '/nothing/at/all', '/api/auth/ok']) await (await fetch(url + path)).text();
  });
  expect(increases).toEqual({
    '{route="trpc",status="2xx"}': 1,
    '{route="trpc",status="4xx"}': 1,
    '{route="livez",status="2xx"}': 1,
    '{route="readyz",status="2xx"}': 1,
    '{route="other",status="4xx"}': 1,
    '{route="auth",status="2xx"}': 1,
    // The read before the work.
    '{route="metrics",status="2xx"}': 1,
  });
});

test('with METRICS_TOKEN set, /metrics requires the token', async () => {
  const protectedServer = await openServer({ METRICS_TOKEN: 'a token for the scraper' });
  const status = async (headers = {}) => (await fetch(`${protectedServer.url}/metrics`, { headers })).status;
  expect(await status()).toBe(401);
  expect(await status({ authorization: 'Bearer another token' })).toBe(401);
  expect(await status({ authorization: 'Bearer a token for the scraper' })).toBe(200);
});
