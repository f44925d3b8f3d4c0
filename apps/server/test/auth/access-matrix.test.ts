import { randomUUID } from 'node:crypto';
import { openAuthStore } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { createPeople } from '../account/fixture.ts';
import { openDatabaseUrl, openServer, password, post } from '../fixture.ts';
import {
  createWays,
  type Headers,
  mutations,
  needsSession,
  pathsOf,
  queries,
  type Target,
  watch,
  type Way,
} from './access-ways.ts';
import { bearer, createTokenCalls } from './api-token-fixture.ts';

const databaseUrl = await openDatabaseUrl();
const { url } = await openServer({ DATABASE_URL: databaseUrl, TRUST_PROXY: '1', RATE_LIMIT_PER_MINUTE: '0' });
const calls = createTokenCalls(url);
const store = openAuthStore({ url: databaseUrl });
afterAll(() => store.close());
const ways = createWays(url);
const { call } = ways.tRPC;
const { join } = createPeople(url);

type Person = Awaited<ReturnType<typeof join>>;

interface Method {
  /** The headers of requests. */
  open(owner: Person): Promise<Headers>;
  mutation: 200 | 403;
  /** For `user.delete` and `calendar.create`. */
  deletion: 200 | 403;
}

const tokenOf = async ({ session }: Person, input: object) => bearer((await calls.create(session, input)).token);
const toCookie = (cookie: string) => ({ cookie, origin: url });

/** What each kind of valid credential may do. All queries succeed. */
const methods: Record<string, Method> = {
  'a JWT': { open: async ({ jwt }) => bearer(jwt), mutation: 200, deletion: 200 },
  'a session token': { open: async ({ session }) => bearer(session), mutation: 200, deletion: 200 },
  'a cookie': { open: async ({ cookie }) => toCookie(cookie), mutation: 200, deletion: 200 },
  'a read token': { open: (owner) => tokenOf(owner, { scope: 'read' }), mutation: 403, deletion: 403 },
  'a write token': { open: (owner) => tokenOf(owner, { scope: 'write' }), mutation: 200, deletion: 403 },
};

async function createOwner(): Promise<{ owner: Person; target: Target }> {
  const owner = await join();
  const target = { id: randomUUID(), listId: randomUUID() };
  await call('list.create', bearer(owner.jwt), { id: target.listId, name: 'secret list' });
  const task = { id: target.id, title: 'secret title', listId: target.listId, labels: ['secret'] };
  await call('task.create', bearer(owner.jwt), task);
  return { owner, target };
}

const dataOf = async ({ jwt }: Person) => (await call('user.export', bearer(jwt))).text;

const victim = await createOwner();

test('the matrix has an input for every mutation of the router, and only one subscription', () => {
  expect(Object.keys(mutations).sort()).toEqual(pathsOf('mutation').sort());
  expect(pathsOf('subscription')).toEqual(['changes.watch']);
});

const matrix = Object.entries(methods).flatMap(([name, { open, mutation, deletion }]) =>
  Object.entries(ways).map(([by, way]) => ({ name, by, way, open, mutation, deletion })),
);

test.for(matrix)(
  'with $name by $by, all queries succeed, mutations are $mutation, user.delete and calendar.create are $deletion, and no call reaches another user',
  async ({ open, way, mutation, deletion }) => {
    const owner = await join();
    const headers = await open(owner);
    const before = await dataOf(victim.owner);
    for (const [path, { toInput, toOthers }] of Object.entries({ ...queries, ...mutations })) {
      if (path === 'user.delete') continue;
      const { status, text } = await way.call(path, headers, toInput(victim.target));
      const allowed = needsSession(path) ? deletion : mutation;
      const refused = path in mutations && allowed !== 200 ? allowed : toOthers;
      expect({ path, status }).toEqual({ path, status: refused === 200 ? way.toStatus(path) : refused });
      expect(text).not.toMatch(/secret/);
    }
    expect(await dataOf(victim.owner)).toBe(before);

    const target = { id: randomUUID(), listId: randomUUID() };
    await call('list.create', bearer(owner.jwt), { id: target.listId, name: 'own' });
    await call('task.create', bearer(owner.jwt), { id: target.id, title: 'own', listId: target.listId });
    const own = await dataOf(owner);
    for (const [path, { toInput }] of Object.entries(queries)) {
      const { status } = await way.call(path, headers, toInput(target));
      expect({ path, status }).toEqual({ path, status: way.toStatus(path) });
    }
    expect(await watch(url, headers)).toBe(200);
    for (const [path, { toInput }] of Object.entries(mutations)) {
      const expected = needsSession(path) ? deletion : mutation;
      if (expected === 403) {
        // Also before the input is checked.
        const { status, text } = await way.call(path, headers, { nonsense: true });
        expect({ path, status }).toEqual({ path, status: 403 });
        expect(text).toMatch(/This token can only read\. Use|API tokens cannot make this call\./);
      }
      const { status } = await way.call(path, headers, toInput(target));
      expect({ path, status }).toEqual({ path, status: expected === 200 ? way.toStatus(path) : expected });
    }
    if (mutation !== 200) expect(await dataOf(owner)).toBe(own);
  },
);

