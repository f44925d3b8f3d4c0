import { openAuthStore } from '@holdfast/db';
import { getMigrations } from 'better-auth/db/migration';
import { afterAll, expect, test, vi } from 'vitest';
import { createSignIn } from '../src/auth/sign-in.ts';
import { createLimiters } from '../src/rate-limit.ts';
import {
  alterDatabase,
  me,
  openDatabaseUrl,
  openFaultProxyTo,
  openServer,
  password,
  post,
  secret,
  signUp,
} from './fixture.ts';

const { url, databaseUrl, log } = await openServer();
await signUp(url, 'ada@example.org');

const trySignIn = (base: string, email: string, headers: Record<string, string> = {}) =>
  post(`${base}/api/auth/sign-in/email`, { email, password: 'not the password' }, headers);

const cookieOf = async (base: string) => {
  const answer = await post(`${base}/api/auth/sign-up/email`, { name: 'Cleo', email: 'cleo@example.org', password });
  return answer.headers.getSetCookie()[0];
};

const tryName = (name: string) => post(`${url}/api/auth/sign-up/email`, { name, email: 'dora@example.org', password });

test('the migrated tables are those that the library asks for', async () => {
  // The library compares with the first schema of the search path.
  const store = openAuthStore({ url: `${databaseUrl}?options=-csearch_path%3Dauth` });
  afterAll(() => store.close());
  const { options } = createSignIn({
    store,
    publicUrl: url,
    secret,
    trustedOrigins: [],
    createLimiter: createLimiters(null),
  });
  const { toBeCreated, toBeAdded } = await getMigrations(options);
  expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
});

test('a wrong password and an unknown address get the same answer', async () => {
  const [known, unknown] = [await trySignIn(url, 'ada@example.org'), await trySignIn(url, 'nobody@example.org')];
  expect([known.status, await known.text()]).toEqual([401, await unknown.text()]);
  expect(unknown.status).toBe(401);
});

test('cookies are kept from scripts and foreign pages, and from plain HTTP where the server has HTTPS', async () => {
  const secure = await openServer({ PUBLIC_URL: 'https://tasks.example.org' });
  expect(await cookieOf(url)).toMatch(
    /^holdfast\.session_token=[^;]+; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  expect(await cookieOf(secure.url)).toMatch(/^__Secure-holdfast\.session_token=.*; HttpOnly; Secure; SameSite=Lax$/);
});

test('a foreign page cannot sign its visitors in', async () => {
  const answer = await trySignIn(url, 'ada@example.org', { origin: 'https://evil.example.org' });
  expect(answer.status).toBe(403);
});

/** A server on which nothing can be added to a table of the sign-in's, until that is lifted. */
async function openFailing(table: string) {
  const server = await openServer();
  const alter = (sql: string) => alterDatabase(server.databaseUrl, sql);
  await alter(`create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'no' using errcode = '40001'; end $$`);
  return {
    ask: (path: string, body: object, headers = {}) => post(`${server.url}/api/auth/${path}`, body, headers),
    fail: () => alter(`create trigger fail before insert on auth.${table} execute function fail()`),
    lift: () => alter(`drop trigger fail on auth.${table}`),
  };
}

const ivy = { name: 'Ivy', email: 'ivy@example.org', password };

test.each(['account', 'session'])('a sign-up that fails at its %s has done nothing, and says so', async (table) => {
  const { ask, fail, lift } = await openFailing(table);
  await fail();
  const failed = await ask('sign-up/email', ivy);
  expect(failed.status).toBe(503);
  expect(await failed.json()).toMatchObject({ error: { data: { code: 'SERVICE_UNAVAILABLE', isRetryable: true } } });
  await lift();
  expect((await ask('sign-up/email', ivy)).status).toBe(200);
});

test('a change of password that fails when it is made already does not say that nothing was done', async () => {
  const { ask, fail, lift } = await openFailing('session');
  const { token } = (await (await ask('sign-up/email', ivy)).json()) as { token: string };
  await fail();
  const change = { currentPassword: password, newPassword: 'another password', revokeOtherSessions: true };
  const failed = await ask('change-password', change, { authorization: `Bearer ${token}` });
  expect(failed.status).toBe(503);
  expect(await failed.text()).not.toContain('isRetryable');
  await lift();
  expect((await ask('sign-in/email', { ...ivy, password: 'another password' })).status).toBe(200);
});

test('many sign up at once', async () => {
  const server = await openServer();
  const people = Array.from({ length: 20 }, (_, at) => signUp(server.url, `one.of.many.${at}@example.org`));
  const ids = (await Promise.all(people)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(20);
});

test('of several who sign up with one address at once, one has it and the others are told', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(`${url}/api/auth/sign-up/email`, ivy)));
  const others = answers.filter(({ status }) => status !== 200);
  expect(others).toHaveLength(4);
  for (const other of others) {
    expect(await other.json()).toMatchObject({ code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' });
  }
});

test('names that are too long for a token, or hold what PostgreSQL cannot keep, are refused', async () => {
  expect((await tryName('x'.repeat(201))).status).toBe(400);
  expect((await tryName('nul\0')).status).toBe(400);
  expect((await tryName('half of \ud83d')).status).toBe(400);
});

test('a name that shows nothing is refused, when it is made and when it is changed', async () => {
  const { session } = await signUp(url, 'hedy@example.org');
  const change = (name: string) =>
    post(`${url}/api/auth/update-user`, { name }, { authorization: `Bearer ${session}` });
  for (const name of ['', ' \t\n\u00a0']) {
    for (const answer of [await tryName(name), await change(name)]) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({ code: 'INVALID_FIELD', message: 'name: must not be blank' });
    }
  }
});

