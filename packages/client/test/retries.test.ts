import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import {
  errorOf,
  findClosedPort,
  createStorage,
  signUpClient,
  openProxy,
  password,
  refusal,
  startServer,
} from './fixture.ts';

const server = await startServer();
const proxy = await openProxy(server);
const calls = () => proxy.seen.filter((line) => line.includes('/trpc/'));
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

beforeEach(() => {
  proxy.decide = () => 'pass';
});

/** Gives the first `count` calls of procedures this outcome. */
const first = (count: number, fate: ReturnType<typeof proxy.decide>) => {
  let left = count;
  proxy.decide = (path) => (path.startsWith('/trpc/') && (left -= 1) >= 0 ? fate : 'pass');
};

test('a create with a lost response is retried and creates one task', async () => {
  const holdfast = await signUpClient(proxy);
  first(1, 'lose response');
  const task = await holdfast.task.create({ title: 'once' });
  expect(calls()).toHaveLength(2);
  expect((await holdfast.task.list()).items).toEqual([task]);
});

test('a create through the tRPC client is retried and creates one task', async () => {
  const holdfast = await signUpClient(proxy);
  first(2, 'lose response');
  const task = await holdfast.trpc.task.create.mutate({ title: 'once' });
  expect((await holdfast.task.list()).items).toEqual([task]);
});

test('an update or delete is retried after a lost request or response and applied once', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  proxy.seen.length = 0;
  first(1, 'lose response');
  expect(await holdfast.task.update({ id, title: ' new ' })).toMatchObject({ id, title: 'new', version: 2 });
  first(1, 'cut');
  expect(await holdfast.task.update({ id, title: 'newer' })).toMatchObject({ id, title: 'newer', version: 3 });
  first(1, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1 }));
  expect(await holdfast.task.update({ id, title: 'newest' })).toMatchObject({ title: 'newest', version: 4 });
  first(2, 'lose response');
  expect(await holdfast.task.delete({ id })).toEqual({ id });
  expect(calls()).toEqual([...Array(6).fill('POST /trpc/task.update'), ...Array(3).fill('POST /trpc/task.delete')]);
});

test('the outcome of a change is unknown if no response arrives until the deadline', async () => {
  const storage = createStorage();
  const { id } = await (await signUpClient(proxy, { storage })).task.create({ title: 'old' });
  const hurried = createClient({ url: proxy.url, storage, deadlineMs: 1500 });
  await hurried.user.me();
  proxy.seen.length = 0;
  proxy.decide = (path) => (path.startsWith('/trpc/task.update') ? 'cut' : 'pass');
  const error = await errorOf(hurried.task.update({ id, title: 'new' }));
  // The deadline can pass during an attempt or during a pause.
  expect(['NETWORK', 'DEADLINE']).toContain(error['code']);
  expect(error).toMatchObject({ isRetryable: false, isUndone: false });
  expect(calls().length).toBeGreaterThan(1);
  // A refusal after a lost request does not make the outcome known.
  let left = 1;
  proxy.decide = (path) => (path !== '/trpc/task.update' || (left -= 1) < 0 ? 'pass' : 'cut');
  const missing = { id: crypto.randomUUID(), title: 'new' };
  expect(await errorOf(hurried.task.update(missing))).toMatchObject({ code: 'NOT_FOUND', isRetryable: false });
});

test('an update with ifVersion is retried after a lost request or response and applied once', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  first(1, 'lose response');
  expect(await holdfast.task.update({ id, title: 'new', ifVersion: 1 })).toMatchObject({ title: 'new', version: 2 });
  first(2, 'cut');
  expect(await holdfast.task.update({ id, title: 'newer', ifVersion: 2 })).toMatchObject({ version: 3 });
});

test('a retried update with ifVersion does not overwrite the change of another device', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const { id } = await holdfast.task.create({ title: 'old' });
  const otherDevice = createClient({ url: server, storage });
  let isChanged = false;
  let updates = 0;
  // The responses of a proxy do not say whether the server applied the change.
  proxy.decide = (path) => {
    if (path !== '/trpc/task.update' || isChanged) return 'pass';
    updates += 1;
    return refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1 });
  };
  const updating = errorOf(holdfast.task.update({ id, title: 'mine', ifVersion: 1 }));
  await expect.poll(() => updates).toBeGreaterThan(0);
  await otherDevice.task.update({ id, title: 'theirs', ifVersion: 1 });
  isChanged = true;
  expect(await updating).toMatchObject({ code: 'CONFLICT', isRetryable: false, current: { title: 'theirs' } });
});