/** The headers of credentials of a session. */
async function openSession({ email }: Person) {
  const response = await post(`${url}/api/auth/sign-in/email`, { email, password });
  const { token } = (await response.json()) as { token: string };
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!;
  const signed = await fetch(`${url}/api/auth/token`, { headers: bearer(token) });
  const { token: jwt } = (await signed.json()) as { token: string };
  const credentials = { 'session token': bearer(token), cookie: toCookie(cookie), JWT: bearer(jwt) };
  // The server remembers them.
  for (const headers of Object.values(credentials)) expect((await call('user.me', headers)).status).toBe(200);
  return { token, credentials };
}

/** Another last character can decode to the same bytes, so this changes the first one. */
const alter = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);

/** Credentials that are not valid, by what is wrong with them. */
async function openInvalid(owner: Person): Promise<[string, Headers][]> {
  const [signedOut, expired] = [await openSession(owner), await openSession(owner)];
  const past = new Date(Date.now() - 1000);
  await store.kysely.updateTable('session').set({ expiresAt: past }).where('token', '=', expired.token).execute();
  // The last, because the server notices at once what a request to it ends, with all that ended before.
  await post(`${url}/api/auth/sign-out`, {}, bearer(signedOut.token));
  const revoked = await calls.create(owner.session);
  expect((await call('user.me', bearer(revoked.token))).status).toBe(200);
  await calls.revoke(owner.session, revoked.id);
  const old = await calls.create(owner.session, { expiresInDays: 1 });
  await store.kysely.updateTable('api_tokens').set({ expires_at: past }).where('id', '=', old.id).execute();
  const [head, body, signature] = owner.jwt.split('.');
  const [name, value] = owner.cookie.split('=');
  return [
    ['no credential', {}],
    ['a made-up session token', bearer('x'.repeat(32))],
    ['a made-up API token', bearer(`hf_${'x'.repeat(40)}`)],
    ['a JWT with another signature', bearer(`${head}.${body}.${alter(signature!)}`)],
    ['a JWT without a signature', bearer(`${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`)],
    ['a cookie with another signature', toCookie(`${name}=${value!.split('.')[0]}.${alter(value!.split('.')[1]!)}`)],
    ['a revoked API token', bearer(revoked.token)],
    ['an expired API token', bearer(old.token)],
    ...['signed out', 'expired'].flatMap((end) =>
      Object.entries((end === 'expired' ? expired : signedOut).credentials).map(
        ([kind, headers]) => [`the ${kind} of a session that is ${end}`, headers] as [string, Headers],
      ),
    ),
    ['a token with another scheme', { authorization: `Basic ${owner.jwt}` }],
    ['a valid JWT of another user than the named one', { ...bearer(owner.jwt), 'x-holdfast-user': randomUUID() }],
  ];
}

const invalid = await openInvalid(victim.owner);

test.for(invalid)(
  'with %s, every procedure by tRPC and REST is 401, and changes and shows nothing',
  async ([, headers]) => {
    const before = await dataOf(victim.owner);
    for (const way of Object.values<Way>(ways)) {
      for (const [path, { toInput }] of Object.entries({ ...queries, ...mutations })) {
        // Also before the input is checked.
        const inputs = [toInput(victim.target), ...(path in mutations ? [{ nonsense: true }] : [])];
        for (const input of inputs) {
          const { status, text } = await way.call(path, headers, input);
          expect({ path, status }).toEqual({ path, status: 401 });
          expect(text).not.toMatch(/secret/);
        }
      }
    }
    expect(await watch(url, headers)).toBe(401);
    expect(await dataOf(victim.owner)).toBe(before);
  },
);

test.each(['application/json', 'application/jsonl'])(
  'in a batch with a read token, all queries succeed and all mutations are FORBIDDEN, as %s',
  async (accept) => {
    const { owner } = await createOwner();
    const headers = { ...(await methods['a read token']!.open(owner)), 'trpc-accept': accept };
    const before = await dataOf(owner);
    const send = async (paths: string, inputs: object) =>
      (await post(`${url}/trpc/${paths}?batch=1`, inputs, headers)).text();
    const written = await send('task.create,task.create,list.create', {
      0: { title: 'one' },
      1: {},
      2: { name: 'two' },
    });
    expect(written.match(/"code":"FORBIDDEN"/g)).toHaveLength(3);
    const read = await send('task.list,user.me', {});
    expect(read).toContain('secret title');
    expect(read).toContain(owner.id);
    expect(await dataOf(owner)).toBe(before);
  },
);
