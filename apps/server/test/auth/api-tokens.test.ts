import { createHash } from 'node:crypto';
import { openAuthStore } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { createApiTokens } from '../../src/auth/api-tokens/api-tokens.ts';
import { alterDatabase, me, openDatabaseUrl, openServer, password, post, signUp } from '../fixture.ts';
import { workersOfRun } from '../running-server.ts';
import { bearer, createTokenCalls } from './api-token-fixture.ts';

const databaseUrl = await openDatabaseUrl();
const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: 'http://tasks.localhost', TRUST_PROXY: '1' };
const [one, two] = [await openServer(env), await openServer(env)];
const calls = createTokenCalls(one.url);
const store = openAuthStore({ url: databaseUrl });
afterAll(() => store.close());
const origin = { origin: env.PUBLIC_URL };

const join = () => signUp(one.url, `${crypto.randomUUID()}@example.org`);
const statusOf = async (token: string, base = one.url) => (await me(base, bearer(token))).status;

async function rowOf(id: string) {
  return store.kysely.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Number of statements of each request since the call. */
function watchStatements() {
  const start = one.log.length;
  return () =>
    one.log
      .slice(start)
      .filter(({ msg }) => msg === 'request')
      .map(({ statements }) => statements as number);
}

test('an API token works on all servers, is stored only as a hash, and is listed without the token', async () => {
  const ada = await join();
  const { token, ...created } = await calls.create(ada.session, { name: ' Backup job ', scope: 'read' });
  expect(token).toMatch(/^hf_[A-Za-z0-9]{40}$/);
  expect(created).toEqual({
    id: expect.any(String),
    name: 'Backup job',
    scope: 'read',
    createdAt: expect.any(String),
    lastUsedAt: null,
    expiresAt: null,
  });
  expect(await me(one.url, bearer(token))).toMatchObject({ status: 200, body: { id: ada.id } });
  expect(await statusOf(token, two.url)).toBe(200);
  const row = await rowOf(created.id);
  expect(row).toMatchObject({ hash: createHash('sha256').update(token).digest('base64url'), user_id: ada.id });
  expect(JSON.stringify(row)).not.toContain(token.slice(3));
  const listed = await calls.list(ada.session);
  expect(listed).toEqual([{ ...created, lastUsedAt: expect.any(String) }]);
});

// Each worker looks a token up.
test.skipIf(workersOfRun !== '1')(
  'a token is looked up and its use is recorded once a minute, so that further calls cost no statement for it',
  async () => {
    const ada = await join();
    const { token, id } = await calls.create(ada.session);
    await statusOf(token);
    const first = await rowOf(id);
    const statements = watchStatements();
    await Promise.all([1, 2, 3].map(() => statusOf(token)));
    await statusOf(token);
    expect(statements()).toEqual([1, 1, 1, 1]);
    expect(await rowOf(id)).toEqual(first);
  },
);

test('requests with the same new token at once share one lookup, as a wrong one has one, and a text of another form none', async () => {
  const ada = await join();
  const { token } = await calls.create(ada.session);
  let lookups = 0;
  const executor = store.kysely.getExecutor();
  const counting = new Proxy(store.kysely, {
    get: (target, name) => {
      if (name !== 'getExecutor') return Reflect.get(target, name, target) as unknown;
      lookups += 1;
      return () => executor;
    },
  });
  const tokens = createApiTokens({ ...store, kysely: counting });
  const found = await Promise.all([tokens.find(token), tokens.find(token), tokens.find(token)]);
  expect(found.map((credential) => credential?.caller.userId)).toEqual([ada.id, ada.id, ada.id]);
  expect(lookups).toBe(1);
  expect(await tokens.find(token)).toMatchObject({ caller: { userId: ada.id } });
  lookups = 0;
  expect(await tokens.find(`hf_${'x'.repeat(40)}`)).toBeNull();
  expect(lookups).toBe(1);
  for (const given of ['hf_', 'hf_short', `${token}x`]) expect(await tokens.find(given)).toBeNull();
  expect(lookups).toBe(1);
});

test('a wrong token is 401, and so is a token with a character more, less or in another case', async () => {
  const ada = await join();
  const { token } = await calls.create(ada.session);
  const wrong = `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`;
  for (const given of [wrong, 'hf_', 'hf_short', `${token}x`, `${token} x`, token.replace('hf_', 'HF_'), 'hf_a.b.c'])
    expect(await statusOf(given)).toBe(401);
});

test('wrong tokens count for their address, and other addresses and users can call', async () => {
  const limited = await openServer({ DATABASE_URL: databaseUrl, TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '5' });
  const ada = await join();
  const { token } = await calls.create(ada.session);
  const call = async (given: string, address: string) =>
    (await me(limited.url, { ...bearer(given), 'x-forwarded-for': address })).status;
  for (let at = 0; at < 5; at += 1) expect(await call(`hf_${String(at).repeat(40)}`, '10.9.0.1')).toBe(401);
  expect(await call(`hf_${'x'.repeat(40)}`, '10.9.0.1')).toBe(429);
  expect(await call(token, '10.9.0.2')).toBe(200);
});

test('a revoked token ends at once on the same server, and on the others with the next read of ended access', async () => {
  const ada = await join();
  const { token, id } = await calls.create(ada.session);
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf(token, two.url)).toBe(200);
  expect(await calls.revoke(ada.session, id)).toBe(200);
  expect(await statusOf(token)).toBe(401);
  const fresh = await openServer(env);
  expect(await statusOf(token, fresh.url)).toBe(401);
  await expect.poll(() => statusOf(token, two.url), { timeout: 30_000, interval: 500 }).toBe(401);
  expect(await calls.list(ada.session)).toEqual([]);
});

