import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type SessionStorage } from '@holdfast/client';
import { beforeEach, expect, test, vi } from 'vitest';
import { failureOf, join, keep, openGate, openProxy, password, refusal, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const calls = () => proxy.seen.filter((line) => line.includes('/trpc/'));
const refreshes = () => proxy.seen.filter((line) => line === 'GET /api/auth/token');

beforeEach(() => {
  proxy.decide = () => 'pass';
  proxy.seen.length = 0;
});

test('whoever signs in takes the place of the one before, whose token is good for a while yet', async () => {
  const [one, next] = [await join(proxy), await join(proxy)];
  const holdfast = createClient({ url: proxy.url });
  for (const { email } of [one, next, one]) {
    await holdfast.signIn({ email, password });
    expect(await holdfast.user.me()).toMatchObject({ email });
  }
  await holdfast.signOut();
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
});

test("a token that arrives when another has signed in is nobody's any more", async () => {
  const [one, next] = [await join(proxy), await join(proxy)];
  const gate = openGate('/api/auth/token');
  const holdfast = createClient({ url: proxy.url, fetch: gate.fetch });
  await holdfast.signIn({ email: one.email, password });
  const overtaken = failureOf(holdfast.user.me());
  await expect.poll(() => gate.held.length).toBe(1);
  await holdfast.signIn({ email: next.email, password });
  const first = holdfast.user.me();
  await expect.poll(() => gate.held.length).toBe(2);
  gate.held[0]!();
  expect(await overtaken).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  const second = holdfast.user.me();
  gate.held[1]!();
  for (const me of [first, second, holdfast.user.me()]) expect(await me).toMatchObject({ email: next.email });
  expect(gate.held).toHaveLength(2);
});

test('a token whose claims need all letters of base64url is kept for its life', async () => {
  const holdfast = createClient({ url: proxy.url });
  // Any three of these bytes in a row that are encoded together end in an underscore.
  await holdfast.signUp({ name: '?????', email: 'question@example.org', password });
  await holdfast.user.me();
  await holdfast.user.me();
  expect(refreshes()).toHaveLength(1);
});

test('a clock that was set back has the token renewed', async () => {
  const { session } = await join(proxy);
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

test('a token is not used beyond its end, nor when its session has ended', async () => {
  const { session } = await join(proxy);
  const storage = { load: () => session, save: () => {} };
  const holdfast = createClient({ url: proxy.url, storage, deadlineMs: 3000 });
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    await holdfast.user.me();
    vi.setSystemTime(Date.now() + 16 * 60_000);
    proxy.decide = (path) => (path === '/api/auth/token' ? 'cut' : 'pass');
    proxy.seen.length = 0;
    expect(['NETWORK', 'DEADLINE']).toContain((await failureOf(holdfast.user.me()))['code']);
    expect(calls()).toEqual([]);
    proxy.decide = () => 'pass';
    await holdfast.user.me();
    await createClient({ url: proxy.url, storage }).signOut();
    vi.setSystemTime(Date.now() + 14 * 60_000);
    proxy.seen.length = 0;
    expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
    expect(calls()).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});

test('a late word about an old token costs the new one nothing', async () => {
  const { email } = await join(proxy);
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
  // Two tokens of one second are the same.
  await sleep(1100);
  for (const [index, held] of [3, 4].entries()) {
    gate.held[index]!();
    await expect.poll(() => gate.held.length).toBe(held);
  }
  for (const open of gate.held) open();
  for (const me of [soon, late]) expect(await me).toMatchObject({ email });
  expect(refreshes()).toHaveLength(2);
});

test('a storage that fails is named, and asked again by the next call', async () => {
  const { email, session } = await join(proxy);
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
  const told = { code: 'CALLBACK_FAILED', isRetryable: true, cause: failing };
  const holdfast = createClient({ url: proxy.url, storage });
  expect(await failureOf(holdfast.task.create({ title: 'never' }))).toMatchObject(told);
  expect(await failureOf(holdfast.signOut())).toMatchObject(told);
  failing = null;
  expect(await holdfast.user.me()).toMatchObject({ email });
  expect((await holdfast.task.list()).items).toEqual([]);
});

test('a save that fails undoes no sign-in, and stands in the way of no later save', async () => {
  const { email } = await join(proxy);
  const storage = keep();
  let isFailing = true;
  const save = (session: string | null) => (isFailing ? Promise.reject(new Error('no room')) : storage.save(session));
  const holdfast = createClient({ url: proxy.url, storage: { load: () => storage.load(), save } });
  const failure = await failureOf(holdfast.signIn({ email, password }));
  expect(failure).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: false, cause: new Error('no room') });
  // It is the storage that has failed: they are signed in here.
  expect(await holdfast.user.me()).toMatchObject({ email });
  isFailing = false;
  await holdfast.signIn({ email, password });
  expect(storage.kept).toEqual(expect.any(String));
});

test('whoever is signed in is kept by then, and nobody is where nothing is kept', async () => {
  const { email } = await join(proxy);
  const storage = keep();
  async function save(session: string | null): Promise<void> {
    await sleep(100);
    storage.kept = session;
  }
  const holdfast = createClient({ url: proxy.url, storage: { load: () => '', save } });
  proxy.seen.length = 0;
  expect(await failureOf(holdfast.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  await holdfast.signOut();
  // Nobody's session is neither asked a token for nor ended.
  expect(proxy.seen).toEqual(['GET /trpc/user.me']);
  await holdfast.signIn({ email, password });
  expect(storage.kept).toEqual(expect.any(String));
});

test('a session that the storage cannot forget is ended at the server all the same', async () => {
  const { session } = await join(proxy);
  const storage = { load: () => session, save: () => Promise.reject(new Error('no room')) };
  const leaving = createClient({ url: proxy.url, storage });
  expect(await failureOf(leaving.signOut())).toMatchObject({ code: 'CALLBACK_FAILED', isRetryable: false });
  const restarted = createClient({ url: proxy.url, storage });
  expect(await failureOf(restarted.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('what fails to load when somebody has signed in meanwhile signs nobody out', async () => {
  const { email } = await join(proxy);
  const loading = Promise.withResolvers<string>();
  const holdfast = createClient({ url: proxy.url, storage: { load: () => loading.promise, save: () => {} } });
  const first = failureOf(holdfast.user.me());
  await holdfast.signIn({ email, password });
  loading.reject(new Error('no room'));
  expect(await first).toMatchObject({ code: 'CALLBACK_FAILED' });
  expect(await holdfast.user.me()).toMatchObject({ email });
});
