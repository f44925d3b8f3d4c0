import { openAuthStore } from '@holdfast/db';
import { findTablesWith } from '@holdfast/db/testing';
import { afterAll, expect, test } from 'vitest';
import { me, openDatabaseUrl, openServer, password, post, signUp } from '../fixture.ts';
import { openServerWithIssuer } from '../issuer.ts';
import { watch } from '../live/watcher.ts';

const databaseUrl = await openDatabaseUrl();
const env = {
  DATABASE_URL: databaseUrl,
  PUBLIC_URL: 'http://tasks.localhost',
  RATE_LIMIT_STORE: 'postgresql',
  TRUST_PROXY: '1',
};
const [one, two] = [await openServer(env), await openServer(env)];
const store = openAuthStore({ url: databaseUrl });
afterAll(() => store.close());

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const call = async (name: string, input: object, headers: Record<string, string>, { url }: { url: string } = one) => {
  const response = await post(`${url}/trpc/${name}`, input, headers);
  const { result, error } = (await response.json()) as {
    result?: { data: unknown };
    error?: { message: string; data: { code: string; validation: unknown } };
  };
  return { status: response.status, data: result?.data, error };
};

async function join() {
  const email = `${crypto.randomUUID()}@example.org`;
  const person = { ...(await signUp(one.url, email)), email };
  const list = await call('list.create', { name: 'list' }, bearer(person.jwt));
  const { id: listId } = list.data as { id: string };
  expect((await call('task.create', { title: 'task', listId }, bearer(person.jwt))).status).toBe(200);
  // As the routes for forgotten passwords store it.
  const values = { identifier: `reset-password:${crypto.randomUUID()}`, value: person.id, expiresAt: new Date() };
  await store.kysely.insertInto('verification').values(values).execute();
  return person;
}

test('after user.delete, no column of any table contains the ID, except the mark that blocks it', async () => {
  const [person, other] = [await join(), await join()];
  const before = await findTablesWith(databaseUrl, other.id);
  expect(before).toEqual([
    'auth.account',
    'auth.rate_limits',
    'auth.session',
    'auth.user',
    'auth.verification',
    'public.changes',
    'public.lists',
    'public.tasks',
    'public.users',
  ]);
  expect(await call('user.delete', { password }, bearer(person.jwt))).toMatchObject({ status: 200, data: {} });
  expect(await findTablesWith(databaseUrl, person.id)).toEqual(['auth.erased_users']);
  expect(await findTablesWith(databaseUrl, person.email)).toEqual([]);
  expect(await findTablesWith(databaseUrl, other.id)).toEqual(before);
  expect((await me(one.url, bearer(other.jwt))).status).toBe(200);
  expect(one.log).toContainEqual(expect.objectContaining({ msg: 'user deleted', userId: person.id }));
  const { email } = person;
  expect((await post(`${one.url}/api/auth/sign-in/email`, { email, password })).status).toBe(401);
  expect((await signUp(one.url, email)).id).not.toBe(person.id);
});

test('user.delete ends all access: at once on this server, and soon on others, with all streams', async () => {
  const { jwt, session, cookie, email } = await join();
  const signedIn = await post(`${two.url}/api/auth/sign-in/email`, { email, password });
  const { token: otherSession } = (await signedIn.json()) as { token: string };
  const streams = await Promise.all([one, two].map(({ url }) => watch(url, { jwt })));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBeGreaterThan(0);
  expect((await call('user.delete', { password }, { cookie })).status).toBe(200);
  for (const headers of [bearer(jwt), bearer(session), bearer(otherSession), { cookie }]) {
    expect((await me(one.url, headers)).status).toBe(401);
    expect((await call('task.create', { title: 'x' }, headers, two)).status).toBe(401);
    await expect.poll(async () => (await me(two.url, headers)).status, { interval: 500 }).toBe(401);
  }
  expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(['complete', 'complete']);
});

test('a wrong password deletes nothing, and after five attempts on any server, even the right one is refused', async () => {
  const { id, jwt, session, email } = await join();
  const before = await findTablesWith(databaseUrl, id);
  for (const [server, headers] of [
    [one, bearer(jwt)],
    [two, bearer(session)],
    [one, { ...bearer(session), 'x-forwarded-for': '10.0.0.1' }],
    [two, { ...bearer(jwt), 'x-forwarded-for': '10.0.0.2' }],
    [one, bearer(jwt)],
  ] as const) {
    const { status, error } = await call('user.delete', { password: 'wrong horse' }, headers, server);
    expect([status, error?.message]).toEqual([400, 'password: is wrong. Check it and try again.']);
    expect(error?.data.validation).toEqual({
      errors: [],
      properties: { password: { errors: ['is wrong. Check it and try again.'] } },
    });
  }
  for (const server of [one, two]) {
    const { status, error } = await call('user.delete', { password }, bearer(jwt), server);
    expect([status, error?.message]).toEqual([429, 'Too many attempts to delete. Try again later.']);
  }
  expect(await findTablesWith(databaseUrl, id)).toEqual(before);
  expect((await me(one.url, bearer(jwt))).status).toBe(200);
  expect((await post(`${one.url}/api/auth/sign-in/email`, { email, password })).status).toBe(200);
  const other = await join();
  expect((await call('user.delete', { password }, bearer(other.jwt))).status).toBe(200);
});

test('an account without a password cannot be deleted with any password after an old sign-in', async () => {
  const { id, jwt } = await join();
  const createdAt = new Date(Date.now() - 16 * 60_000);
  await store.kysely.updateTable('session').set({ createdAt }).where('userId', '=', id).execute();
  await store.kysely.updateTable('account').set({ password: null }).where('userId', '=', id).execute();
  for (const given of [password, '', 'null']) {
    expect((await call('user.delete', { password: given }, bearer(jwt))).status).toBe(403);
  }
  expect((await me(one.url, bearer(jwt))).status).toBe(200);
});

test('tasks that are created during the deletion do not remain', async () => {
  const { id, jwt } = await join();
  const tasks = Array.from({ length: 300 }, (_, at) => ({ id: crypto.randomUUID(), title: `${at}` }));
  expect((await call('user.import', { tasks }, bearer(jwt))).status).toBe(200);
  const create = () => call('task.create', { title: 'during' }, bearer(jwt), two);
  const [deletion, ...created] = await Promise.all([
    call('user.delete', { password }, bearer(jwt)),
    ...Array.from({ length: 12 }, create),
  ]);
  expect(deletion.status).toBe(200);
  for (const { status } of created) expect([200, 401]).toContain(status);
  expect(await findTablesWith(databaseUrl, id)).toEqual(['auth.erased_users']);
});

test('with another issuer, user.delete needs no password, removes all rows and ends the access', async () => {
  const server = await openServerWithIssuer();
  const headers = bearer(await server.issue(600));
  expect((await call('task.create', { title: 'task' }, headers, server)).status).toBe(200);
  const { body } = await me(server.url, headers);
  const { id } = body as { id: string };
  expect(await findTablesWith(server.databaseUrl, id)).toEqual(['public.changes', 'public.tasks', 'public.users']);
  expect((await call('user.delete', {}, headers, server)).status).toBe(200);
  expect(await findTablesWith(server.databaseUrl, id)).toEqual(['auth.erased_users']);
  const later = bearer(await server.issue(600));
  expect((await call('task.create', { title: 'task' }, later, server)).status).toBe(401);
});