test('an expired token is 401, is listed until maintenance removes it, and needs no revocation', async () => {
  const ada = await join();
  const { token, id, expiresAt } = await calls.create(ada.session, { expiresInDays: 1 });
  expect(Math.round((Date.parse(expiresAt!) - Date.now()) / 3_600_000)).toBe(24);
  await store.kysely
    .updateTable('api_tokens')
    .set({ expires_at: new Date(Date.now() - 1000) })
    .where('id', '=', id)
    .execute();
  expect(await statusOf(token)).toBe(401);
  expect(await calls.list(ada.session)).toMatchObject([{ id }]);
});

test('a deleted user has no tokens left, and none of them works', async () => {
  const ada = await join();
  const { token, id } = await calls.create(ada.session);
  expect(await statusOf(token)).toBe(200);
  const deletion = await post(`${one.url}/trpc/user.delete`, { password }, bearer(ada.jwt));
  expect(deletion.status).toBe(200);
  expect(await rowOf(id)).toBeUndefined();
  expect(await statusOf(token)).toBe(401);
});

test('tokens that SQL deletes or truncates end too', async () => {
  const ada = await join();
  const tokens = [await calls.create(ada.session), await calls.create(ada.session)];
  for (const { token } of tokens) expect(await statusOf(token)).toBe(200);
  await alterDatabase(databaseUrl, `delete from auth.api_tokens where id = '${tokens[0]!.id}'`);
  await expect.poll(() => statusOf(tokens[0]!.token), { timeout: 30_000, interval: 500 }).toBe(401);
  expect(await statusOf(tokens[1]!.token)).toBe(200);
  await alterDatabase(databaseUrl, 'truncate auth.api_tokens');
  await expect.poll(() => statusOf(tokens[1]!.token), { timeout: 30_000, interval: 500 }).toBe(401);
});

test('no token manages tokens, sessions, the password or the account', async () => {
  const ada = await join();
  const { token, id } = await calls.create(ada.session);
  for (const path of ['list-tokens', 'list-sessions', 'token']) {
    expect((await fetch(`${one.url}/api/auth/${path}`, { headers: bearer(token) })).status).toBe(401);
  }
  const bodies = {
    'create-token': { name: 'x', scope: 'read', password },
    'revoke-token': { id },
    'revoke-sessions': {},
    'change-password': { currentPassword: password, newPassword: 'another password' },
    'change-email': { newEmail: 'new@example.org', password },
    'update-user': { name: 'Eve' },
  };
  for (const [path, body] of Object.entries(bodies)) {
    // A browser with the cookie of the user must not help.
    const headers = { ...bearer(token), cookie: ada.cookie, ...origin };
    expect({ path, status: (await calls.send(path, body, headers)).status }).toEqual({ path, status: 401 });
  }
  const deletion = await post(`${one.url}/trpc/user.delete`, { password }, bearer(token));
  expect({ status: deletion.status, body: await deletion.json() }).toMatchObject({
    status: 403,
    body: { error: { message: 'API tokens cannot make this call. Sign in first.' } },
  });
  expect(await statusOf(token)).toBe(200);
});

