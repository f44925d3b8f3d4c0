import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@holdfast/client';
import { beforeEach, expect, test, vi } from 'vitest';
import { failureOf, join, keep, meet, openGate, openProxy, password, refusal, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

const codeOf = async (call: Promise<unknown>) => (await failureOf(call))['code'];

beforeEach(() => {
  proxy.decide = () => 'pass';
});

test('signs up, in and out', async () => {
  const holdfast = createClient({ url: `${proxy.url}/` });
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  const person = { name: 'Eve', email: 'eve@example.org', password };
  const account = await holdfast.signUp(person);
  expect(account).toEqual({ id: expect.any(String), name: 'Eve', email: 'eve@example.org' });
  expect(await holdfast.user.me()).toMatchObject(account);
  await holdfast.signOut();
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await holdfast.signIn(person)).toEqual(account);
  expect(await failureOf(holdfast.signUp(person))).toMatchObject({ code: 'USER_ALREADY_EXISTS', isRetryable: true });
});

test('what is wrong with a sign-in has a code of its own', async () => {
  const holdfast = await meet(proxy);
  const { email } = await holdfast.user.me();
  const wrong = { email: email!, password: 'not the password' };
  const refused = await failureOf(holdfast.signIn(wrong));
  expect(refused).toMatchObject({ name: 'HoldfastError', code: 'INVALID_EMAIL_OR_PASSWORD', isRetryable: true });
  expect(refused['message']).toBe('Invalid email or password');
  expect(await codeOf(holdfast.signIn({ email: 'nobody', password }))).toBe('INVALID_EMAIL');
  const person = { name: 'Flo', email: 'flo@example.org', password: 'short' };
  expect(await codeOf(holdfast.signUp(person))).toBe('PASSWORD_TOO_SHORT');
  expect(await codeOf(holdfast.signUp({ ...person, password: 'x'.repeat(200) }))).toBe('PASSWORD_TOO_LONG');
  const noAddress = await failureOf(holdfast.signUp({ ...person, email: 'nobody', password }));
  expect(noAddress).toMatchObject({ code: 'INVALID_EMAIL', message: 'Invalid email', isRetryable: true });
  // Whoever was signed in before still is.
  expect(await holdfast.user.me()).toMatchObject({ email });
});

test('signing in is neither repeated nor waited for beyond its end, and tells whether it may have happened', async () => {
  const { email } = await join(proxy);
  const holdfast = createClient({ url: proxy.url, deadlineMs: 2000 });
  proxy.seen.length = 0;
  proxy.decide = () => 'hang';
  expect(await failureOf(holdfast.signIn({ email, password }))).toMatchObject({ code: 'DEADLINE', isRetryable: false });
  const never = await failureOf(holdfast.signIn({ email, password }, { signal: AbortSignal.abort() }));
  expect(never).toMatchObject({ code: 'ABORTED', isRetryable: true });
  expect(proxy.seen).toEqual(['POST /api/auth/sign-in/email']);
});

test('signing in, up and out end when they are aborted', async () => {
  const { email, session } = await join(proxy);
  const holdfast = createClient({ url: proxy.url, storage: { load: () => session, save: () => {} } });
  proxy.decide = () => 'hang';
  for (const start of [
    (signal: AbortSignal) => holdfast.signOut({ signal }),
    (signal: AbortSignal) => holdfast.signIn({ email, password }, { signal }),
    (signal: AbortSignal) => holdfast.signUp({ name: 'Ada', email, password }, { signal }),
  ]) {
    proxy.seen.length = 0;
    const controller = new AbortController();
    const ending = failureOf(start(controller.signal));
    await expect.poll(() => proxy.seen.length).toBe(1);
    controller.abort();
    expect(await ending).toMatchObject({ code: 'ABORTED', isRetryable: false });
  }
});

test('what stands before the sign-in and refuses is told by its status', async () => {
  const { email } = await join(proxy);
  const holdfast = createClient({ url: proxy.url });
  const headers = { 'retry-after': '3', 'x-request-id': 'made-up' };
  for (const [status, code, isRetryable] of [
    [401, 'UNAUTHORIZED', true],
    [403, 'FORBIDDEN', true],
    [404, 'NOT_FOUND', true],
    [418, 'BAD_REQUEST', true],
    [429, 'TOO_MANY_REQUESTS', true],
    [500, 'INTERNAL_SERVER_ERROR', false],
    [503, 'SERVICE_UNAVAILABLE', false],
  ] as const) {
    proxy.decide = () => ({ status, headers, body: { message: 'made up' } });
    const failure = await failureOf(holdfast.signIn({ email, password }));
    expect(failure).toMatchObject({ code, isRetryable, retryAfterMs: 3000, requestId: 'made-up' });
  }
  proxy.decide = () => refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true, retryAfterMs: 7 });
  const failure = await failureOf(holdfast.signIn({ email, password }));
  expect(failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', isRetryable: true, retryAfterMs: 7 });
});

