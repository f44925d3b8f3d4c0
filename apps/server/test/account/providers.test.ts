import { findTablesWith } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { me, openServer, password, post, signUp } from '../fixture.ts';
import { bearer, createPeople, openSmtp, openTables, subjects } from './fixture.ts';
import { openOAuthServer, type Person, providerEnv } from './oauth-server.ts';

const oauth = await openOAuthServer();
const smtp = await openSmtp();
const origin = smtp.env.PUBLIC_URL;
const { url, databaseUrl, log } = await openServer({ ...smtp.env, ...providerEnv });
const people = createPeople(url);
const { kysely } = openTables(databaseUrl);

let ids = 1000;
const createPerson = (more: Partial<Person> = {}): Person => ({
  id: `${(ids += 1)}`,
  email: `${crypto.randomUUID()}@example.org`,
  isVerified: true,
  name: 'Ada',
  ...more,
});

/** The cookies of a browser, by name. */
type Jar = Map<string, string>;
const toCookie = (jar: Jar) => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
function keep(jar: Jar, response: Response): Response {
  for (const cookie of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
    if (/; Max-Age=0/.test(cookie)) jar.delete(name!);
    else jar.set(name!, value!);
  }
  return response;
}

/** Starts a sign-in in a browser, and returns the page of the provider. */
async function start(jar: Jar, provider: string): Promise<string> {
  const body = { provider, callbackURL: '/signed-in?next=%2Ftoday', errorCallbackURL: '/sign-in' };
  const response = await post(`${url}/api/auth/sign-in/social`, body, { origin, cookie: toCookie(jar) });
  expect(response.status).toBe(200);
  keep(jar, response);
  return ((await response.json()) as { url: string }).url;
}

/** Follows the redirect to the server, and returns where it leads. */
async function comeBack(jar: Jar, address: string) {
  const headers = { cookie: toCookie(jar) };
  const response = await fetch(address.replace(origin, url), { headers, redirect: 'manual' });
  keep(jar, response);
  return { status: response.status, location: response.headers.get('location') };
}

async function signInWith(provider: string, person: Person) {
  const jar: Jar = new Map();
  const result = await comeBack(jar, oauth.agree(await start(jar, provider), person));
  const cookie = toCookie(jar);
  return { ...result, jar, cookie };
}

const idOf = async (cookie: string) => ((await me(url, { cookie })).body as { id: string }).id;

test.each(['google', 'github'])('a sign-in with %s creates an account, and later signs in to it', async (provider) => {
  const person = createPerson();
  const first = await signInWith(provider, person);
  expect(first).toMatchObject({ status: 302, location: '/signed-in?next=%2Ftoday' });
  const { status, body } = await me(url, { cookie: first.cookie });
  expect([status, body]).toMatchObject([200, { email: person.email, name: 'Ada' }]);
  const account = await people.account({ cookie: first.cookie });
  expect(account).toMatchObject({ emailVerified: true, hasPassword: false, providers: ['google', 'github'] });
  const again = await signInWith(provider, person);
  expect(await idOf(again.cookie)).toBe((body as { id: string }).id);
  expect(oauth.problems).toEqual([]);
});

test('the database has no tokens of the provider', async () => {
  const person = createPerson();
  const id = await idOf((await signInWith('github', person)).cookie);
  const rows = await kysely.selectFrom('account').selectAll().where('userId', '=', id).execute();
  const none = { accessToken: null, refreshToken: null, idToken: null, password: null, scope: null };
  expect(rows).toMatchObject([{ providerId: 'github', accountId: person.id, ...none }]);
});

test('a person without a name at the provider gets one', async () => {
  const google = await signInWith('google', createPerson({ name: undefined, email: 'grace.hopper@example.org' }));
  expect(await me(url, { cookie: google.cookie })).toMatchObject({ body: { name: 'grace.hopper' } });
  const person = createPerson({ name: undefined });
  const github = await signInWith('github', person);
  expect(await me(url, { cookie: github.cookie })).toMatchObject({ body: { name: `user${person.id}` } });
});

test('a provider is added to an account with the same address only if both sides have confirmed the address', async () => {
  const ada = await people.join();
  const person = createPerson({ email: ada.email });
  const refused = await signInWith('google', person);
  expect(refused.location).toBe('/sign-in?error=account_not_linked');
  expect((await me(url, { cookie: refused.cookie })).status).toBe(401);
  const { token } = await smtp.waitFor(ada.email, subjects.verification);
  expect((await people.send('verify-email', { token })).status).toBe(200);
  const unverified = await signInWith('google', { ...person, isVerified: false });
  expect(unverified.location).toMatch(/error=(account_not_linked|email_not_verified)/);
  const linked = await signInWith('google', person);
  expect(await idOf(linked.cookie)).toBe(ada.id);
  expect(await people.canSignIn(ada.email, password)).toBe(true);
});

test.each(['google', 'github'])('an address that is not confirmed at %s creates no account', async (provider) => {
  const person = createPerson({ isVerified: false });
  const { location, cookie } = await signInWith(provider, person);
  expect(location).toMatch(/^\/sign-in\?error=email_not_verified/);
  expect((await me(url, { cookie })).status).toBe(401);
  expect(await findTablesWith(databaseUrl, person.email)).toEqual([]);
});

