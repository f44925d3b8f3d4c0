import { openAuthStore, openDatabase } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { alterDatabase, me, openDatabaseUrl, openServer, password, post, signUp } from '../fixture.ts';
import { openLibrary } from './library.ts';

const databaseUrl = await openDatabaseUrl();
const env = { DATABASE_URL: databaseUrl, PUBLIC_URL: 'http://tasks.localhost' };
const [one, two] = [await openServer(env), await openServer(env)];
const store = openAuthStore({ url: databaseUrl });
const db = await openDatabase({ url: databaseUrl });
afterAll(() => store.close());
afterAll(() => db.close());

type Person = Awaited<ReturnType<typeof signUp>> & { email: string };

async function join(): Promise<Person> {
  const email = `${crypto.randomUUID()}@example.org`;
  return { ...(await signUp(one.url, email)), email };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const statusOf = async (base: string, token: string) => (await me(base, bearer(token))).status;
const request = (path: string, body: object, token: string) => post(`${one.url}/api/auth/${path}`, body, bearer(token));

/** Another session of the same user, with a token of it. */
async function signInAgain({ email }: Person): Promise<{ session: string; jwt: string }> {
  const response = await post(`${one.url}/api/auth/sign-in/email`, { email, password });
  const { token: session } = (await response.json()) as { token: string };
  const found = await fetch(`${one.url}/api/auth/token`, { headers: bearer(session) });
  return { session, jwt: ((await found.json()) as { token: string }).token };
}

const ways: [string, (person: Person) => Promise<unknown>][] = [
  ['sign-out', ({ session }) => request('sign-out', {}, session)],
  ['a revoked session', ({ session }) => request('revoke-session', { token: session }, session)],
  ['all revoked sessions', ({ session }) => request('revoke-sessions', {}, session)],
  [
    'a changed password that another session requests',
    async (person) => {
      const { session } = await signInAgain(person);
      const change = { currentPassword: password, newPassword: 'another password' };
      expect((await request('change-password', change, session)).status).toBe(200);
      expect(await statusOf(one.url, session)).toBe(200);
    },
  ],
  [
    'the deletion of the session in SQL',
    ({ id }) => store.kysely.deleteFrom('session').where('userId', '=', id).execute(),
  ],
  ['the deletion of the account in SQL', ({ id }) => store.kysely.deleteFrom('user').where('id', '=', id).execute()],
  [
    'the deletion of the user by a tool',
    ({ id }) => db.acrossAllUsers((em) => em.execute('delete from users where id = ?', [id]), { write: true }),
  ],
];

test.concurrent.for(ways)(
  '%s ends session tokens at once and JWTs within a minute, on all servers',
  async ([, end], { expect }) => {
    const person = await join();
    for (const { url } of [one, two]) {
      expect(await statusOf(url, person.jwt)).toBe(200);
      expect(await statusOf(url, person.session)).toBe(200);
    }
    await end(person);
    for (const { url } of [one, two]) expect(await statusOf(url, person.session)).toBe(401);
    for (const { url } of [one, two]) await expect.poll(() => statusOf(url, person.jwt), { interval: 500 }).toBe(401);
  },
);

test('on the server that handles it, a sign-out ends the JWT at once', async () => {
  const { session, jwt } = await join();
  expect(await statusOf(one.url, jwt)).toBe(200);
  await request('sign-out', {}, session);
  expect(await statusOf(one.url, jwt)).toBe(401);
});

test('a changed password ends no session if the request says so, and otherwise all but the current one', async () => {
  const person = await join();
  const other = await signInAgain(person);
  const change = (from: string, to: string, more: object) =>
    request('change-password', { currentPassword: from, newPassword: to, ...more }, person.session);
  expect((await change(password, 'second password', { revokeOtherSessions: false })).status).toBe(200);
  expect(await statusOf(one.url, other.session)).toBe(200);
  expect((await change('not the password', 'third password', {})).status).toBe(400);
  expect(await statusOf(one.url, other.session)).toBe(200);
  const changed = await change('second password', 'third password', {});
  expect(await changed.json()).toMatchObject({ token: null });
  expect(await statusOf(one.url, other.session)).toBe(401);
  expect(await statusOf(one.url, other.jwt)).toBe(401);
  expect(await statusOf(one.url, person.session)).toBe(200);
  expect(await statusOf(one.url, person.jwt)).toBe(200);
});

test('the JWT of a deleted user neither creates the user again nor a task', async () => {
  const { id, jwt } = await join();
  const create = () => post(`${one.url}/trpc/task.create`, { title: 'x' }, bearer(jwt));
  expect((await create()).status).toBe(200);
  await db.acrossAllUsers((em) => em.execute('delete from users where id = ?', [id]), { write: true });
  const responses = await Promise.all([create(), create(), me(one.url, bearer(jwt))]);
  expect(responses.map(({ status }) => status)).toEqual([401, 401, 401]);
  const rows = await db.acrossAllUsers((em) => em.execute('select from users where id = ?', [id]));
  expect(rows).toHaveLength(0);
});

test('a token without a session ID, as version 0.1 issues it, is accepted', async () => {
  const { id } = await join();
  const { token } = await openLibrary(store, env.PUBLIC_URL).api.signJWT({ body: { payload: { sub: id } } });
  expect(await statusOf(two.url, token)).toBe(200);
});

test('after all keys were deleted, 20 requests for tokens to two servers at once make one key, which both accept', async () => {
  const people = await Promise.all(Array.from({ length: 5 }, join));
  await store.kysely.deleteFrom('jwks').execute();
  const tokens = await Promise.all(
    [people, people, people, people].flat().map(async ({ session }, at) => {
      const { url } = at % 2 ? one : two;
      const response = await fetch(`${url}/api/auth/token`, { headers: bearer(session) });
      return ((await response.json()) as { token: string }).token;
    }),
  );
  expect(await store.kysely.selectFrom('jwks').select('id').execute()).toHaveLength(1);
  const statuses = await Promise.all(tokens.flatMap((token) => [statusOf(one.url, token), statusOf(two.url, token)]));
  expect(new Set(statuses)).toEqual(new Set([200]));
});

test('user.me has the current name and the time of the account, also for an old token', async () => {
  const { session, jwt, id } = await join();
  const { body: before } = await me(two.url, bearer(jwt));
  await request('update-user', { name: 'Augusta' }, session);
  const { body: after } = await me(two.url, bearer(jwt));
  expect(after).toEqual({ ...(before as object), name: 'Augusta' });
  const { createdAt } = await store.kysely
    .selectFrom('user')
    .select('createdAt')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(after).toMatchObject({ createdAt: (createdAt as Date).toISOString() });
});

test('without rights on the new tables of the schema auth, the server does not start and names the fix', async () => {
  const url = await openDatabaseUrl();
  await alterDatabase(url, 'revoke all on auth.issuer from current_user');
  await expect(openServer({ DATABASE_URL: url })).rejects.toThrow(
    'The database user lacks rights on the schema auth. Run the grants in docs/operations.md, "Roles".',
  );
});
