import { expect, test } from 'vitest';
import { me, openServer, post, signUp } from '../fixture.ts';

const origin = 'http://tasks.localhost';
const { url } = await openServer({ PUBLIC_URL: origin });
const join = () => signUp(url, `${crypto.randomUUID()}@example.org`);
const read = (path: string, headers: Record<string, string>) => fetch(`${url}/api/auth/${path}`, { headers });

/** Headers that scripts can add to a request with a cookie. Proxies and browsers add the second form. */
const others = ['Bearer x', 'Basic eDp5', 'Bearer ', 'Bearer', 'x', ''];

test('a script that adds another credential to the cookie does not get the token of the session', async () => {
  const { cookie, session } = await join();
  for (const authorization of others) {
    for (const path of ['get-session', 'list-sessions', 'token']) {
      const response = await read(path, { cookie, authorization });
      expect(await response.text()).not.toContain(session);
      expect(response.headers.get('set-auth-token')).toBeNull();
    }
    expect((await read('list-sessions', { cookie, authorization })).status).toBe(401);
    expect((await me(url, { cookie, authorization })).status).toBe(401);
  }
});

test('a request for one user never runs with the cookie of another, also if it has another credential too', async () => {
  const [ada, eve] = [await join(), await join()];
  for (const authorization of [...others, `Bearer ${ada.jwt}`]) {
    const headers = { cookie: eve.cookie, authorization, origin, 'x-holdfast-user': ada.id };
    for (const path of ['update-user', 'revoke-sessions', 'sign-out']) {
      await post(`${url}/api/auth/${path}`, { name: 'Changed' }, headers);
    }
  }
  expect(await me(url, { cookie: eve.cookie })).toMatchObject({ status: 200, body: { name: 'Ada' } });
});