test('a refusal, a used or foreign address, another browser and a provider that is down lead to the sign-in with a reason', async () => {
  const jar: Jar = new Map();
  expect(await comeBack(jar, oauth.refuse(await start(jar, 'github')))).toMatchObject({
    status: 302,
    location: '/sign-in?error=access_denied',
  });
  const used = oauth.agree(await start(jar, 'github'), createPerson());
  expect((await comeBack(jar, used)).location).toMatch(/^\/signed-in/);
  for (const address of [used, `${origin}/api/auth/callback/github?code=a&state=b`]) {
    expect((await comeBack(jar, address)).location).toBe(`${origin}/sign-in?error=state_mismatch`);
  }
  const foreign = oauth.agree(await start(jar, 'google'), createPerson());
  expect((await comeBack(new Map(), foreign)).location).toMatch(/\/sign-in\?error=state_mismatch$/);
  oauth.setDown(true);
  for (const provider of ['google', 'github']) {
    const { location } = await signInWith(provider, createPerson());
    expect(location).toMatch(/^\/sign-in\?error=(invalid_code|oauth_provider_not_found)/);
  }
  oauth.setDown(false);
});

test('a sign-in with a provider leads only to pages of this server or of trusted origins', async () => {
  const body = { provider: 'google', callbackURL: 'https://evil.example/' };
  expect((await people.send('sign-in/social', body, { origin })).status).toBe(403);
  const errorCallbackURL = 'https://evil.example/';
  const second = { provider: 'google', callbackURL: '/', errorCallbackURL };
  expect((await people.send('sign-in/social', second, { origin })).status).toBe(403);
});

test('an ID token that a page or an app sends is not accepted', async () => {
  const body = { provider: 'google', idToken: { token: 'a.b.c' } };
  expect((await people.send('sign-in/social', body)).status).toBe(404);
});

test('without settings for providers, their routes do not exist, and none is offered', async () => {
  const plain = await openServer();
  const { account, send } = createPeople(plain.url);
  expect((await account())['providers']).toEqual([]);
  expect((await send('sign-in/social', { provider: 'google', callbackURL: '/' })).status).toBe(404);
  expect((await fetch(`${plain.url}/api/auth/callback/google?state=a`)).status).toBe(404);
});

async function makeOld(id: string): Promise<void> {
  const createdAt = new Date(Date.now() - 16 * 60_000);
  await kysely.updateTable('session').set({ createdAt }).where('userId', '=', id).execute();
}

test('a user without a password deletes the account after a recent sign-in, and not after an old one', async () => {
  const { cookie } = await signInWith('google', createPerson());
  const id = await idOf(cookie);
  await makeOld(id);
  const remove = () => post(`${url}/trpc/user.delete`, {}, { cookie, origin });
  const refused = await remove();
  expect([refused.status, await refused.text()]).toMatchObject([403, expect.stringContaining('Sign in again.')]);
  await kysely.updateTable('session').set({ createdAt: new Date() }).where('userId', '=', id).execute();
  expect((await remove()).status).toBe(200);
  expect(await findTablesWith(databaseUrl, id)).toEqual(['auth.erased_users']);
});

test('a user without a password creates API tokens and changes the address after a recent sign-in only', async () => {
  const { cookie } = await signInWith('github', createPerson());
  const ask = (path: string, body: object) => people.ask(path, body, { cookie, origin });
  expect((await ask('create-token', { name: 'one', scope: 'read' })).status).toBe(200);
  const newEmail = `${crypto.randomUUID()}@new.example`;
  expect((await ask('change-email', { newEmail })).status).toBe(200);
  await smtp.waitFor(newEmail, subjects.change);
  await makeOld(await idOf(cookie));
  for (const [path, body] of [
    ['create-token', { name: 'two', scope: 'read' }],
    ['change-email', { newEmail }],
  ] as const) {
    expect(await ask(path, body)).toMatchObject({ status: 403, body: { code: 'SIGN_IN_AGAIN' } });
  }
});

test('a user without a password sets one with the link of a mail, and then signs in with both', async () => {
  const person = createPerson();
  const id = await idOf((await signInWith('google', person)).cookie);
  expect(await people.canSignIn(person.email, password)).toBe(false);
  await people.send('request-password-reset', { email: person.email });
  const { token } = await smtp.waitFor(person.email, subjects.reset);
  expect((await people.send('reset-password', { token, newPassword: 'a new horse' })).status).toBe(200);
  expect(await people.canSignIn(person.email, 'a new horse')).toBe(true);
  const { cookie } = await signInWith('google', person);
  expect(await idOf(cookie)).toBe(id);
  const headers = { cookie, origin };
  expect((await post(`${url}/trpc/user.delete`, {}, headers)).status).toBe(400);
  expect((await post(`${url}/trpc/user.delete`, { password: 'a new horse' }, headers)).status).toBe(200);
});

test('a user with a password cannot do without it, however recent the sign-in is', async () => {
  const { session, cookie } = await signUp(url, `${crypto.randomUUID()}@example.org`);
  const headers = { cookie, origin };
  expect((await people.send('create-token', { name: 'one', scope: 'read' }, headers)).status).toBe(400);
  expect((await people.send('change-email', { newEmail: 'x@new.example' }, bearer(session))).status).toBe(400);
});

test('the log has no address and no code of a provider', () => {
  expect(JSON.stringify(log)).not.toMatch(/example\.org|code=|state=/);
});
