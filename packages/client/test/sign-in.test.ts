import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@holdfast/client';
import { beforeEach, expect, test, vi } from 'vitest';
import {
  errorOf,
  createAccount,
  createStorage,
  signUpClient,
  openGate,
  openProxy,
  password,
  refusal,
  startServer,
} from './fixture.ts';

const proxy = await openProxy(await startServer());
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

const codeOf = async (call: Promise<unknown>) => (await errorOf(call))['code'];

beforeEach(() => {
  proxy.decide = () => 'pass';
});

test('a user can sign up, sign in and sign out', async () => {
  const holdfast = createClient({ url: `${proxy.url}/` });
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  const person = { name: 'Eve', email: 'eve@example.org', password };
  const account = await holdfast.signUp(person);
  expect(account).toEqual({ id: expect.any(String), name: 'Eve', email: 'eve@example.org' });
  expect(await holdfast.user.me()).toMatchObject(account);
  await holdfast.signOut();
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await holdfast.signIn(person)).toEqual(account);
  expect(await errorOf(holdfast.signUp(person))).toMatchObject({ code: 'USER_ALREADY_EXISTS', isRetryable: true });
});

test('each reason for a failed sign-in or sign-up has its own code', async () => {
  const holdfast = await signUpClient(proxy);
  const { email } = await holdfast.user.me();
  const wrong = { email: email!, password: 'not the password' };
  const refused = await errorOf(holdfast.signIn(wrong));
  expect(refused).toMatchObject({ name: 'HoldfastError', code: 'INVALID_EMAIL_OR_PASSWORD', isRetryable: true });
  expect(refused['message']).toBe('Invalid email or password');
  expect(await codeOf(holdfast.signIn({ email: 'nobody', password }))).toBe('INVALID_EMAIL');
  const person = { name: 'Flo', email: 'flo@example.org', password: 'short' };
  expect(await errorOf(holdfast.signUp(person))).toMatchObject({
    code: 'PASSWORD_TOO_SHORT',
    message: 'The password is too short. Use 8 to 128 characters.',
  });
  expect(await errorOf(holdfast.signUp({ ...person, password: 'x'.repeat(200) }))).toMatchObject({
    code: 'PASSWORD_TOO_LONG',
    message: 'The password is too long. Use 8 to 128 characters.',
  });
  for (const [name, problem] of [
    [' ', 'must not be blank'],
    ['x'.repeat(201), 'must have at most 200 characters'],
  ] as const) {
    expect(await errorOf(holdfast.signUp({ ...person, name, password }))).toMatchObject({
      code: 'BAD_REQUEST',
      message: `name: ${problem}`,
      validation: { errors: [], properties: { name: { errors: [problem] } } },
    });
  }
  const invalidEmail = await errorOf(holdfast.signUp({ ...person, email: 'nobody', password }));
  expect(invalidEmail).toMatchObject({
    code: 'INVALID_EMAIL',
    message: 'Invalid email address. Use one such as ada@example.com.',
    isRetryable: true,
  });
  // The user who was signed in before is still signed in.
  expect(await holdfast.user.me()).toMatchObject({ email });
});

test('a sign-in is not retried, ends at its deadline and reports whether its outcome is unknown', async () => {
  const { email } = await createAccount(proxy);
  const holdfast = createClient({ url: proxy.url, deadlineMs: 2000 });
  proxy.seen.length = 0;
  proxy.decide = () => 'hang';
  expect(await errorOf(holdfast.signIn({ email, password }))).toMatchObject({ code: 'DEADLINE', isRetryable: false });
  const never = await errorOf(holdfast.signIn({ email, password }, { signal: AbortSignal.abort() }));
  expect(never).toMatchObject({ code: 'ABORTED', isRetryable: true });
  expect(proxy.seen).toEqual(['POST /api/auth/sign-in/email']);
});

test('a sign-in, sign-up or sign-out ends when it is aborted', async () => {
  const { email, session } = await createAccount(proxy);
  const holdfast = createClient({ url: proxy.url, storage: { load: () => session, save: () => {} } });
  proxy.decide = () => 'hang';
  for (const start of [
    (signal: AbortSignal) => holdfast.signOut({ signal }),
    (signal: AbortSignal) => holdfast.signIn({ email, password }, { signal }),
    (signal: AbortSignal) => holdfast.signUp({ name: 'Ada', email, password }, { signal }),
  ]) {
    proxy.seen.length = 0;
    const controller = new AbortController();
    const pending = errorOf(start(controller.signal));
    await expect.poll(() => proxy.seen.length).toBe(1);
    controller.abort();
    expect(await pending).toMatchObject({ code: 'ABORTED', isRetryable: false });
  }
});

test('an error response without a code of the sign-in library gets its code from its status', async () => {
  const { email } = await createAccount(proxy);
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
    const error = await errorOf(holdfast.signIn({ email, password }));
    expect(error).toMatchObject({ code, isRetryable, retryAfterMs: 3000, requestId: 'made-up' });
  }
  proxy.decide = () => refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true, retryAfterMs: 7 });
  const error = await errorOf(holdfast.signIn({ email, password }));
  expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE', isRetryable: true, isUndone: true, retryAfterMs: 7 });
});

