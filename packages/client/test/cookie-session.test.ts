import { createClient } from '@holdfast/client';
import { beforeEach, expect, test, vi } from 'vitest';
import { openProfile, type Profile } from './cookie-jar.ts';
import { endSessions, errorOf, openProxy, password, refusal, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
let people = 0;

beforeEach(() => {
  proxy.decide = () => 'pass';
});

const toPerson = () => ({ name: 'Ada', email: `ada${(people += 1)}@example.org`, password });

/** A profile with one tab, in which a new user is signed in. */
async function openSignedIn() {
  const profile = openProfile(proxy);
  const tab = profile.openTab();
  const person = toPerson();
  const account = await tab.signUp(person);
  proxy.seen.length = 0;
  return { profile, tab, person, account };
}

const token = ({ cookies }: Profile) => decodeURIComponent([...cookies.values()].join()).split('.')[0]!;

test('with a cookie, a user can sign up, sign in and sign out, and the client stores a marker without a secret', async () => {
  const { profile, tab, person, account } = await openSignedIn();
  expect(await tab.user.me()).toMatchObject(account);
  expect(JSON.parse(profile.storage.stored!)).toEqual({ id: expect.any(String), userId: account.id });
  expect(token(profile).length).toBeGreaterThan(20);
  expect(profile.storage.stored).not.toContain(token(profile));
  const first = profile.storage.stored;
  await tab.signOut();
  expect([profile.storage.stored, profile.cookies.size]).toEqual([null, 0]);
  expect(await tab.session.isSignedIn()).toBe(false);
  expect(await errorOf(tab.user.me())).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await tab.signIn(person)).toEqual(account);
  expect(await tab.user.me()).toMatchObject(account);
  expect(profile.storage.stored).not.toBe(first);
  expect(profile.sent.filter((headers) => headers.has('authorization'))).toEqual([]);
});

test('a call with a cookie needs no request for a token, also in a new tab', async () => {
  const { profile, account } = await openSignedIn();
  const tab = profile.openTab();
  expect(await tab.session.isSignedIn()).toBe(true);
  expect(proxy.seen).toEqual([]);
  const { id } = await tab.task.create({ title: 'Milk' });
  const saved = await tab.task.update({ id, title: 'Oat milk' }, { keepalive: true });
  expect(saved).toMatchObject({ title: 'Oat milk' });
  expect(proxy.seen).toEqual(['POST /trpc/task.create', 'POST /trpc/task.update']);
  expect(profile.sent.slice(-2).map((headers) => headers.get('x-holdfast-user'))).toEqual([account.id, account.id]);
});

test('the pages of a stream arrive with a cookie', async () => {
  const { tab } = await openSignedIn();
  const pages = tab.changes.watch();
  expect((await pages.next()).value).toMatchObject({ tasks: [] });
  await tab.task.create({ title: 'Milk' });
  expect((await pages.next()).value).toMatchObject({ tasks: [{ title: 'Milk' }] });
  await pages.return();
});

test('when the server says that the session of a cookie has ended, the client removes the marker', async () => {
  const { profile, tab, person } = await openSignedIn();
  const changes: boolean[] = [];
  tab.session.onChange((isSignedIn) => void changes.push(isSignedIn));
  await tab.task.list();
  await endSessions(proxy, person.email);
  expect(await errorOf(tab.task.create({ title: 'x' }))).toMatchObject({
    code: 'UNAUTHORIZED',
    message: 'The token is not valid or has expired. Sign in again.',
    isRetryable: true,
  });
  await expect.poll(() => changes).toEqual([false]);
  expect(profile.storage.stored).toBeNull();
});

test('a stream whose session has ended removes the marker too', async () => {
  const { profile, tab, person } = await openSignedIn();
  const pages = tab.changes.watch();
  await pages.next();
  await endSessions(proxy, person.email);
  expect(await errorOf(pages.next())).toMatchObject({ code: 'UNAUTHORIZED' });
  await expect.poll(() => profile.storage.stored).toBeNull();
});

test('a response 401 of a proxy in front of the server does not remove the marker', async () => {
  const { profile } = await openSignedIn();
  const tab = profile.openTab({ deadlineMs: 1000 });
  for (const [body, headers] of [
    ['<p>Sign in to the network', { 'content-type': 'text/html' }],
    ['{}', { 'content-type': 'application/json' }],
  ] as const) {
    proxy.decide = () => ({ status: 401, headers, body });
    await errorOf(tab.task.create({ title: 'x' }));
    expect(profile.storage.stored).not.toBeNull();
  }
  proxy.decide = () => 'pass';
  expect(await profile.openTab().task.list()).toMatchObject({ items: [] });
});

