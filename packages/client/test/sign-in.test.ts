import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type SessionStorage } from '@holdfast/client';
import { beforeEach, expect, test, vi } from 'vitest';
import { failureOf, meet, openProxy, password, refusal, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

const codeOf = async (call: Promise<unknown>) => (await failureOf(call))['code'];

beforeEach(() => {
  proxy.decide = () => 'pass';
});

function keep(): SessionStorage & { kept: string | null } {
  return {
    kept: null,
    load() {
      return this.kept;
    },
    save(session) {
      this.kept = session;
    },
  };
}

test('signs up, in and out', async () => {
  const holdfast = createClient({ url: `${proxy.url}/` });
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isUndone: true });
  const person = { name: 'Eve', email: 'eve@example.org', password };
  const account = await holdfast.signUp(person);
  expect(account).toEqual({ id: expect.any(String), name: 'Eve', email: 'eve@example.org' });
  expect(await holdfast.user.me()).toMatchObject(account);
  await holdfast.signOut();
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await holdfast.signIn(person)).toEqual(account);
  expect(await failureOf(holdfast.signUp(person))).toMatchObject({ code: 'USER_ALREADY_EXISTS', isUndone: true });
});

test('what is wrong with a sign-in has a code of its own', async () => {
  const holdfast = await meet(proxy);
  const { email } = await holdfast.user.me();
  const wrong = { email: email!, password: 'not the password' };
  expect(await codeOf(holdfast.signIn(wrong))).toBe('INVALID_EMAIL_OR_PASSWORD');
  expect(await codeOf(holdfast.signIn({ email: 'nobody', password }))).toBe('INVALID_EMAIL');
  const person = { name: 'Flo', email: 'flo@example.org', password: 'short' };
  expect(await codeOf(holdfast.signUp(person))).toBe('PASSWORD_TOO_SHORT');
  expect(await codeOf(holdfast.signUp({ ...person, password: 'x'.repeat(200) }))).toBe('PASSWORD_TOO_LONG');
  // Whoever was signed in before still is.
  expect(await holdfast.user.me()).toMatchObject({ email });
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
  const holdfast = await meet(proxy, { storage, deadlineMs: 2000 });
  const session = storage.kept;
  for (const fate of ['cut', refusal('SERVICE_UNAVAILABLE', 503)] as const) {
    proxy.decide = () => fate;
    const failure = await failureOf(holdfast.task.delete({ id: '018f0000-0000-7000-8000-000000000000' }));
    expect(['NETWORK', 'SERVICE_UNAVAILABLE']).toContain(failure['code']);
    expect(failure).toMatchObject({ isUndone: true });
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
  expect(failure).toMatchObject({ code: 'UNAUTHORIZED', isUndone: true });
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

/** Somebody with an account, and their session. */
async function join(): Promise<{ email: string; session: string }> {
  const storage = keep();
  const { email } = await (await meet(proxy, { storage })).user.me();
  return { email: email!, session: storage.kept! };
}

test('whoever signs in while the session of another is loaded calls as nobody but themselves', async () => {
  const [earlier, later] = [await join(), await join()];
  for (const leave of [false, true]) {
    const loading = Promise.withResolvers<string>();
    const holdfast = createClient({ url: proxy.url, storage: { load: () => loading.promise, save: () => {} } });
    const first = leave ? holdfast.signOut() : failureOf(holdfast.user.me());
    await holdfast.signIn({ email: later.email, password });
    loading.resolve(earlier.session);
    if (!leave) expect(await first).toMatchObject({ code: 'UNAUTHORIZED', isUndone: true });
    await first;
    expect(await holdfast.user.me()).toMatchObject({ email: later.email });
  }
});

test('a storage that is slow keeps what was meant last', async () => {
  const { email } = await join();
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
  const { session } = await join();
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

test("what one user of another issuer asked for is not repeated with the next one's token", async () => {
  const [one, next] = [await join(), await join()];
  const tokens = [await fetchToken(one.session), await fetchToken(next.session)] as const;
  let token: string = tokens[0];
  const holdfast = createClient({ url: proxy.url, getToken: () => token });
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    token = tokens[1];
    return refusal('SERVICE_UNAVAILABLE', 503, { isUndone: true });
  };
  const creating = failureOf(holdfast.task.create({ title: "the first user's" }));
  expect(await creating).toMatchObject({ code: 'UNAUTHORIZED', isUndone: true });
  proxy.decide = () => 'pass';
  expect(await holdfast.user.me()).toMatchObject({ email: next.email });
  expect((await holdfast.task.list()).items).toEqual([]);
});