test('a session in the app’s storage is used after a restart', async () => {
  const storage = createStorage();
  const { email } = await (await signUpClient(proxy, { storage })).user.me();
  const restarted = createClient({ url: proxy.url, storage });
  expect(await restarted.user.me()).toMatchObject({ email });
  await restarted.signOut();
  expect(storage.stored).toBeNull();
});

test('a refusal that does not come from the server, or an ended session that another tab has replaced, does not sign the user out', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const session = storage.stored;
  for (const fate of [
    { status: 401, body: { message: 'Unauthorized' } },
    { status: 401, body: { code: 'UNAUTHORIZED', message: 'Unauthorized' } },
  ]) {
    proxy.decide = () => fate;
    expect(await codeOf(holdfast.user.me())).toBe('UNAUTHORIZED');
    expect(storage.stored).toBe(session);
  }
  proxy.decide = () => 'pass';
  const { email } = await holdfast.user.me();
  await createClient({ url: proxy.url, storage: { load: () => session, save: () => {} } }).signOut();
  const restarted = createClient({ url: proxy.url, storage });
  await restarted.session.isSignedIn();
  await createClient({ url: proxy.url, storage }).signIn({ email: email!, password });
  expect(await codeOf(restarted.user.me())).toBe('UNAUTHORIZED');
  expect(await restarted.user.me()).toMatchObject({ email });
});

test('a listener hears of each sign-in and sign-out, and a sign-out reaches the server before the listener', async () => {
  const storage = createStorage();
  const holdfast = createClient({ url: proxy.url, storage });
  const heard: string[] = [];
  const stop = holdfast.session.onChange((isSignedIn) => heard.push(`${isSignedIn}, ${proxy.seen.at(-1)}`));
  expect(await holdfast.session.isSignedIn()).toBe(false);
  const { email } = await holdfast.signUp({ name: 'Ada', email: 'heard@example.org', password });
  await holdfast.signOut();
  await holdfast.signIn({ email, password });
  stop();
  await holdfast.signOut();
  expect(heard).toEqual([
    'true, POST /api/auth/sign-up/email',
    'false, POST /api/auth/sign-out',
    'true, POST /api/auth/sign-in/email',
  ]);
});

test('a failed token request does not sign the user out', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const session = storage.stored;
  const hurried = createClient({ url: proxy.url, storage, deadlineMs: 1500 });
  for (const fate of ['cut', refusal('SERVICE_UNAVAILABLE', 503)] as const) {
    proxy.decide = () => fate;
    const error = await errorOf(hurried.task.delete({ id: '018f0000-0000-7000-8000-000000000000' }));
    expect(['NETWORK', 'SERVICE_UNAVAILABLE']).toContain(error['code']);
    expect(error).toMatchObject({ isRetryable: true });
    expect(storage.stored).toBe(session);
  }
  proxy.decide = () => 'pass';
  expect(await holdfast.task.list()).toMatchObject({ items: [] });
});

test('a session that has ended is removed from the storage, and the error says to sign in again', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const { email } = await holdfast.user.me();
  const session = storage.stored!;
  await createClient({ url: proxy.url, storage: { load: () => session, save: () => {} } }).signOut();
  const restarted = createClient({ url: proxy.url, storage });
  const changes: boolean[] = [];
  restarted.session.onChange((isSignedIn) => changes.push(isSignedIn));
  expect(await restarted.session.isSignedIn()).toBe(true);
  const error = await errorOf(restarted.user.me());
  expect(error).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  expect(error['message']).toContain('Sign in again');
  expect(storage.stored).toBeNull();
  expect(await restarted.session.isSignedIn()).toBe(false);
  expect(changes).toEqual([false]);
  await restarted.signIn({ email: email!, password });
  expect(storage.stored).not.toBe(session);
  expect(await restarted.user.me()).toMatchObject({ email });
});