test('an image is an http or https URL, when it is made and when it is changed', async () => {
  const join = (email: string, image: string) =>
    post(`${url}/api/auth/sign-up/email`, { name: 'Gil', email, password, image });
  for (const image of ['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', '/picture.png']) {
    expect((await join('gil@example.org', image)).status).toBe(400);
  }
  expect((await join('gil@example.org', 'https://pictures.example.org/gil.png')).status).toBe(200);
  const { session } = await signUp(url, 'gita@example.org');
  const change = (image: string) =>
    post(`${url}/api/auth/update-user`, { image }, { authorization: `Bearer ${session}` });
  expect((await change('javascript:alert(1)')).status).toBe(400);
  expect((await change('http://pictures.example.org/gita.png')).status).toBe(200);
});

test('trying passwords is throttled, whatever address the client claims', async () => {
  const server = await openServer();
  const answers: Response[] = [];
  for (let attempt = 1; attempt <= 16; attempt += 1) {
    const forged = `203.0.113.${attempt}`;
    const headers = { 'x-forwarded-for': forged, 'x-real-ip': forged, 'x-holdfast-client-address': forged };
    answers.push(await trySignIn(server.url, 'not an address', headers));
  }
  expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 15 }, () => 400), 429]);
  expect(await answers.at(-1)!.json()).toEqual({
    error: {
      code: -32_029,
      message: expect.stringContaining('try again later'),
      data: {
        code: 'TOO_MANY_REQUESTS',
        httpStatus: 429,
        path: null,
        requestId: expect.any(String),
        validation: null,
        retryAfterMs: expect.any(Number),
      },
    },
  });
  expect(answers.at(-1)!.headers.get('content-type')).toMatch(/^application\/json\b/);
  expect((await fetch(`${server.url}/api/auth/get-session`)).status).toBe(200);
});

test('behind a proxy each client is throttled by itself', async () => {
  const server = await openServer({ TRUST_PROXY: '1' });
  const from = async (address: string) =>
    (await trySignIn(server.url, 'not an address', { 'x-forwarded-for': address })).status;
  for (let attempt = 1; attempt <= 15; attempt += 1) await from(`198.51.100.${attempt}, 203.0.113.1`);
  expect(await from('198.51.100.99, 203.0.113.1')).toBe(429);
  expect(await from('198.51.100.99, 203.0.113.2')).toBe(400);
});

