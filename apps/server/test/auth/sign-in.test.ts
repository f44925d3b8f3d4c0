import { openAuthStore, openDatabase } from '@holdfast/db';
import { waitingForLocksSql } from '@holdfast/db/testing';
import { getMigrations } from 'better-auth/db/migration';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import {
  alterDatabase,
  me,
  openDatabaseUrl,
  openFaultProxyTo,
  openServer,
  password,
  post,
  signUp,
  type TestServer,
} from '../fixture.ts';
import { openLibrary } from './library.ts';

const { url, databaseUrl, log } = await openServer();
await signUp(url, 'ada@example.org');

const trySignIn = (base: string, email: string, headers: Record<string, string> = {}) =>
  post(`${base}/api/auth/sign-in/email`, { email, password: 'not the password' }, headers);

const cookieOf = async (base: string) => {
  const response = await post(`${base}/api/auth/sign-up/email`, { name: 'Cleo', email: 'cleo@example.org', password });
  return response.headers.getSetCookie()[0];
};

const tryName = (name: string) => post(`${url}/api/auth/sign-up/email`, { name, email: 'dora@example.org', password });

test('the migrations create all tables and columns that the sign-in library needs', async () => {
  const store = openAuthStore({ url: databaseUrl });
  afterAll(() => store.close());
  const { toBeCreated, toBeAdded } = await store.kysely.transaction().execute(async (kysely) => {
    // The library compares its tables with the first schema of the search path.
    await kysely
      .selectNoFrom(({ fn, val }) => fn('set_config', [val('search_path'), val('auth'), val(true)]).as('set'))
      .execute();
    return getMigrations(openLibrary({ ...store, kysely }, url).options);
  });
  expect({ toBeCreated, toBeAdded }).toEqual({ toBeCreated: [], toBeAdded: [] });
});

test('a wrong password and an unknown address get the same response', async () => {
  const [known, unknown] = [await trySignIn(url, 'ada@example.org'), await trySignIn(url, 'unknown@example.org')];
  expect([known.status, await known.text()]).toEqual([401, await unknown.text()]);
  expect(unknown.status).toBe(401);
});