test('a read is retried after a lost connection and after a 502 of a proxy', async () => {
  const holdfast = await signUpClient(proxy);
  first(1, 'cut');
  expect((await holdfast.task.list()).items).toEqual([]);
  first(1, { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' });
  expect((await holdfast.task.list()).items).toEqual([]);
});

test('a read is retried until its deadline', async () => {
  const holdfast = await signUpClient(proxy, { deadlineMs: 60_000 });
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(6, refusal('GATEWAY_TIMEOUT', 504));
  await holdfast.user.me();
  expect(calls()).toHaveLength(7);
  const hurried = await signUpClient(proxy, { deadlineMs: 10_000 });
  await hurried.user.me();
  first(Infinity, refusal('GATEWAY_TIMEOUT', 504));
  expect(await errorOf(hurried.user.me())).toMatchObject({ code: 'GATEWAY_TIMEOUT', isRetryable: true });
});

test('a response with incomplete JSON is UNEXPECTED_RESPONSE', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  proxy.decide = (path) => (path.startsWith('/trpc/') ? { status: 200, body: '[{"result":{"da' } : 'pass');
  const expected = {
    code: 'UNEXPECTED_RESPONSE',
    message: 'The response is not JSON.',
    cause: expect.any(SyntaxError),
  };
  expect(await errorOf(holdfast.user.me())).toMatchObject({ ...expected, isRetryable: true });
  expect(await errorOf(holdfast.task.delete({ id }))).toMatchObject({ ...expected, isRetryable: false });
});

test('a call fails if the server also refuses the renewed token', async () => {
  const holdfast = await signUpClient(proxy);
  proxy.decide = (path) => (path.startsWith('/trpc/') ? refusal('UNAUTHORIZED', 401) : 'pass');
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  expect(calls()).toHaveLength(2);
});

test('the status of a proxy’s response decides the code and isRetryable', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  const headers = { 'content-type': 'text/html', 'x-request-id': 'made-up', 'retry-after': '60' };
  for (const [status, code, isRetryable] of [
    [404, 'UNEXPECTED_RESPONSE', true],
    [408, 'UNEXPECTED_RESPONSE', false],
    [413, 'PAYLOAD_TOO_LARGE', true],
    [429, 'TOO_MANY_REQUESTS', true],
    [499, 'UNEXPECTED_RESPONSE', false],
    [502, 'BAD_GATEWAY', false],
    [503, 'SERVICE_UNAVAILABLE', false],
    [504, 'GATEWAY_TIMEOUT', false],
    [200, 'UNEXPECTED_RESPONSE', false],
  ] as const) {
    first(1, { status, headers, body: '<h1>Not Holdfast</h1>' });
    const error = await errorOf(holdfast.task.update({ id, title: 'new' }));
    expect(error).toMatchObject({ code, isRetryable, requestId: 'made-up', retryAfterMs: 60_000 });
  }
});

test('a retry waits at least the retryAfterMs of the server', async () => {
  const holdfast = await signUpClient(proxy);
  first(1, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 700 }));
  await holdfast.user.me();
  const [before, after] = proxy.times.slice(-2);
  expect(after! - before!).toBeGreaterThanOrEqual(699);
});

test('a call fails at once if the retry would start after the deadline', async () => {
  const holdfast = await signUpClient(proxy, { deadlineMs: 30_000 });
  first(1, refusal('TOO_MANY_REQUESTS', 429, { retryAfterMs: 60_000 }));
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterMs: 60_000 });
});

test('a call without a response ends at its deadline', async () => {
  const storage = createStorage();
  const { id } = await (await signUpClient(proxy, { storage })).task.create({ title: 'old' });
  const hurried = createClient({ url: proxy.url, storage, deadlineMs: 1000 });
  first(2, 'hang');
  expect(await errorOf(hurried.task.list())).toMatchObject({ code: 'DEADLINE', isRetryable: true });
  expect(await errorOf(hurried.task.delete({ id }))).toMatchObject({ code: 'DEADLINE', isRetryable: false });
});

