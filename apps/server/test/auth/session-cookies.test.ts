import { openAuthStore, openDatabase } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { createCredentialCache } from '../../src/auth/credential-cache.ts';
import { toSessionToken } from '../../src/auth/sessions.ts';
import { me, openDatabaseUrl, openFaultProxyTo, openServer, password, post, signUp } from '../fixture.ts';
import { watch } from '../live/watcher.ts';
import { workersOfRun } from '../running-server.ts';

const far = await openFaultProxyTo(await openDatabaseUrl());
const PUBLIC_URL = 'http://tasks.localhost';
const one = await openServer({ DATABASE_URL: far.url, PUBLIC_URL });
const two = await openServer({ DATABASE_URL: far.url, PUBLIC_URL });
const store = openAuthStore({ url: far.url });
const db = await openDatabase({ url: far.url });
afterAll(() => store.close());
afterAll(() => db.close());

const join = () => signUp(one.url, `${crypto.randomUUID()}@example.org`);
const statusOf = async (base: string, cookie: string) => (await me(base, { cookie })).status;
const request = (path: string, body: object, cookie: string) =>
  post(`${one.url}/api/auth/${path}`, body, { cookie, origin: PUBLIC_URL });
const list = (headers: Record<string, string>) => fetch(`${one.url}/trpc/task.list`, { headers });

/** The session cookie of the user’s other browser. */
async function signInAgain(email: string): Promise<string> {
  const response = await post(`${one.url}/api/auth/sign-in/email`, { email, password });
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}

const minute = 60_000;
const credential = {
  caller: { userId: '0190a000-0000-7000-8000-00000000000a', profile: { email: null, name: null } },
  sessionId: 'one',
  streamSessionId: 'one',
  issuedAt: 0,
};

function openCache() {
  let time = 1_000_000;
  const cache = createCredentialCache({ toKey: toSessionToken, now: () => time });
  return { ...cache, now: () => time, wait: (milliseconds: number) => (time += milliseconds) };
}

test('a session is remembered for a minute, and no longer than until it expires', () => {
  const cache = openCache();
  cache.set('long', { ...credential, expiresAt: cache.now() + 15 * minute });
  cache.set('short', { ...credential, expiresAt: cache.now() + 10_000 });
  cache.wait(9999);
  expect([cache.get('long'), cache.get('short')]).toMatchObject([credential, credential]);
  cache.wait(1);
  expect([cache.get('long'), cache.get('short')]).toMatchObject([credential, undefined]);
  cache.wait(minute - 10_000);
  expect(cache.get('long')).toBeUndefined();
});

test('beyond 20,000 sessions, the oldest one is forgotten', () => {
  const cache = openCache();
  const valid = { ...credential, expiresAt: Infinity };
  for (let at = 0; at < 20_000; at += 1) cache.set(`${at}`, valid);
  // Remembered again, it is the newest one.
  cache.set('0', valid);
  cache.set('next', valid);
  expect(['0', '1', '2', 'next'].map((cookie) => cache.get(cookie) !== undefined)).toEqual([true, false, true, true]);
});

test('a session has one place in the memory, whatever the encoding of its cookie', () => {
  const cache = openCache();
  const valid = { ...credential, expiresAt: Infinity };
  cache.set('other.signature', valid);
  for (let at = 0; at < 30_000; at += 1) cache.set(`token.signature${at}`, valid);
  const cookies = ['other.signature', 'token.signature29999', 'token.signature0', 'token', 'token.'];
  expect(cookies.map((cookie) => cache.get(cookie) !== undefined)).toEqual([true, true, false, false, false]);
});

// Each worker looks a session up.
test.skipIf(workersOfRun !== '1')(
  'calls with a session cookie take one round trip to the database each, after the first one',
  async () => {
    const { cookie } = await join();
    expect((await list({ cookie })).status).toBe(200);
    const before = far.roundTrips();
    for (let call = 0; call < 3; call += 1) expect((await list({ cookie: `theme=dark; ${cookie}` })).status).toBe(200);
    expect(far.roundTrips() - before).toBe(3);
  },
);

test('a cookie with a wrong signature is refused, also after the right one was used', async () => {
  const { cookie } = await join();
  expect(await statusOf(one.url, cookie)).toBe(200);
  const [name, value] = cookie.split('=') as [string, string];
  const text = decodeURIComponent(value);
  const [token, signature] = [text.slice(0, text.indexOf('.')), text.slice(text.indexOf('.') + 1)];
  const wrong = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  for (const forged of [`${token}.${wrong}`, token, `${token}.`, `${token}.${signature.slice(0, -4)}`]) {
    expect(await statusOf(one.url, `${name}=${encodeURIComponent(forged)}`)).toBe(401);
  }
  expect(await statusOf(one.url, cookie)).toBe(200);
});

test('of several session cookies, the same one counts before and after it is remembered', async () => {
  const [ada, ben] = [await join(), await join()];
  const both = `${ada.cookie}; ${ben.cookie}`;
  const first = await me(one.url, { cookie: both });
  for (const cookie of [ada.cookie, ben.cookie]) expect(await statusOf(one.url, cookie)).toBe(200);
  expect(await me(one.url, { cookie: both })).toEqual(first);
});

test('a session that is due for renewal gets its new cookie once, with the lookup', async () => {
  const { cookie, id } = await join();
  const expiresAt = new Date(Date.now() + 5 * 24 * 60 * minute);
  await store.kysely.updateTable('session').set({ expiresAt }).where('userId', '=', id).execute();
  const [name] = cookie.split('=') as [string];
  const renewed = (await list({ cookie })).headers.getSetCookie();
  expect(renewed).toEqual([expect.stringMatching(new RegExp(`^${name}=.+; Max-Age=\\d+;`))]);
  expect(renewed[0]!.startsWith(cookie)).toBe(true);
  expect((await list({ cookie })).headers.getSetCookie()).toEqual([]);
});