test('behind a proxy a client is its address, whatever port or brackets are written around it', async () => {
  const server = await openServer({ TRUST_PROXY: '1' });
  const from = async (address: string) =>
    (await trySignIn(server.url, 'not an address', { 'x-forwarded-for': address })).status;
  for (let port = 1; port <= 15; port += 1) await from(`203.0.113.1:${port}`);
  for (let port = 1; port <= 15; port += 1) await from(`[2001:db8::1]:${port}`);
  expect(await Promise.all(['203.0.113.1', '203.0.113.1:99', '[2001:db8::1]', '2001:db8::1'].map(from))).toEqual([
    429, 429, 429, 429,
  ]);
  expect(await Promise.all(['203.0.113.2:1', '[2001:db8:0:1::1]:1', 'fe80::1%eth0', 'unknown'].map(from))).toEqual([
    400, 400, 400, 400,
  ]);
});

test('with the database gone sign-in, sessions and tokens are unavailable, not wrong, and nothing leaks', async () => {
  const error = vi.spyOn(console, 'error');
  const proxy = await openFaultProxyTo(await openDatabaseUrl());
  const server = await openServer({ DATABASE_URL: proxy.url, DATABASE_POOL_WAIT_MS: '500' });
  const ada = await signUp(server.url, 'ada@example.org');
  expect(await me(server.url, { authorization: `Bearer ${ada.jwt}` })).toMatchObject({ status: 200 });
  await proxy.disable();
  const bearer = { authorization: `Bearer ${ada.session}` };
  const answers = await Promise.all([
    trySignIn(server.url, 'ada@example.org'),
    post(`${server.url}/api/auth/sign-up/email`, { name: 'Eve', email: 'eve@example.org', password }),
    fetch(`${server.url}/api/auth/token`, { headers: bearer }),
    fetch(`${server.url}/api/auth/get-session`, { headers: bearer }),
    fetch(`${server.url}/api/auth/jwks`),
    fetch(`${server.url}/trpc/user.me`, { headers: bearer }),
    fetch(`${server.url}/trpc/user.me`, { headers: { authorization: `Bearer ${ada.jwt}` } }),
  ]);
  for (const answer of answers) {
    const text = await answer.text();
    expect({ url: answer.url, status: answer.status, text }).toMatchObject({
      status: 503,
      text: expect.stringContaining('The database is not available at the moment.'),
    });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(text).error.data).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
  }
  await proxy.restore();
  expect(await me(server.url, bearer)).toMatchObject({ status: 200 });
  expect(error).not.toHaveBeenCalled();
});

test('the log names who called what, and none of their texts', async () => {
  const ada = await signUp(url, 'frieda@example.org');
  await fetch(`${url}/trpc/user.me?input=%7B%22a%22%3A%22secret%20text%22%7D`, {
    headers: { authorization: `Bearer ${ada.jwt}`, 'x-request-id': 'call-1' },
  });
  await expect.poll(() => log.at(-1)).toMatchObject({ requestId: 'call-1' });
  expect(log.at(-1)).toMatchObject({
    method: 'GET',
    path: '/trpc/user.me',
    status: 400,
    userId: ada.id,
    code: 'BAD_REQUEST',
  });
  const text = JSON.stringify(log);
  for (const own of ['example.org', password, 'secret text', ada.session, ada.jwt]) expect(text).not.toContain(own);
});

test('a database user without rights on the schema auth is told in the log, and not as a task that is not there', async () => {
  const server = await openServer();
  const { session } = await signUp(server.url, 'ada@example.org');
  await alterDatabase(server.databaseUrl, 'revoke all on all tables in schema auth from current_user');
  const defect = { status: 500, body: { code: 'INTERNAL_SERVER_ERROR' } };
  const answer = await post(`${server.url}/api/auth/sign-in/email`, { email: 'ada@example.org', password });
  const { error } = (await answer.json()) as { error: { data: unknown } };
  expect({ status: answer.status, body: error.data }).toMatchObject(defect);
  expect(await me(server.url, { authorization: `Bearer ${session}` })).toMatchObject(defect);
  const alarms = server.log.filter(({ level }) => level === 50);
  expect(alarms).toHaveLength(2);
  for (const { msg } of alarms) expect(msg).toContain('lacks rights on the schema auth');
});
