import { openAuthStore } from '@holdfast/db';
import { afterAll, expect, test } from 'vitest';
import { toLibraryCookie } from '../../src/auth/cookie-names.ts';
import { me, openServer, password, post, signUp } from '../fixture.ts';

const origin = 'https://tasks.example.org';
const { url, databaseUrl } = await openServer({ PUBLIC_URL: origin });
const store = openAuthStore({ url: databaseUrl });
afterAll(() => store.close());

const join = () => signUp(url, `${crypto.randomUUID()}@example.org`);
/** The cookie as earlier versions set it. */
const toFormer = (cookie: string) => cookie.replace('__Host-', '__Secure-');
const namesOf = (response: Response) =>
  response.headers.getSetCookie().map((cookie) => `${cookie.split('=')[0]} ${/Max-Age=(\d+)/.exec(cookie)![1]}`);

test('over https, all cookies of a sign-in have a prefix with which only this host can set them', async () => {
  const response = await post(`${url}/api/auth/sign-up/email`, { name: 'Ada', email: 'ada@example.org', password });
  const cookies = response.headers.getSetCookie();
  expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
    '__Host-holdfast.session_token',
    '__Secure-holdfast.browser',
  ]);
  for (const cookie of cookies) expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
});

test('the session cookie of an earlier version works for calls and for the account, until its session ends', async () => {
  const { cookie: present, id } = await join();
  expect(present).toMatch(/^__Host-holdfast\.session_token=/);
  const cookie = toFormer(present);
  for (let time = 0; time < 2; time += 1)
    expect(await me(url, { cookie })).toMatchObject({ status: 200, body: { id } });
  const sessions = await fetch(`${url}/api/auth/list-sessions`, { headers: { cookie } });
  expect(await sessions.json()).toMatchObject([{ userId: id, isCurrent: true }]);
  const signOut = await post(`${url}/api/auth/sign-out`, {}, { cookie, origin });
  expect(namesOf(signOut)).toContain('__Secure-holdfast.session_token 0');
  expect((await me(url, { cookie })).status).toBe(401);
});

test('a renewed session moves to the present name, and the former cookie is removed', async () => {
  const { cookie, id } = await join();
  const expiresAt = new Date(Date.now() + 5 * 86_400_000);
  await store.kysely.updateTable('session').set({ expiresAt }).where('userId', '=', id).execute();
  const response = await fetch(`${url}/trpc/user.me`, { headers: { cookie: toFormer(cookie) } });
  expect(response.status).toBe(200);
  expect(namesOf(response)).toEqual(['__Host-holdfast.session_token 2592000', '__Secure-holdfast.session_token 0']);
});

test('beside a present cookie, the former one does not count', async () => {
  const [ada, ben] = [await join(), await join()];
  for (const cookie of [`${toFormer(ben.cookie)}; ${ada.cookie}`, `${ada.cookie}; ${toFormer(ben.cookie)}`]) {
    expect(await me(url, { cookie })).toMatchObject({ status: 200, body: { id: ada.id } });
  }
});

test('parts of a stored session in the cookie are ignored, and get no cookies in response', async () => {
  const parts = Array.from({ length: 100 }, (_, part) => `__Host-holdfast.session_data.${part}=x`).join('; ');
  const { cookie, id } = await join();
  for (const [given, status] of [
    [cookie, 200],
    ['__Host-holdfast.session_token=a.b', 401],
  ] as const) {
    const response = await fetch(`${url}/trpc/user.me`, { headers: { cookie: `${parts}; ${given}` } });
    expect([response.status, namesOf(response).filter((name) => name.includes('session_data.'))]).toEqual([status, []]);
  }
  expect(await me(url, { cookie: `${parts}; ${cookie}` })).toMatchObject({ body: { id } });
});

// Each of the other cookies would cost the library an exception, so that one request would occupy the process for 0.2 s.
test('the sign-in library gets no foreign cookies, and at most 20 of its own', async () => {
  const foreign = Array.from({ length: 2400 }, (_, at) => `${at.toString(36)}=%`).join(';');
  const { cookie, id } = await join();
  expect(toLibraryCookie(`${foreign};${cookie};x.holdfast.y=%; holdfast.state=b`)).toBe(`${cookie}; holdfast.state=b`);
  expect(await me(url, { cookie: `${foreign}; ${cookie}` })).toMatchObject({ status: 200, body: { id } });
  const own = Array.from({ length: 300 }, (_, at) => `holdfast.${at.toString(36)}=%`).join(';');
  expect(toLibraryCookie(own).split(';')).toHaveLength(20);
  const response = await fetch(`${url}/api/auth/get-session`, {
    headers: { cookie: `${own};${foreign.slice(0, 8000)}` },
  });
  expect(await response.json()).toBeNull();
});
