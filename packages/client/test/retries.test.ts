import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { failureOf, findClosedPort, keep, meet, openProxy, password, refusal, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const calls = () => proxy.seen.filter((line) => line.includes('/trpc/'));
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

beforeEach(() => {
  proxy.decide = () => 'pass';
});

/** The first so many requests to the procedures meet this fate. */
const first = (count: number, fate: ReturnType<typeof proxy.decide>) => {
  let left = count;
  proxy.decide = (path) => (path.startsWith('/trpc/') && (left -= 1) >= 0 ? fate : 'pass');
};

test('a create whose answer is lost is repeated, and there is one task', async () => {
  const holdfast = await meet(proxy);
  first(1, 'lose answer');
  const task = await holdfast.task.create({ title: 'once' });
  expect(calls()).toHaveLength(2);
  expect((await holdfast.task.list()).items).toEqual([task]);
});

test('a create through the raw client is repeated as safely', async () => {
  const holdfast = await meet(proxy);
  first(2, 'lose answer');
  const task = await holdfast.trpc.task.create.mutate({ title: 'once' });
  expect((await holdfast.task.list()).items).toEqual([task]);
});

test('a create that was lost, and its task changed before the repetition, answers the task as it stands', async () => {
  const holdfast = await meet(proxy);
  let creates = 0;
  let isChanged = false;
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    creates += 1;
    if (creates === 1) return 'lose answer';
    // Time for somebody on another device to change it.
    return isChanged ? 'pass' : refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1000 });
  };
  const creating = holdfast.task.create({ title: 'mine' });
  await expect.poll(() => creates).toBe(2);
  const [found] = (await holdfast.task.list()).items;
  await holdfast.task.update({ id: found!.id, title: 'changed' });
  isChanged = true;
  expect(await creating).toMatchObject({ id: found!.id, title: 'changed', version: 2 });
});

test('an update or delete whose answer is lost is not repeated, and says that its outcome is unknown', async () => {
  const holdfast = await meet(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  proxy.seen.length = 0;
  first(1, 'lose answer');
  const failure = await failureOf(holdfast.task.update({ id, title: 'new' }));
  expect(failure).toMatchObject({ code: 'NETWORK', isRetryable: false });
  expect(failure['message']).toContain('unknown');
  expect(calls()).toHaveLength(1);
  expect((await holdfast.task.get({ id })).title).toBe('new');
  first(1, 'lose answer');
  expect(await failureOf(holdfast.task.delete({ id }))).toMatchObject({ code: 'NETWORK', isRetryable: false });
});

test('an unavailable server has an update repeated only where it says that nothing happened', async () => {
  const holdfast = await meet(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  proxy.seen.length = 0;
  first(1, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1 }));
  const failure = await failureOf(holdfast.task.update({ id, title: 'new' }));
  expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', isRetryable: false, requestId: 'made-up' });
  expect(calls()).toHaveLength(1);
  first(1, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1, isRetryable: true }));
  expect(await holdfast.task.update({ id, title: 'new' })).toMatchObject({ title: 'new', version: 2 });
  first(1, refusal('TOO_MANY_REQUESTS', 429, { retryAfterMs: 1 }));
  expect(await holdfast.task.update({ id, title: 'newer' })).toMatchObject({ title: 'newer', version: 3 });
});

test('reads are repeated, also when a proxy answers in the place of the server', async () => {
  const holdfast = await meet(proxy);
  first(1, 'cut');
  expect((await holdfast.task.list()).items).toEqual([]);
  first(1, { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' });
  expect((await holdfast.task.list()).items).toEqual([]);
});

test('a read is tried five times at the most', async () => {
  const holdfast = await meet(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  proxy.decide = () => refusal('GATEWAY_TIMEOUT', 504);
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'GATEWAY_TIMEOUT', isRetryable: true });
  expect(calls()).toHaveLength(5);
});

test('an answer that breaks off within its JSON is told as that', async () => {
  const holdfast = await meet(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  proxy.decide = (path) => (path.startsWith('/trpc/') ? { status: 200, body: '[{"result":{"da' } : 'pass');
  const told = { code: 'UNEXPECTED_RESPONSE', message: 'The answer is not JSON.', cause: expect.any(SyntaxError) };
  expect(await failureOf(holdfast.user.me())).toMatchObject({ ...told, isRetryable: true });
  expect(await failureOf(holdfast.task.delete({ id }))).toMatchObject({ ...told, isRetryable: false });
});

test('a token whose successor is refused as well ends the call', async () => {
  const holdfast = await meet(proxy);
  proxy.decide = (path) => (path.startsWith('/trpc/') ? refusal('UNAUTHORIZED', 401) : 'pass');
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  expect(calls()).toHaveLength(2);
});

test('what a proxy answers by itself tells what became of the call, where it does', async () => {
  const holdfast = await meet(proxy);
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
    const failure = await failureOf(holdfast.task.update({ id, title: 'new' }));
    expect(failure).toMatchObject({ code, isRetryable, requestId: 'made-up', retryAfterMs: 60_000 });
  }
});

test('the server is left alone for as long as it asks', async () => {
  const holdfast = await meet(proxy);
  first(1, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 700 }));
  await holdfast.user.me();
  const [before, after] = proxy.times.slice(-2);
  expect(after! - before!).toBeGreaterThanOrEqual(699);
});

