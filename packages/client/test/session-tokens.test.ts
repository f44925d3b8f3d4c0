import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type SessionStorage } from '@holdfast/client';
import { beforeEach, expect, test, vi } from 'vitest';
import {
  errorOf,
  createAccount,
  createStorage,
  openGate,
  openProxy,
  password,
  refusal,
  startServer,
} from './fixture.ts';

const proxy = await openProxy(await startServer());
const calls = () => proxy.seen.filter((line) => line.includes('/trpc/'));
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

beforeEach(() => {
  proxy.decide = () => 'pass';
  proxy.seen.length = 0;
});

test('a sign-in replaces the user, even if the previous user’s token is still valid', async () => {
  const [one, next] = [await createAccount(proxy), await createAccount(proxy)];
  const holdfast = createClient({ url: proxy.url });
  for (const { email } of [one, next, one]) {
    await holdfast.signIn({ email, password });
    expect(await holdfast.user.me()).toMatchObject({ email });
  }
  await holdfast.signOut();
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a token that arrives after another user signed in is not used', async () => {
  const [one, next] = [await createAccount(proxy), await createAccount(proxy)];
  const gate = openGate('/api/auth/token');
  const holdfast = createClient({ url: proxy.url, fetch: gate.fetch });
  await holdfast.signIn({ email: one.email, password });
  const outdated = errorOf(holdfast.user.me());
  await expect.poll(() => gate.held.length).toBe(1);
  await holdfast.signIn({ email: next.email, password });
  const first = holdfast.user.me();
  await expect.poll(() => gate.held.length).toBe(2);
  gate.held[0]!();
  expect(await outdated).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  const second = holdfast.user.me();
  gate.held[1]!();
  for (const me of [first, second, holdfast.user.me()]) expect(await me).toMatchObject({ email: next.email });
  expect(gate.held).toHaveLength(2);
});

test('a token whose claims contain the special characters of base64url is used for its whole life', async () => {
  const holdfast = createClient({ url: proxy.url });
  // Any three of these bytes in a row that are encoded together end in an underscore.
  await holdfast.signUp({ name: '?????', email: 'question@example.org', password });
  await holdfast.user.me();
  await holdfast.user.me();
  expect(refreshes()).toHaveLength(1);
});