test('with the cookie, a token needs the password and a trusted origin, also beside a wrong bearer token', async () => {
  const ada = await join();
  const create = async (more: object, headers: Record<string, string> = origin) => {
    const body = { name: 'Page', scope: 'write', ...more };
    const response = await calls.send('create-token', body, { cookie: ada.cookie, ...headers });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  expect(await create({})).toMatchObject({ status: 400, body: { code: 'INVALID_PASSWORD' } });
  expect(await create({ password: 'wrong password' })).toMatchObject({ status: 400 });
  expect(await create({ password }, { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
  expect(await create({}, { ...origin, ...bearer('wrong') })).toMatchObject({ status: 401 });
  expect(await calls.list(ada.session)).toEqual([]);
  const created = await create({ password });
  expect(created.status).toBe(200);
  expect(await statusOf(created.body['token'] as string)).toBe(200);
});

test('a wrong bearer token beside the cookie does not get the token of the cookie’s session', async () => {
  const ada = await join();
  const headers = { cookie: ada.cookie, ...bearer('wrong') };
  const response = await fetch(`${one.url}/api/auth/get-session`, { headers });
  expect(await response.text()).not.toContain(ada.session);
});

test('guesses of the password for a token end after ten, for this user only', async () => {
  const [ada, eve] = [await join(), await join()];
  const guess = async ({ cookie }: { cookie: string }) => {
    const headers = { cookie, ...origin };
    return (await calls.send('create-token', { name: 'x', scope: 'read', password: 'wrong password' }, headers)).status;
  };
  for (let at = 0; at < 10; at += 1) expect(await guess(ada)).toBe(400);
  expect(await guess(ada)).toBe(429);
  expect(await guess(eve)).toBe(400);
  expect((await calls.create(ada.session)).name).toBe('Script');
});

test('names have 1 to 100 characters, scopes are read or write, and expiry is 1 to 3,650 days', async () => {
  const ada = await join();
  const statusWith = async (input: object) =>
    (await calls.send('create-token', { name: 'x', scope: 'read', ...input }, { ...bearer(ada.session) })).status;
  const refused = [
    { name: '' },
    { name: '  ' },
    { name: 'x'.repeat(101) },
    { name: 'nul \0' },
    { name: 7 },
    { scope: 'admin' },
    { scope: null },
    { expiresInDays: 0 },
    { expiresInDays: 0.5 },
    { expiresInDays: 3651 },
    { expiresInDays: '7' },
  ];
  for (const input of refused) expect({ input, status: await statusWith(input) }).toEqual({ input, status: 400 });
  for (const input of [{ name: '😀'.repeat(50) }, { expiresInDays: 3650 }, { expiresInDays: null }])
    expect({ input, status: await statusWith(input) }).toEqual({ input, status: 200 });
});

test('of 60 tokens that a user creates at once, 50 exist', async () => {
  const ada = await join();
  const responses = await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      calls.send('create-token', { name: `${at}`, scope: 'read' }, { ...bearer(ada.session) }),
    ),
  );
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(50);
  const refused = responses.find(({ status }) => status !== 200)!;
  expect({ status: refused.status, body: await refused.json() }).toEqual({
    status: 400,
    body: { code: 'TOO_MANY_TOKENS', message: 'You have 50 API tokens already. Revoke one first.' },
  });
  expect(await calls.list(ada.session)).toHaveLength(50);
});

test('no user sees or ends a token of another user', async () => {
  const [ada, eve] = [await join(), await join()];
  const { token, id } = await calls.create(ada.session);
  expect(await calls.revoke(eve.session, id)).toBe(200);
  expect(await calls.list(eve.session)).toEqual([]);
  expect(await statusOf(token)).toBe(200);
});

test('no log line contains a token, whether it is valid, wrong or refused', async () => {
  const ada = await join();
  const { token } = await calls.create(ada.session, { scope: 'read' });
  const wrong = `hf_${'w'.repeat(40)}`;
  await Promise.all([token, wrong, 'hf_short'].map((given) => statusOf(given)));
  await post(`${one.url}/trpc/task.create`, { title: 'x' }, bearer(token));
  const { hash } = (await rowOf((await calls.list(ada.session))[0]!.id)) as { hash: string };
  const log = JSON.stringify([...one.log, ...two.log]);
  expect(log).toContain('FORBIDDEN');
  for (const secret of [token.slice(3), wrong, hash]) expect(log).not.toContain(secret);
});