type Person = Awaited<ReturnType<typeof join>> & { email: string };

const endsHere: [string, (person: Person) => Promise<unknown>][] = [
  ['sign-out', ({ cookie }) => request('sign-out', {}, cookie)],
  ['a revoked session', ({ session, cookie }) => request('revoke-session', { token: session }, cookie)],
  ['all revoked sessions', ({ cookie }) => request('revoke-sessions', {}, cookie)],
  [
    'the end of all other sessions',
    async ({ email }) => request('revoke-other-sessions', {}, await signInAgain(email)),
  ],
  [
    'a changed password in another browser',
    async ({ email }) => {
      const change = { currentPassword: password, newPassword: 'another password' };
      return request('change-password', change, await signInAgain(email));
    },
  ],
];

test.concurrent.for(endsHere)(
  '%s ends a remembered cookie at once on the same server, and within a minute on others',
  async ([, end], { expect }) => {
    const email = `${crypto.randomUUID()}@example.org`;
    const person = { ...(await signUp(one.url, email)), email };
    for (const { url } of [one, two]) expect(await statusOf(url, person.cookie)).toBe(200);
    expect(await end(person)).toMatchObject({ status: 200 });
    expect(await statusOf(one.url, person.cookie)).toBe(401);
    await expect.poll(() => statusOf(two.url, person.cookie), { interval: 500 }).toBe(401);
  },
);

const endsElsewhere: [string, (person: Person) => Promise<unknown>][] = [
  [
    'the deletion of the session in SQL',
    ({ id }) => store.kysely.deleteFrom('session').where('userId', '=', id).execute(),
  ],
  [
    'the deletion of the user by a tool',
    ({ id }) => db.acrossAllUsers((em) => em.execute('delete from users where id = ?', [id]), { write: true }),
  ],
];

test.concurrent.for(endsElsewhere)('%s ends a remembered cookie within a minute', async ([, end], { expect }) => {
  const email = `${crypto.randomUUID()}@example.org`;
  const person = { ...(await signUp(one.url, email)), email };
  expect(await statusOf(one.url, person.cookie)).toBe(200);
  await end(person);
  await expect.poll(() => statusOf(one.url, person.cookie), { interval: 500 }).toBe(401);
});

test('streams with a remembered cookie end with their session, and those of other sessions do not', async () => {
  const [ada, ben] = [await join(), await join()];
  const streams = [];
  for (const { cookie } of [ada, ben]) {
    expect(await statusOf(one.url, cookie)).toBe(200);
    const stream = await watch(one.url, { cookie });
    await expect.poll(() => stream.pages.length).toBe(1);
    streams.push(stream);
  }
  expect((await request('sign-out', {}, ada.cookie)).status).toBe(200);
  expect(await streams[0]!.ended).toBe('complete');
  expect((await watch(one.url, { cookie: ada.cookie })).response.status).toBe(401);
  const created = await post(
    `${one.url}/trpc/task.create`,
    { title: 'still there' },
    { cookie: ben.cookie, origin: PUBLIC_URL },
  );
  expect(created.status).toBe(200);
  await expect.poll(streams[1]!.titles).toEqual(['still there']);
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const anotherUser = 'Another user is signed in. Reload the page.';

test('a request that names another user than that of its credential is refused, and nothing runs', async () => {
  const [ada, ben] = [await join(), await join()];
  const named = { 'x-holdfast-user': ada.id, origin: PUBLIC_URL };
  for (const credentials of [{ cookie: ben.cookie }, bearer(ben.jwt), bearer(ben.session)]) {
    const headers = { ...named, ...credentials };
    for (const path of ['task.create', 'task.create,task.create?batch=1']) {
      const response = await post(`${one.url}/trpc/${path}`, { title: 'x', 0: { title: 'x' } }, headers);
      expect([response.status, JSON.stringify(await response.json())]).toEqual([
        401,
        expect.stringContaining(anotherUser),
      ]);
    }
    const stream = await watch(one.url, { cookie: '', headers });
    expect(stream.response.status).toBe(401);
  }
  for (const jwt of [ada.jwt, ben.jwt]) {
    expect(await (await list(bearer(jwt))).json()).toMatchObject({ result: { data: { items: [] } } });
  }
  for (const credentials of [{ cookie: ada.cookie }, bearer(ada.jwt), bearer(ada.session)]) {
    const headers = { ...named, ...credentials };
    expect((await post(`${one.url}/trpc/task.create`, { title: 'x' }, headers)).status).toBe(200);
  }
  expect((await list({ 'x-holdfast-user': ada.id })).status).toBe(401);
});

test('a sign-out that names another user than that of its cookie ends no session', async () => {
  const [ada, ben] = [await join(), await join()];
  const signOut = ({ cookie }: { cookie: string }) =>
    post(`${one.url}/api/auth/sign-out`, {}, { cookie, origin: PUBLIC_URL, 'x-holdfast-user': ada.id });
  const refused = await signOut(ben);
  expect([refused.status, await refused.json()]).toMatchObject([401, { error: { message: anotherUser } }]);
  expect(await statusOf(one.url, ben.cookie)).toBe(200);
  for (let time = 0; time < 2; time += 1) expect((await signOut(ada)).status).toBe(200);
  expect(await statusOf(one.url, ada.cookie)).toBe(401);
});