test('session cookies are HttpOnly and SameSite, and Secure if the public URL is https', async () => {
  const secure = await openServer({ PUBLIC_URL: 'https://tasks.example.org' });
  expect(await cookieOf(url)).toMatch(
    /^holdfast\.session_token=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  expect(await cookieOf(secure.url)).toMatch(
    /^__Host-holdfast\.session_token=[^;]+; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
});

test('a page of an untrusted origin cannot sign in its visitors', async () => {
  const response = await trySignIn(url, 'ada@example.org', { origin: 'https://evil.example.org' });
  expect(response.status).toBe(403);
});

/** Opens a server on which inserts into one table of the schema auth can be made to fail. */
async function openFailing(table: string) {
  const server = await openServer();
  const alter = (sql: string) => alterDatabase(server.databaseUrl, sql);
  await alter(`create function fail() returns trigger language plpgsql as
    $$ begin raise exception 'no' using errcode = '40001'; end $$`);
  return {
    send: (path: string, body: object, headers = {}) => post(`${server.url}/api/auth/${path}`, body, headers),
    fail: () => alter(`create trigger fail before insert on auth.${table} execute function fail()`),
    restore: () => alter(`drop trigger fail on auth.${table}`),
  };
}

const ivy = { name: 'Ivy', email: 'ivy@example.org', password };

test.each(['account', 'session'])(
  'a sign-up whose %s cannot be created changes nothing and is retryable',
  async (table) => {
    const { send, fail, restore } = await openFailing(table);
    await fail();
    const failed = await send('sign-up/email', ivy);
    expect(failed.status).toBe(503);
    expect(await failed.json()).toMatchObject({ error: { data: { code: 'SERVICE_UNAVAILABLE', isRetryable: true } } });
    await restore();
    expect((await send('sign-up/email', ivy)).status).toBe(200);
  },
);

test('a password change that fails after the password is stored is not marked as retryable', async () => {
  const { send, fail, restore } = await openFailing('session');
  const { token } = (await (await send('sign-up/email', ivy)).json()) as { token: string };
  await fail();
  const change = { currentPassword: password, newPassword: 'another password', revokeOtherSessions: true };
  const failed = await send('change-password', change, { authorization: `Bearer ${token}` });
  expect(failed.status).toBe(503);
  expect(await failed.text()).not.toMatch(/isRetryable|isUndone/);
  await restore();
  expect((await send('sign-in/email', { ...ivy, password: 'another password' })).status).toBe(200);
});

test('a sign-in ends the sessions that were used least recently if the user has more than 500', async () => {
  const server = await openServer();
  const { id, session } = await signUp(server.url, ivy.email);
  await alterDatabase(
    server.databaseUrl,
    `insert into auth.session (token, "userId", "expiresAt", "updatedAt")
     select 'session ' || n, '${id}', now() + interval '1 day', now() - n * interval '1 minute' from generate_series(1, 502) as n`,
  );
  expect((await post(`${server.url}/api/auth/sign-in/email`, ivy)).status).toBe(200);
  const store = openAuthStore({ url: server.databaseUrl });
  onTestFinished(() => store.close());
  const left = await store.kysely.selectFrom('session').select('token').execute();
  const tokens = left.map(({ token }) => token as string);
  expect(tokens).toHaveLength(500);
  expect(tokens).toContain('session 498');
  expect(await me(server.url, { authorization: `Bearer ${session}` })).toMatchObject({ status: 200 });
});

test('20 sign-ups at once all succeed', async () => {
  // Hashes have a low priority, so that they can take long on a machine that has other work.
  const server = await openServer({ REQUEST_TIMEOUT_MS: '300000' });
  const people = Array.from({ length: 20 }, (_, at) => signUp(server.url, `one.of.many.${at}@example.org`));
  const ids = (await Promise.all(people)).map(({ id }) => id);
  expect(new Set(ids).size).toBe(20);
});

/** Runs work while a lock blocks six sign-ups. */
async function blockSignUps(
  server: TestServer,
  work: (signUps: Promise<Response>[], countWaiting: () => Promise<number>) => Promise<void>,
): Promise<void> {
  const db = await openDatabase({ url: server.databaseUrl });
  onTestFinished(() => db.close());
  await db.acrossAllUsers(
    async (em) => {
      // Sign-ups wait for this lock. Sign-ins and sessions do not use the table `account` for writes.
      await em.execute('reset role; lock table auth.account in share mode');
      const signUps = Array.from({ length: 6 }, (_, at) =>
        post(`${server.url}/api/auth/sign-up/email`, { name: 'Ada', email: `waiting.${at}@example.org`, password }),
      );
      await work(signUps, async () => (await em.execute(waitingForLocksSql)).length);
    },
    { write: true },
  );
}

test('while many sign-ups wait, sign-ins and session lookups still find a connection', async () => {
  const minute = '60000';
  const server = await openServer({
    DATABASE_POOL_WAIT_MS: minute,
    DATABASE_STATEMENT_TIMEOUT_MS: minute,
    REQUEST_TIMEOUT_MS: minute,
  });
  const ada = await signUp(server.url, 'ada@example.org');
  let signUps: Promise<Response>[] = [];
  await blockSignUps(server, async (blocked, countWaiting) => {
    signUps = blocked;
    await expect.poll(countWaiting).toBe(2);
    expect(await me(server.url, { authorization: `Bearer ${ada.session}` })).toMatchObject({ status: 200 });
    const signIn = await post(`${server.url}/api/auth/sign-in/email`, { email: 'ada@example.org', password });
    expect(signIn.status).toBe(200);
  });
  expect((await Promise.all(signUps)).map(({ status }) => status)).toEqual(signUps.map(() => 200));
});

test('a sign-up that waits until its request’s deadline is GATEWAY_TIMEOUT', async () => {
  const server = await openServer({ REQUEST_TIMEOUT_MS: '10000', DATABASE_STATEMENT_TIMEOUT_MS: '60000' });
  await blockSignUps(server, async (signUps) => {
    for (const response of await Promise.all(signUps)) {
      expect(response.status).toBe(504);
      expect(await response.json()).toMatchObject({ error: { data: { code: 'GATEWAY_TIMEOUT' } } });
    }
  });
});

test('of five sign-ups with one address at once, one succeeds and four get USER_ALREADY_EXISTS', async () => {
  const responses = await Promise.all(Array.from({ length: 5 }, () => post(`${url}/api/auth/sign-up/email`, ivy)));
  const others = responses.filter(({ status }) => status !== 200);
  expect(others).toHaveLength(4);
  for (const other of others) {
    expect(await other.json()).toMatchObject({ code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' });
  }
});

test('a name that is too long for a token, or that PostgreSQL cannot store, is rejected', async () => {
  expect((await tryName('x'.repeat(201))).status).toBe(400);
  expect((await tryName('nul\0')).status).toBe(400);
  expect((await tryName('half of \ud83d')).status).toBe(400);
});

test('a blank name is rejected at sign-up and at update', async () => {
  const { session } = await signUp(url, 'hedy@example.org');
  const change = (name: string) =>
    post(`${url}/api/auth/update-user`, { name }, { authorization: `Bearer ${session}` });
  for (const name of ['', ' \t\n\u00a0']) {
    for (const response of [await tryName(name), await change(name)]) {
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({ code: 'INVALID_FIELD', message: 'name: must not be blank' });
    }
  }
});

test('an image that is not an http or https URL is rejected at sign-up and at update', async () => {
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

test('password attempts are throttled by the real address, and forged address headers are ignored', async () => {
  const server = await openServer();
  const responses: Response[] = [];
  for (let attempt = 1; attempt <= 16; attempt += 1) {
    const forged = `203.0.113.${attempt}`;
    const headers = { 'x-forwarded-for': forged, 'x-real-ip': forged, 'x-holdfast-client-address': forged };
    responses.push(await trySignIn(server.url, 'not an address', headers));
  }
  expect(Number(responses.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(responses.map(({ status }) => status)).toEqual([...Array.from({ length: 15 }, () => 400), 429]);
  expect(await responses.at(-1)!.json()).toEqual({
    error: {
      code: -32_029,
      message: 'Too many attempts from this address. Try again later.',
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
  expect(responses.at(-1)!.headers.get('content-type')).toMatch(/^application\/json\b/);
  expect((await fetch(`${server.url}/api/auth/get-session`)).status).toBe(200);
});

test('behind a proxy, each client address is throttled separately', async () => {
  const server = await openServer({ TRUST_PROXY: '1' });
  const from = async (address: string) =>
    (await trySignIn(server.url, 'not an address', { 'x-forwarded-for': address })).status;
  for (let attempt = 1; attempt <= 15; attempt += 1) await from(`198.51.100.${attempt}, 203.0.113.1`);
  expect(await from('198.51.100.99, 203.0.113.1')).toBe(429);
  expect(await from('198.51.100.99, 203.0.113.2')).toBe(400);
});

test('behind a proxy, ports and brackets around an address do not change the throttled client', async () => {
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

test('without a database, sign-in, sessions and tokens are SERVICE_UNAVAILABLE, and the console stays empty', async () => {
  const error = vi.spyOn(console, 'error');
  const proxy = await openFaultProxyTo(await openDatabaseUrl());
  const server = await openServer({ DATABASE_URL: proxy.url, DATABASE_POOL_WAIT_MS: '500' });
  const ada = await signUp(server.url, 'ada@example.org');
  expect(await me(server.url, { authorization: `Bearer ${ada.jwt}` })).toMatchObject({ status: 200 });
  await proxy.disable();
  const bearer = { authorization: `Bearer ${ada.session}` };
  const responses = await Promise.all([
    trySignIn(server.url, 'ada@example.org'),
    post(`${server.url}/api/auth/sign-up/email`, { name: 'Eve', email: 'eve@example.org', password }),
    fetch(`${server.url}/api/auth/token`, { headers: bearer }),
    fetch(`${server.url}/api/auth/get-session`, { headers: bearer }),
    fetch(`${server.url}/api/auth/jwks`),
    fetch(`${server.url}/trpc/user.me`, { headers: bearer }),
    fetch(`${server.url}/trpc/user.me`, { headers: { authorization: `Bearer ${ada.jwt}` } }),
  ]);
  for (const response of responses) {
    const text = await response.text();
    expect({ url: response.url, status: response.status, text }).toMatchObject({
      status: 503,
      text: expect.stringContaining('The database is not available at the moment.'),
    });
    expect(response.headers.get('retry-after')).toBe('1');
    expect(JSON.parse(text).error.data).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterMs: 1000 });
  }
  await proxy.restore();
  expect(await me(server.url, bearer)).toMatchObject({ status: 200 });
  expect(error).not.toHaveBeenCalled();
});

test('the log contains the user and the called path, but no texts of users', async () => {
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
  for (const secretText of ['example.org', password, 'secret text', ada.session, ada.jwt])
    expect(text).not.toContain(secretText);
});

test('a database user without rights on the schema auth is logged, and is INTERNAL_SERVER_ERROR instead of NOT_FOUND', async () => {
  const server = await openServer();
  const { session } = await signUp(server.url, 'ada@example.org');
  await alterDatabase(server.databaseUrl, 'revoke all on all tables in schema auth from current_user');
  const expected = { status: 500, body: { code: 'INTERNAL_SERVER_ERROR' } };
  const response = await post(`${server.url}/api/auth/sign-in/email`, { email: 'ada@example.org', password });
  const { error } = (await response.json()) as { error: { data: unknown } };
  expect({ status: response.status, body: error.data }).toMatchObject(expected);
  expect(await me(server.url, { authorization: `Bearer ${session}` })).toMatchObject(expected);
  // An alert reads this series.
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toContain('holdfast_http_requests_total{route="auth",status="5xx"} 1');
  const errors = server.log.filter(({ level, msg }) => level === 50 && msg !== 'request');
  expect(errors).toHaveLength(2);
  for (const { msg } of errors) expect(msg).toContain('lacks rights on the schema auth');
});
