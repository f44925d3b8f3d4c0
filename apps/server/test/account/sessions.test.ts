import { expect, test } from 'vitest';
import { me, openServer, password } from '../fixture.ts';
import { bearer, createPeople, elsewhere, openTables } from './fixture.ts';

const { url, databaseUrl } = await openServer({ TRUST_PROXY: '1', SESSION_DAYS: '90' });
const { ask, join, send } = createPeople(url);
const tables = openTables(databaseUrl);
const origin = { origin: url };

interface ListedSession {
  id: string;
  token: string;
  userAgent: string;
  isCurrent: boolean;
  createdAt: string;
  updatedAt: string;
  expiresAt: string;
}

async function signIn(email: string, userAgent: string): Promise<string> {
  const headers = { 'user-agent': userAgent, ...elsewhere() };
  const { body } = await ask('sign-in/email', { email, password }, headers);
  return body['token'] as string;
}

async function list(headers: Record<string, string>): Promise<ListedSession[]> {
  const response = await fetch(`${url}/api/auth/list-sessions`, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as ListedSession[];
}

const statusOf = async (token: string) => (await me(url, bearer(token))).status;

test('the list of sessions names devices and times, and has no token of any session', async () => {
  const ada = await join();
  const [phone, laptop] = [await signIn(ada.email, 'Phone'), await signIn(ada.email, 'Laptop')];
  const day = 86_400_000;
  for (const [headers, current] of [
    [bearer(phone), 'Phone'],
    [bearer(laptop), 'Laptop'],
  ] as const) {
    const sessions = await list(headers);
    expect(sessions).toHaveLength(3);
    for (const secret of [phone, laptop, ada.session]) expect(JSON.stringify(sessions)).not.toContain(secret);
    expect(sessions.filter(({ isCurrent }) => isCurrent)).toMatchObject([{ userAgent: current }]);
    for (const { createdAt, expiresAt } of sessions)
      expect(Math.round((Date.parse(expiresAt) - Date.parse(createdAt)) / day)).toBe(90);
  }
  expect((await list({ cookie: ada.cookie })).map(({ id }) => id).toSorted()).toEqual(
    (await list(bearer(phone))).map(({ id }) => id).toSorted(),
  );
});

test('a session that is more than a day old lists and ends sessions too', async () => {
  const ada = await join();
  await tables.kysely
    .updateTable('session')
    .set({ createdAt: new Date(Date.now() - 3 * 86_400_000) })
    .where('userId', '=', ada.id)
    .execute();
  expect(await list(bearer(ada.session))).toHaveLength(1);
});

test('a session ends by its ID, with the ID in place of a token, and by its token', async () => {
  const ada = await join();
  const others = [await signIn(ada.email, 'one'), await signIn(ada.email, 'two'), await signIn(ada.email, 'three')];
  const sessions = await list(bearer(ada.session));
  const find = (name: string) => sessions.find(({ userAgent }) => userAgent === name)!;
  const bodies = [{ id: find('one').id }, { token: find('two').token }, { token: others[2]! }];
  for (const [at, body] of bodies.entries()) {
    expect(await statusOf(others[at]!)).toBe(200);
    expect((await send('revoke-session', body, { cookie: ada.cookie, ...origin })).status).toBe(200);
    expect(await statusOf(others[at]!)).toBe(401);
  }
  expect(await statusOf(ada.session)).toBe(200);
});

test('no user ends or sees a session of another user', async () => {
  const [ada, eve] = [await join(), await join()];
  const [session] = await list(bearer(ada.session));
  for (const body of [{ id: session!.id }, { token: session!.id }, { token: ada.session }]) {
    expect((await send('revoke-session', body, bearer(eve.session))).status).toBe(200);
  }
  expect(await statusOf(ada.session)).toBe(200);
  expect((await list(bearer(eve.session))).map(({ id }) => id)).not.toContain(session!.id);
});

test('without a session, sessions are neither listed nor ended', async () => {
  const ada = await join();
  const [{ id } = { id: '' }] = await list(bearer(ada.session));
  expect((await fetch(`${url}/api/auth/list-sessions`)).status).toBe(401);
  for (const path of ['revoke-session', 'revoke-other-sessions', 'revoke-sessions']) {
    expect((await send(path, { id })).status).toBe(401);
  }
  expect(await statusOf(ada.session)).toBe(200);
});

test('a request to end a session without an ID, or with one that is no UUID, is refused', async () => {
  const ada = await join();
  for (const body of [{}, { id: 'x' }, { id: 1 }, { token: 1 }]) {
    expect((await send('revoke-session', body, bearer(ada.session))).status).toBe(400);
  }
});

test('a used session is renewed after an hour for SESSION_DAYS, and a cookie lasts as long', async () => {
  const ada = await join();
  const setTimes = (usedAt: number) =>
    tables.kysely
      .updateTable('session')
      .set({ updatedAt: new Date(usedAt), expiresAt: new Date(usedAt + 90 * 86_400_000) })
      .where('userId', '=', ada.id)
      .execute();
  const twoHoursAgo = Date.now() - 2 * 3_600_000;
  await setTimes(twoHoursAgo);
  await me(url, bearer(ada.session));
  const [renewed] = await list(bearer(ada.session));
  expect(Date.parse(renewed!.updatedAt)).toBeGreaterThan(twoHoursAgo + 3_600_000);
  const signedIn = await send('sign-in/email', { email: ada.email, password });
  expect(signedIn.headers.getSetCookie()[0]).toContain(`Max-Age=${90 * 86_400};`);
});

test('no response to a request with only the cookie has the token of a session', async () => {
  const ada = await join();
  const headers = { cookie: ada.cookie, ...origin };
  const read = (path: string) => fetch(`${url}/api/auth/${path}`, { headers });
  const renewSoon = () =>
    tables.kysely
      .updateTable('session')
      .set({ expiresAt: new Date(Date.now() + 89 * 86_400_000) })
      .where('userId', '=', ada.id)
      .execute();
  for (const ask of [
    () => read('get-session'),
    () => read('list-sessions'),
    () => read('account'),
    () => send('update-user', { name: 'Augusta' }, headers),
    () => send('change-password', { currentPassword: password, newPassword: 'a new password' }, headers),
  ]) {
    await renewSoon();
    const response = await ask();
    expect([response.url, response.status]).toEqual([response.url, 200]);
    // The browser gets the renewed cookie, which scripts cannot read.
    const { 'set-cookie': _, ...readable } = Object.fromEntries(response.headers);
    expect(readable).not.toHaveProperty('set-auth-token');
    expect(JSON.stringify(readable) + (await response.text())).not.toContain(ada.session);
  }
  const own = await fetch(`${url}/api/auth/get-session`, { headers: bearer(ada.session) });
  expect(await own.json()).toMatchObject({ session: { token: ada.session }, user: { id: ada.id } });
  const found = (await (await read('get-session')).json()) as { session: { id: string; token: string } };
  expect(found.session.token).toBe(found.session.id);
});