test('a call can be aborted before, during and between its attempts', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  const aborted = await errorOf(holdfast.task.create({ title: 'never' }, { signal: AbortSignal.abort() }));
  expect(aborted).toMatchObject({ code: 'ABORTED', isRetryable: true });
  expect(proxy.seen).toEqual([]);

  const during = new AbortController();
  proxy.decide = () => 'hang';
  const hanging = errorOf(holdfast.task.create({ title: 'perhaps' }, { signal: during.signal }));
  await expect.poll(() => proxy.seen.length).toBe(1);
  during.abort();
  expect(await hanging).toMatchObject({ code: 'ABORTED', isRetryable: false });

  const between = new AbortController();
  proxy.decide = () => refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 5000 });
  const waiting = errorOf(holdfast.task.list({}, { signal: between.signal }));
  await expect.poll(() => proxy.seen.length).toBe(2);
  await sleep(50);
  between.abort();
  expect(await waiting).toMatchObject({ code: 'ABORTED', isRetryable: true });
  expect(proxy.seen).toHaveLength(2);
});

test('retries stop if the server stays down', async () => {
  const holdfast = await signUpClient(proxy, { deadlineMs: 10_000 });
  await holdfast.user.me();
  proxy.seen.length = 0;
  proxy.decide = () => refusal('SERVICE_UNAVAILABLE', 503);
  for (let index = 0; index < 30; index += 1) {
    const errors = await Promise.all(Array.from({ length: 20 }, () => errorOf(holdfast.user.me())));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
  }
  // Without a retry budget, each of the thirty rounds would have five attempts.
  expect(calls().length).toBeLessThan(80);
});

test('ten calls of one tick are sent and retried as one request', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(1, refusal('SERVICE_UNAVAILABLE', 503));
  await Promise.all(Array.from({ length: 10 }, () => holdfast.task.list()));
  expect(calls().length).toBeGreaterThan(1);
  // Timers can fire on either side of a millisecond.
  expect(calls().length).toBeLessThanOrEqual(3);
});

test('a hundred calls without a token fetch one token', async () => {
  const holdfast = await signUpClient(proxy);
  await Promise.all(Array.from({ length: 100 }, () => holdfast.task.list()));
  expect(refreshes()).toHaveLength(1);
  expect(calls()).toHaveLength(5);
});

test('a hundred calls with a refused token fetch one new token and succeed', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(5, refusal('UNAUTHORIZED', 401));
  await Promise.all(Array.from({ length: 100 }, () => holdfast.task.list()));
  expect(refreshes()).toHaveLength(1);
  expect(calls()).toHaveLength(10);
});

test('a call of one user is not retried as the next user', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(Infinity, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1500 }));
  const creating = errorOf(holdfast.task.create({ title: "the first user's" }));
  await expect.poll(() => calls().length).toBe(1);
  await holdfast.signUp({ name: 'Bob', email: 'bob@example.org', password: 'correct horse' });
  proxy.decide = () => 'pass';
  expect(await creating).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: false });
  expect((await holdfast.task.list()).items).toEqual([]);
});

test('a missing server and a server that is not Holdfast have different error codes', async () => {
  const nowhere = createClient({ url: 'http://127.0.0.1:9', getToken: () => null, deadlineMs: 1500 });
  expect(['NETWORK', 'DEADLINE']).toContain((await errorOf(nowhere.user.me()))['code']);
  proxy.decide = () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' });
  const foreign = createClient({ url: proxy.url, getToken: () => null });
  expect(await errorOf(foreign.user.me())).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  for (const url of ['tasks.example.com', 'ftp://tasks.example.com', `${proxy.url}/?a`, `${proxy.url}/#a`]) {
    expect(() => createClient({ url })).toThrow(TypeError);
  }
  for (const deadlineMs of [1e12, 0, -1, NaN]) {
    expect(() => createClient({ url: proxy.url, deadlineMs })).toThrow(RangeError);
  }
});

test('an update is retried if no connection was made', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  const closed = await findClosedPort();
  const signingIn = createClient({ url: closed }).signIn({ email: 'ada@example.org', password });
  expect(await errorOf(signingIn)).toMatchObject({ code: 'NETWORK', isRetryable: true });
  let attempts = 0;
  const starting = createClient({
    url: closed,
    getToken: () => null,
    fetch: (url, init) => fetch((attempts += 1) < 3 ? url : (url as string).replace(closed, proxy.url), init),
  });
  expect(await errorOf(starting.task.update({ id, title: 'new' }))).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(attempts).toBe(3);
});