test('a session that the app keeps is there again after a restart', async () => {
  const storage = keep();
  const { email } = await (await meet(proxy, { storage })).user.me();
  const restarted = createClient({ url: proxy.url, storage });
  expect(await restarted.user.me()).toMatchObject({ email });
  await restarted.signOut();
  expect(storage.kept).toBeNull();
});

test('a failed refresh signs nobody out', async () => {
  const storage = keep();
  const holdfast = await meet(proxy, { storage });
  const session = storage.kept;
  for (const fate of ['cut', refusal('SERVICE_UNAVAILABLE', 503)] as const) {
    proxy.decide = () => fate;
    const failure = await failureOf(holdfast.task.delete({ id: '018f0000-0000-7000-8000-000000000000' }));
    expect(['NETWORK', 'SERVICE_UNAVAILABLE']).toContain(failure['code']);
    expect(failure).toMatchObject({ isRetryable: true });
    expect(storage.kept).toBe(session);
  }
  proxy.decide = () => 'pass';
  expect(await holdfast.task.list()).toMatchObject({ items: [] });
});

test('an ended session says to sign in again, and is kept until then', async () => {
  const storage = keep();
  const holdfast = await meet(proxy, { storage });
  const { email } = await holdfast.user.me();
  const session = storage.kept!;
  await createClient({ url: proxy.url, storage: { load: () => session, save: () => {} } }).signOut();
  const restarted = createClient({ url: proxy.url, storage });
  const failure = await failureOf(restarted.user.me());
  expect(failure).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  expect(failure['message']).toContain('sign in again');
  expect(storage.kept).toBe(session);
  await restarted.signIn({ email: email!, password });
  expect(storage.kept).not.toBe(session);
  expect(await restarted.user.me()).toMatchObject({ email });
});

test('a token is renewed by its own life, whatever this clock says, and used to its end where it cannot be', async () => {
  const holdfast = await meet(proxy);
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-01-01T00:00:00Z') });
  try {
    await holdfast.user.me();
    vi.setSystemTime(Date.now() + 13 * 60_000);
    await holdfast.user.me();
    expect(refreshes()).toHaveLength(1);
    vi.setSystemTime(Date.now() + 60_000);
    proxy.decide = (path) => (path === '/api/auth/token' ? 'cut' : 'pass');
    await holdfast.user.me();
    expect(refreshes()).toHaveLength(2);
    proxy.decide = () => 'pass';
    await holdfast.user.me();
    expect(refreshes()).toHaveLength(3);
  } finally {
    vi.useRealTimers();
  }
});

test('whoever signs in while the session of another is loaded calls as nobody but themselves', async () => {
  const [earlier, later] = [await join(proxy), await join(proxy)];
  for (const leave of [false, true]) {
    const loading = Promise.withResolvers<string>();
    const holdfast = createClient({ url: proxy.url, storage: { load: () => loading.promise, save: () => {} } });
    const first = leave ? holdfast.signOut() : failureOf(holdfast.user.me());
    await holdfast.signIn({ email: later.email, password });
    loading.resolve(earlier.session);
    if (!leave) expect(await first).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
    await first;
    expect(await holdfast.user.me()).toMatchObject({ email: later.email });
  }
});

test('a storage that is slow keeps what was meant last', async () => {
  const { email } = await join(proxy);
  const storage = keep();
  const saves: (string | null)[] = [];
  const holdfast = createClient({
    url: proxy.url,
    storage: {
      load: () => null,
      async save(session) {
        saves.push(session);
        if (saves.length === 1) await sleep(500);
        storage.kept = session;
      },
    },
  });
  const entering = holdfast.signIn({ email, password });
  await expect.poll(() => saves.length).toBe(1);
  await holdfast.signOut();
  await entering;
  expect(storage.kept).toBeNull();
});