test('a token is renewed by its lifetime even if the clock is wrong, and used until it expires if a renewal fails', async () => {
  const holdfast = await signUpClient(proxy);
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

test('a user who signs in while another session loads is the one who calls', async () => {
  const [earlier, later] = [await createAccount(proxy), await createAccount(proxy)];
  for (const leave of [false, true]) {
    const loading = Promise.withResolvers<string>();
    const holdfast = createClient({ url: proxy.url, storage: { load: () => loading.promise, save: () => {} } });
    const first = leave ? holdfast.signOut() : errorOf(holdfast.user.me());
    await holdfast.signIn({ email: later.email, password });
    loading.resolve(earlier.session);
    if (!leave) expect(await first).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
    await first;
    expect(await holdfast.user.me()).toMatchObject({ email: later.email });
  }
});

test('a slow storage ends with the last saved session', async () => {
  const { email } = await createAccount(proxy);
  const storage = createStorage();
  const saves: (string | null)[] = [];
  const holdfast = createClient({
    url: proxy.url,
    storage: {
      load: () => null,
      async save(session) {
        saves.push(session);
        if (saves.length === 1) await sleep(500);
        storage.stored = session;
      },
    },
  });
  const signingIn = holdfast.signIn({ email, password });
  await expect.poll(() => saves.length).toBe(1);
  await holdfast.signOut();
  await signingIn;
  expect(storage.stored).toBeNull();
});

test('a sign-out without a connection removes the session from the client', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  proxy.decide = () => 'cut';
  expect(await errorOf(holdfast.signOut())).toMatchObject({ code: 'NETWORK' });
  expect(storage.stored).toBeNull();
});

test('getToken provides the tokens of another issuer and is called again after a refusal', async () => {
  const storage = createStorage();
  await signUpClient(proxy, { storage });
  const requested: (string | null)[] = [];
  const holdfast = createClient({
    url: proxy.url,
    async getToken({ refused }) {
      requested.push(refused);
      if (refused === null) return 'an.old.token';
      const response = await fetch(`${proxy.url}/api/auth/token`, {
        headers: { authorization: `Bearer ${storage.stored}` },
      });
      return ((await response.json()) as { token: string }).token;
    },
  });
  const pages = await Promise.all([holdfast.task.list(), holdfast.task.list()]);
  expect(pages).toEqual([
    { items: [], nextCursor: null },
    { items: [], nextCursor: null },
  ]);
  expect(requested).toEqual([null, 'an.old.token']);
  const broken = createClient({ url: proxy.url, getToken: () => Promise.reject(new Error('no issuer')) });
  expect(await errorOf(broken.user.me())).toMatchObject({ code: 'CALLBACK_FAILED', cause: new Error('no issuer') });
});

/** Fetches a token of a user, as another issuer would provide it. */
async function fetchToken(session: string): Promise<string> {
  const response = await fetch(`${proxy.url}/api/auth/token`, { headers: { authorization: `Bearer ${session}` } });
  return ((await response.json()) as { token: string }).token;
}

test('getToken is called once with a refused token, however many calls sent the token', async () => {
  const { session } = await createAccount(proxy);
  const requested: (string | null)[] = [];
  let cached = 'an.old.token';
  const holdfast = createClient({
    url: proxy.url,
    async getToken({ refused }) {
      requested.push(refused);
      if (refused !== null) cached = await fetchToken(session);
      return cached;
    },
  });
  await Promise.all(Array.from({ length: 50 }, () => holdfast.task.list()));
  await holdfast.user.me();
  expect(requested.filter((refused) => refused !== null)).toEqual(['an.old.token']);
  expect(requested.at(-1)).toBeNull();
});

test('getToken is called with the refused token until it returns another one', async () => {
  const { session } = await createAccount(proxy);
  const requested: (string | null)[] = [];
  let token = 'an.old.token';
  const getToken = ({ refused }: { refused: string | null }) => {
    requested.push(refused);
    return token;
  };
  const holdfast = createClient({ url: proxy.url, getToken });
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  token = await fetchToken(session);
  await holdfast.user.me();
  await holdfast.user.me();
  expect(requested).toEqual([null, 'an.old.token', 'an.old.token', null]);
});

test('a token requested before a refusal is not used after it', async () => {
  const { session } = await createAccount(proxy);
  const fresh = await fetchToken(session);
  const gate = openGate('/trpc/');
  const pending: PromiseWithResolvers<string>[] = [];
  const holdfast = createClient({
    url: proxy.url,
    fetch: gate.fetch,
    getToken({ refused }) {
      if (refused !== null) return fresh;
      pending.push(Promise.withResolvers<string>());
      return pending.at(-1)!.promise;
    },
  });
  const first = holdfast.user.me();
  await expect.poll(() => pending.length).toBe(1);
  pending[0]!.resolve('an.old.token');
  await expect.poll(() => gate.held.length).toBe(1);
  const second = errorOf(holdfast.user.me());
  await expect.poll(() => pending.length).toBe(2);
  gate.held[0]!();
  // The request from before the refusal is still pending.
  await expect.poll(() => gate.held.length).toBe(2);
  gate.held[1]!();
  expect(await first).toMatchObject({ id: expect.any(String) });
  pending[1]!.reject(new Error('no issuer'));
  expect(await second).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: true });
});

test('a call of one user of another issuer is not retried with the token of the next user', async () => {
  const [one, next] = [await createAccount(proxy), await createAccount(proxy)];
  const tokens = [await fetchToken(one.session), await fetchToken(next.session)] as const;
  let token: string = tokens[0];
  const holdfast = createClient({ url: proxy.url, getToken: () => token });
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    token = tokens[1];
    return refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true });
  };
  const creating = errorOf(holdfast.task.create({ title: "the first user's" }));
  expect(await creating).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  proxy.decide = () => 'pass';
  expect(await holdfast.user.me()).toMatchObject({ email: next.email });
  expect((await holdfast.task.list()).items).toEqual([]);
});