test('waiting longer than the deadline is not even begun', async () => {
  const holdfast = await meet(proxy, { deadlineMs: 5000 });
  first(1, refusal('TOO_MANY_REQUESTS', 429, { retryAfterMs: 60_000 }));
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfterMs: 60_000 });
});

test('a call that gets no answer ends at its deadline', async () => {
  const storage = keep();
  const { id } = await (await meet(proxy, { storage })).task.create({ title: 'old' });
  const hurried = createClient({ url: proxy.url, storage, deadlineMs: 1000 });
  first(2, 'hang');
  expect(await failureOf(hurried.task.list())).toMatchObject({ code: 'DEADLINE', isRetryable: true });
  expect(await failureOf(hurried.task.delete({ id }))).toMatchObject({ code: 'DEADLINE', isRetryable: false });
});

test('a call is aborted before, during and between its tries', async () => {
  const holdfast = await meet(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  const aborted = await failureOf(holdfast.task.create({ title: 'never' }, { signal: AbortSignal.abort() }));
  expect(aborted).toMatchObject({ code: 'ABORTED', isRetryable: true });
  expect(proxy.seen).toEqual([]);

  const during = new AbortController();
  proxy.decide = () => 'hang';
  const hanging = failureOf(holdfast.task.create({ title: 'perhaps' }, { signal: during.signal }));
  await expect.poll(() => proxy.seen.length).toBe(1);
  during.abort();
  expect(await hanging).toMatchObject({ code: 'ABORTED', isRetryable: false });

  const between = new AbortController();
  proxy.decide = () => refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 5000 });
  const waiting = failureOf(holdfast.task.list({}, { signal: between.signal }));
  await expect.poll(() => proxy.seen.length).toBe(2);
  await sleep(50);
  between.abort();
  expect(await waiting).toMatchObject({ code: 'ABORTED', isRetryable: true });
  expect(proxy.seen).toHaveLength(2);
});

test('against a server that stays down, retries cease', async () => {
  const holdfast = await meet(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  proxy.decide = () => refusal('SERVICE_UNAVAILABLE', 503);
  for (let index = 0; index < 30; index += 1) {
    const failures = await Promise.all(Array.from({ length: 20 }, () => failureOf(holdfast.user.me())));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
  }
  // Without a budget each of the thirty rounds would be tried five times.
  expect(calls().length).toBeLessThan(80);
});

test('ten calls of one tick are one request, and are repeated as one', async () => {
  const holdfast = await meet(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(1, refusal('SERVICE_UNAVAILABLE', 503));
  await Promise.all(Array.from({ length: 10 }, () => holdfast.task.list()));
  expect(calls().length).toBeGreaterThan(1);
  // Timers may ring to either side of a millisecond.
  expect(calls().length).toBeLessThanOrEqual(3);
});

test('a hundred calls without a good token ask for one', async () => {
  const holdfast = await meet(proxy);
  await Promise.all(Array.from({ length: 100 }, () => holdfast.task.list()));
  expect(refreshes()).toHaveLength(1);
  expect(calls()).toHaveLength(5);
});

test('a hundred calls whose token is refused ask for one other, and then succeed', async () => {
  const holdfast = await meet(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(5, refusal('UNAUTHORIZED', 401));
  await Promise.all(Array.from({ length: 100 }, () => holdfast.task.list()));
  expect(refreshes()).toHaveLength(1);
  expect(calls()).toHaveLength(10);
});

test('what one user asked for is not repeated as the next one', async () => {
  const holdfast = await meet(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  first(Infinity, refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1500 }));
  const creating = failureOf(holdfast.task.create({ title: "the first user's" }));
  await expect.poll(() => calls().length).toBe(1);
  await holdfast.signUp({ name: 'Bob', email: 'bob@example.org', password: 'correct horse' });
  proxy.decide = () => 'pass';
  expect(await creating).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: false });
  expect((await holdfast.task.list()).items).toEqual([]);
});

test('a server that is not there, or is not Holdfast, is named as that', async () => {
  const nowhere = createClient({ url: 'http://127.0.0.1:9', getToken: () => null, deadlineMs: 1500 });
  expect(['NETWORK', 'DEADLINE']).toContain((await failureOf(nowhere.user.me()))['code']);
  proxy.decide = () => ({ status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' });
  const foreign = createClient({ url: proxy.url, getToken: () => null });
  expect(await failureOf(foreign.user.me())).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  for (const url of ['tasks.example.com', 'ftp://tasks.example.com', `${proxy.url}/?a`, `${proxy.url}/#a`]) {
    expect(() => createClient({ url })).toThrow(TypeError);
  }
  for (const deadlineMs of [1e12, 0, -1, NaN]) {
    expect(() => createClient({ url: proxy.url, deadlineMs })).toThrow(RangeError);
  }
});

test('where no connection was made nothing was done, and a change is tried again as well', async () => {
  const holdfast = await meet(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  const closed = await findClosedPort();
  const entering = createClient({ url: closed }).signIn({ email: 'ada@example.org', password });
  expect(await failureOf(entering)).toMatchObject({ code: 'NETWORK', isRetryable: true });
  let tries = 0;
  const starting = createClient({
    url: closed,
    getToken: () => null,
    fetch: (url, init) => fetch((tries += 1) < 3 ? url : (url as string).replace(closed, proxy.url), init),
  });
  expect(await failureOf(starting.task.update({ id, title: 'new' }))).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(tries).toBe(3);
});