test('signing out without a way to the server still signs out here', async () => {
  const storage = keep();
  const holdfast = await meet(proxy, { storage });
  proxy.decide = () => 'cut';
  expect(await failureOf(holdfast.signOut())).toMatchObject({ code: 'NETWORK' });
  expect(storage.kept).toBeNull();
});

test("another issuer's tokens come from the app, and once more when one is refused", async () => {
  const storage = keep();
  await meet(proxy, { storage });
  const asked: (string | null)[] = [];
  const holdfast = createClient({
    url: proxy.url,
    async getToken({ refused }) {
      asked.push(refused);
      if (refused === null) return 'an.old.token';
      const answer = await fetch(`${proxy.url}/api/auth/token`, {
        headers: { authorization: `Bearer ${storage.kept}` },
      });
      return ((await answer.json()) as { token: string }).token;
    },
  });
  const pages = await Promise.all([holdfast.task.list(), holdfast.task.list()]);
  expect(pages).toEqual([
    { items: [], nextCursor: null },
    { items: [], nextCursor: null },
  ]);
  expect(asked).toEqual([null, 'an.old.token']);
  const broken = createClient({ url: proxy.url, getToken: () => Promise.reject(new Error('no issuer')) });
  expect(await failureOf(broken.user.me())).toMatchObject({ code: 'CALLBACK_FAILED', cause: new Error('no issuer') });
});

/** A token of somebody's, as their issuer would give it. */
async function fetchToken(session: string): Promise<string> {
  const answer = await fetch(`${proxy.url}/api/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  return ((await answer.json()) as { token: string }).token;
}

test('a token that was refused is spoken of once, however many calls bore it', async () => {
  const { session } = await join(proxy);
  const asked: (string | null)[] = [];
  let cached = 'an.old.token';
  const holdfast = createClient({
    url: proxy.url,
    async getToken({ refused }) {
      asked.push(refused);
      if (refused !== null) cached = await fetchToken(session);
      return cached;
    },
  });
  await Promise.all(Array.from({ length: 50 }, () => holdfast.task.list()));
  await holdfast.user.me();
  expect(asked.filter((refused) => refused !== null)).toEqual(['an.old.token']);
  expect(asked.at(-1)).toBeNull();
});

test('an app that has no other token yet is told of the refused one until it has', async () => {
  const { session } = await join(proxy);
  const asked: (string | null)[] = [];
  let token = 'an.old.token';
  const getToken = ({ refused }: { refused: string | null }) => {
    asked.push(refused);
    return token;
  };
  const holdfast = createClient({ url: proxy.url, getToken });
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  token = await fetchToken(session);
  await holdfast.user.me();
  await holdfast.user.me();
  expect(asked).toEqual([null, 'an.old.token', 'an.old.token', null]);
});

test('a token that was asked for before one was refused is not taken for the next', async () => {
  const { session } = await join(proxy);
  const fresh = await fetchToken(session);
  const gate = openGate('/trpc/');
  const asking: PromiseWithResolvers<string>[] = [];
  const holdfast = createClient({
    url: proxy.url,
    fetch: gate.fetch,
    getToken({ refused }) {
      if (refused !== null) return fresh;
      asking.push(Promise.withResolvers<string>());
      return asking.at(-1)!.promise;
    },
  });
  const first = holdfast.user.me();
  asking[0]!.resolve('an.old.token');
  await expect.poll(() => gate.held.length).toBe(1);
  const second = failureOf(holdfast.user.me());
  await expect.poll(() => asking.length).toBe(2);
  gate.held[0]!();
  // While what was asked for in ignorance is still on its way.
  await expect.poll(() => gate.held.length).toBe(2);
  gate.held[1]!();
  expect(await first).toMatchObject({ id: expect.any(String) });
  asking[1]!.reject(new Error('no issuer'));
  expect(await second).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: true });
});

test("what one user of another issuer asked for is not repeated with the next one's token", async () => {
  const [one, next] = [await join(proxy), await join(proxy)];
  const tokens = [await fetchToken(one.session), await fetchToken(next.session)] as const;
  let token: string = tokens[0];
  const holdfast = createClient({ url: proxy.url, getToken: () => token });
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    token = tokens[1];
    return refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true });
  };
  const creating = failureOf(holdfast.task.create({ title: "the first user's" }));
  expect(await creating).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  proxy.decide = () => 'pass';
  expect(await holdfast.user.me()).toMatchObject({ email: next.email });
  expect((await holdfast.task.list()).items).toEqual([]);
});
