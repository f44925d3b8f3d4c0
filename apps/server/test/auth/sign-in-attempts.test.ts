import { expect, test } from 'vitest';
import { openServer, password, post, signUp } from '../fixture.ts';

const { url } = await openServer({ TRUST_PROXY: '1' });

let people = 0;
let networks = 0;
const nextNetwork = () => `10.${(networks += 1) >> 8}.${networks & 255}.1`;

interface Attempt {
  from: string;
  given?: string;
  cookie?: string;
}

const wrong = 'wrong horse';

/** An account that was created in a network of its own, with the cookies of its browser. */
async function join() {
  const email = `person.${(people += 1)}@example.org`;
  const from = nextNetwork();
  const response = await post(
    `${url}/api/auth/sign-up/email`,
    { name: 'Ada', email, password },
    { 'x-forwarded-for': from },
  );
  const device = response.headers.getSetCookie().find((cookie) => cookie.includes('holdfast.browser='))!;
  const send = ({ from: address, given = password, cookie }: Attempt) =>
    post(
      `${url}/api/auth/sign-in/email`,
      { email, password: given },
      { 'x-forwarded-for': address, ...(cookie && { cookie, origin: url }) },
    );
  const attempt = async (input: Attempt) => (await send(input)).status;
  return { email, from, device, cookie: device.split(';')[0]!, send, attempt };
}

/** Wrong passwords from as many networks as the limit of an account permits. */
async function attack(attempt: (input: Attempt) => Promise<number>): Promise<void> {
  for (let at = 0; at < 10; at += 1) {
    const from = nextNetwork();
    const statuses = await Promise.all(Array.from({ length: 10 }, () => attempt({ from, given: wrong })));
    expect(new Set(statuses)).toEqual(new Set([401]));
  }
}

test('while others guess the password of an account, its owner signs in from anywhere, and each network has few guesses', async () => {
  const { from, cookie, attempt } = await join();
  await attack(attempt);
  const network = nextNetwork();
  expect(await attempt({ from: network })).toBe(200);
  for (let at = 0; at < 3; at += 1) expect(await attempt({ from: nextNetwork() })).toBe(200);
  const other = nextNetwork();
  for (let at = 0; at < 3; at += 1) expect(await attempt({ from: other, given: wrong })).toBe(401);
  expect(await attempt({ from: other })).toBe(429);
  // A session of the account is in this network.
  for (const known of [from, network]) {
    for (let at = 0; at < 4; at += 1) expect(await attempt({ from: known, given: wrong })).toBe(401);
    expect(await attempt({ from: known })).toBe(200);
  }
  // The browser has attempts of its own, in every network.
  expect(await attempt({ from: other, cookie })).toBe(200);
});

test('an account that does not exist gets the same responses', async () => {
  const { email } = await join();
  const texts = [];
  for (const given of [email, 'nobody@example.org']) {
    const from = { 'x-forwarded-for': nextNetwork() };
    const responses = [];
    for (let at = 0; at < 16; at += 1) {
      const response = await post(`${url}/api/auth/sign-in/email`, { email: given, password: wrong }, from);
      const { error, ...body } = (await response.json()) as { error?: { message: string } };
      responses.push([response.status, error?.message ?? body]);
    }
    texts.push(responses);
  }
  expect(texts[0]).toEqual(texts[1]);
  expect(texts[0]!.at(-1)).toEqual([429, 'Too many attempts from this address. Try again later.']);
});

test('wrong passwords in one network leave the attempts of a known browser there, and right passwords use none up', async () => {
  const { cookie, attempt } = await join();
  const from = nextNetwork();
  for (let at = 0; at < 15; at += 1) expect(await attempt({ from, given: wrong })).toBe(401);
  expect(await attempt({ from })).toBe(429);
  for (let at = 0; at < 12; at += 1) expect(await attempt({ from, cookie })).toBe(200);
  for (let at = 0; at < 10; at += 1) expect(await attempt({ from, cookie, given: wrong })).toBe(401);
  expect(await attempt({ from, cookie })).toBe(429);
});