test('a token is renewed after the clock was set back', async () => {
  const { session } = await createAccount(proxy);
  const holdfast = createClient({ url: proxy.url, storage: { load: () => session, save: () => {} } });
  proxy.seen.length = 0;
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await holdfast.user.me();
    vi.setSystemTime(Date.now() - 3_600_000);
    await holdfast.user.me();
    expect(refreshes()).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

test('a token is not used after it expired or after its session ended', async () => {
  const { session } = await createAccount(proxy);
  const storage = { load: () => session, save: () => {} };
  const holdfast = createClient({ url: proxy.url, storage, deadlineMs: 10_000 });
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await holdfast.user.me();
    vi.setSystemTime(Date.now() + 16 * 60_000);
    proxy.decide = (path) => (path === '/api/auth/token' ? 'cut' : 'pass');
    proxy.seen.length = 0;
    expect(['NETWORK', 'DEADLINE']).toContain((await errorOf(holdfast.user.me()))['code']);
    expect(calls()).toEqual([]);
    proxy.decide = () => 'pass';
    await holdfast.user.me();
    await createClient({ url: proxy.url, storage }).signOut();
    vi.setSystemTime(Date.now() + 14 * 60_000);
    proxy.seen.length = 0;
    expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
    expect(calls()).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test('a late refusal of an old token does not affect the new token', async () => {
  const { email } = await createAccount(proxy);
  const gate = openGate('/trpc/');
  const holdfast = createClient({ url: proxy.url, fetch: gate.fetch });
  await holdfast.signIn({ email, password });
  proxy.seen.length = 0;
  proxy.decide = (path) => (path.startsWith('/trpc/') ? refusal('UNAUTHORIZED', 401) : 'pass');
  const soon = holdfast.user.me();
  await expect.poll(() => gate.held.length).toBe(1);
  const late = holdfast.user.me();
  await expect.poll(() => gate.held.length).toBe(2);
  proxy.decide = () => 'pass';
  // Two tokens issued in the same second are equal.
  await sleep(1100);
  for (const [index, held] of [3, 4].entries()) {
    gate.held[index]!();
    await expect.poll(() => gate.held.length).toBe(held);
  }
  for (const open of gate.held) open();
  for (const me of [soon, late]) expect(await me).toMatchObject({ email });
  expect(refreshes()).toHaveLength(2);
});

test('a failed load is CALLBACK_FAILED and the next call loads again', async () => {
  const { email, session } = await createAccount(proxy);
  let failing: Error | null = new Error('no room');
  const saved: (string | null)[] = [];
  const storage: SessionStorage = {
    load() {
      if (failing) throw failing;
      return session;
    },
    save(given) {
      if (failing) throw failing;
      saved.push(given);
    },
  };
  const expected = { code: 'CALLBACK_FAILED', isRetryable: true, cause: failing };
  const holdfast = createClient({ url: proxy.url, storage });
  expect(await errorOf(holdfast.task.create({ title: 'never' }))).toMatchObject(expected);
  expect(await errorOf(holdfast.signOut())).toMatchObject(expected);
  failing = null;
  expect(await holdfast.user.me()).toMatchObject({ email });
  expect((await holdfast.task.list()).items).toEqual([]);
});

test('a failed save does not sign the user out and does not prevent a later save', async () => {
  const { email } = await createAccount(proxy);
  const storage = createStorage();
  let isFailing = true;
  const save = (session: string | null) => (isFailing ? Promise.reject(new Error('no room')) : storage.save(session));
  const holdfast = createClient({ url: proxy.url, storage: { load: () => storage.load(), save } });
  const error = await errorOf(holdfast.signIn({ email, password }));
  expect(error).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: false, cause: new Error('no room') });
  // Only the storage failed. The user is signed in.
  expect(await holdfast.user.me()).toMatchObject({ email });
  isFailing = false;
  await holdfast.signIn({ email, password });
  expect(storage.stored).toEqual(expect.any(String));
});

test('a sign-in resolves after the save, and an empty stored session means signed out', async () => {
  const { email } = await createAccount(proxy);
  const storage = createStorage();
  async function save(session: string | null): Promise<void> {
    await sleep(100);
    storage.stored = session;
  }
  const holdfast = createClient({ url: proxy.url, storage: { load: () => '', save } });
  proxy.seen.length = 0;
  expect(await errorOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  await holdfast.signOut();
  // Without a session, the client requests no token and ends no session.
  expect(proxy.seen).toEqual(['GET /trpc/user.me']);
  await holdfast.signIn({ email, password });
  expect(storage.stored).toEqual(expect.any(String));
});

test('a sign-out ends the session on the server even if the save fails', async () => {
  const { session } = await createAccount(proxy);
  const storage = { load: () => session, save: () => Promise.reject(new Error('no room')) };
  const leaving = createClient({ url: proxy.url, storage });
  expect(await errorOf(leaving.signOut())).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: false });
  const restarted = createClient({ url: proxy.url, storage });
  expect(await errorOf(restarted.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a load that fails after a sign-in does not sign the user out', async () => {
  const { email } = await createAccount(proxy);
  const loading = Promise.withResolvers<string>();
  const holdfast = createClient({ url: proxy.url, storage: { load: () => loading.promise, save: () => {} } });
  const first = errorOf(holdfast.user.me());
  await holdfast.signIn({ email, password });
  loading.reject(new Error('no room'));
  expect(await first).toMatchObject({ code: 'CALLBACK_FAILED' });
  expect(await holdfast.user.me()).toMatchObject({ email });
});