test.for([false, true])(
  'after a sign-in as another user in another tab, no write of the first user is sent as the second one (keepalive: %s)',
  async (keepalive) => {
    const { profile, tab: first } = await openSignedIn();
    await first.task.list();
    const changes: boolean[] = [];
    first.session.onChange((isSignedIn) => void changes.push(isSignedIn));
    const second = profile.openTab();
    const account = await second.signUp(toPerson());
    const marker = profile.storage.stored;
    const error = await errorOf(first.task.create({ title: 'of the first user' }, { keepalive }));
    expect(error).toMatchObject({ code: 'UNAUTHORIZED', message: 'Another user is signed in. Reload the page.' });
    expect((await second.task.list()).items).toEqual([]);
    // The first tab now has the session of the second one.
    await expect.poll(() => changes).toEqual([true]);
    expect(profile.storage.stored).toBe(marker);
    expect(await first.user.me()).toMatchObject(account);
  },
);

test('a write that is retried after a sign-in as another user in another tab is not sent as this user', async () => {
  const { profile, tab: first } = await openSignedIn();
  const second = profile.openTab();
  proxy.decide = (path) =>
    path === '/trpc/task.create'
      ? refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true, retryAfterMs: 1000 })
      : 'pass';
  const creating = errorOf(first.task.create({ title: 'of the first user' }));
  await expect.poll(() => proxy.seen).toContain('POST /trpc/task.create');
  await second.signUp(toPerson());
  proxy.decide = () => 'pass';
  expect(await creating).toMatchObject({ code: 'UNAUTHORIZED', isRetryable: true });
  expect((await second.task.list()).items).toEqual([]);
});

test('a sign-out of a tab whose user was replaced in another tab does not sign the other user out', async () => {
  const { profile, tab: first } = await openSignedIn();
  await first.task.list();
  const second = profile.openTab();
  await second.signUp(toPerson());
  const marker = profile.storage.stored!;
  expect(await errorOf(first.signOut())).toMatchObject({ code: 'UNAUTHORIZED' });
  await profile.storage.save(marker);
  expect(await profile.openTab().task.list()).toMatchObject({ items: [] });
});

test('after a sign-out that did not reach the server, calls send no cookie, and another sign-out ends the session', async () => {
  const { profile, tab } = await openSignedIn();
  await tab.task.list();
  proxy.decide = () => 'cut';
  expect(await errorOf(tab.signOut())).toMatchObject({ code: 'NETWORK' });
  proxy.decide = () => 'pass';
  expect([profile.storage.stored, profile.cookies.size]).toEqual([null, 1]);
  expect(await errorOf(tab.task.create({ title: 'x' }))).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(profile.sent.at(-1)!.has('cookie')).toBe(false);
  const cookie = profile.sent.findLast((headers) => headers.has('cookie'))!.get('cookie')!;
  await tab.signOut();
  expect(profile.cookies.size).toBe(0);
  expect((await fetch(`${proxy.target}/trpc/user.me`, { headers: { cookie } })).status).toBe(401);
});

test('a stored text that is not a marker, such as a session of an earlier version of the app, means signed out', async () => {
  for (const stored of ['0123456789abcdefghijklmnopqrstuv', '{}', '{"userId":"x"}']) {
    const profile = openProfile(proxy);
    profile.storage.stored = stored;
    expect(await profile.openTab().session.isSignedIn()).toBe(false);
  }
});

const createFor = (url: string) => createClient({ url, session: 'cookie' });

test('a page of another origin than the server cannot use a cookie', () => {
  vi.stubGlobal('location', { origin: 'https://app.example.org' });
  try {
    expect(() => createFor('https://tasks.example.org')).toThrow(
      new TypeError("`session: 'cookie'` needs the origin of the page. Use `url: location.origin`."),
    );
    expect(() => createFor('https://app.example.org')).not.toThrow();
  } finally {
    vi.unstubAllGlobals();
  }
});

test('a client without the marker takes over the session of the cookie, and fails without a session', async () => {
  const { profile, account } = await openSignedIn();
  profile.storage.stored = null;
  const tab = profile.openTab();
  expect(await tab.session.isSignedIn()).toBe(false);
  expect(await tab.finishSignIn()).toEqual(account);
  expect(await tab.user.me()).toMatchObject(account);
  expect(JSON.parse(profile.storage.stored!)).toMatchObject({ userId: account.id });
  await tab.signOut();
  expect(await errorOf(tab.finishSignIn())).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(await errorOf(createClient({ url: proxy.url }).finishSignIn())).toMatchObject({ code: 'UNAUTHORIZED' });
});