test('the mark of a browser is only for its account, cannot be forged, and is sent only to routes for accounts', async () => {
  const [ada, ben] = [await join(), await join()];
  expect(ada.device).toMatch(/^holdfast\.browser=.+; Path=\/api\/auth; HttpOnly; SameSite=Lax$/);
  const from = nextNetwork();
  for (let at = 0; at < 15; at += 1) await ada.attempt({ from, given: wrong });
  const forged = ada.cookie.replace(/=./, (start) => (start === '=A' ? '=B' : '=A'));
  for (const cookie of [ben.cookie, forged]) expect(await ada.attempt({ from, cookie })).toBe(429);
  expect(await ada.attempt({ from, cookie: ada.cookie })).toBe(200);
});

test('a browser of several accounts is known for each of them', async () => {
  const [ada, ben] = [await join(), await join()];
  const response = await ben.send({ from: nextNetwork(), cookie: ada.cookie });
  const both = response.headers.getSetCookie().find((cookie) => cookie.includes('holdfast.browser='))!;
  const cookie = both.split(';')[0]!;
  const from = nextNetwork();
  for (let at = 0; at < 15; at += 1) await ada.attempt({ from, given: wrong });
  expect([await ada.attempt({ from, cookie }), await ben.attempt({ from, cookie })]).toEqual([200, 200]);
  expect(await ben.attempt({ from })).toBe(429);
});

const bearer = (token: string, from: string) => ({ authorization: `Bearer ${token}`, 'x-forwarded-for': from });

test('a stolen session has ten guesses of the password from all addresses together, and the owner’s other session keeps its own', async () => {
  const email = `guessed.${crypto.randomUUID()}@example.org`;
  const stolen = await signUp(url, email);
  const signedIn = await post(`${url}/api/auth/sign-in/email`, { email, password });
  const { token: own } = (await signedIn.json()) as { token: string };
  const guess = (path: string, body: object, token = stolen.session) =>
    post(`${url}/api/auth/${path}`, body, bearer(token, nextNetwork()));
  const change = { currentPassword: wrong, newPassword: 'another horse' };
  for (let at = 0; at < 10; at += 1) expect((await guess('change-password', change)).status).toBe(400);
  const refused = await guess('change-password', { ...change, currentPassword: password });
  expect([refused.status, await refused.text()]).toMatchObject([429, expect.stringContaining('Too many attempts.')]);
  expect((await guess('change-password', { ...change, currentPassword: password }, own)).status).toBe(200);
});

test('a bearer token in another form than that of calls is not a session, and gives no further guesses', async () => {
  const { session, signed } = await signUp(url, `forms.${crypto.randomUUID()}@example.org`);
  const change = { currentPassword: wrong, newPassword: 'another horse' };
  const send = (authorization: string, currentPassword: string) =>
    post(
      `${url}/api/auth/change-password`,
      { ...change, currentPassword },
      { authorization, 'x-forwarded-for': nextNetwork() },
    );
  for (let at = 0; at < 10; at += 1) expect((await send(`bearer   ${session}`, wrong)).status).toBe(400);
  for (const token of [session, signed, decodeURIComponent(signed)]) {
    for (const space of ['\t', ' \t', '\t ', '\u00a0', ' \u00a0', ' \t\u00a0 ']) {
      expect((await send(`Bearer${space}${token}`, password)).status).toBe(401);
    }
    expect((await send(`bearer   ${token}`, password)).status).toBe(429);
  }
});

test('a change of the password sends no session to a page, also with the end of other sessions', async () => {
  const { cookie, session, email } = { ...(await signUp(url, 'page@example.org')), email: 'page@example.org' };
  const body = { currentPassword: password, newPassword: password, revokeOtherSessions: true };
  const fromPage = await post(`${url}/api/auth/change-password`, body, { cookie, origin: url });
  expect([fromPage.status, await fromPage.json()]).toMatchObject([200, { token: null, user: { email } }]);
  expect(fromPage.headers.get('set-auth-token')).toBeNull();
  const signedIn = await post(`${url}/api/auth/sign-in/email`, { email, password });
  const { token } = (await signedIn.json()) as { token: string };
  expect(token).not.toBe(session);
  const byToken = await post(`${url}/api/auth/change-password`, body, bearer(token, nextNetwork()));
  expect(await byToken.json()).toMatchObject({ token: expect.any(String) });
});
