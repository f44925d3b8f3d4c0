import { createOneTimeCode } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { openServer, password, post, signUp } from '../fixture.ts';
import { bearer, createPeople, openTables } from './fixture.ts';
import { openOAuthServer, providerEnv } from './oauth-server.ts';

const oauth = await openOAuthServer();
const origin = 'http://tasks.localhost';
// The counts are in a table, where the tests can read them.
const { url, databaseUrl } = await openServer({
  PUBLIC_URL: origin,
  TRUST_PROXY: '1',
  RATE_LIMIT_STORE: 'postgresql',
  ...providerEnv,
});
const { send } = createPeople(url);
const { kysely } = openTables(databaseUrl);

let networks = 0;
const nextNetwork = () => ({ 'x-forwarded-for': `10.9.${(networks += 1)}.1` });

/** The cookies of a browser, as it would send them. */
class Browser {
  readonly #cookies = new Map<string, { value: string; path: string }>();

  keep(response: Response): Response {
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      const path = /; Path=([^;]+)/.exec(cookie)![1]!;
      if (/; Max-Age=0/.test(cookie)) this.#cookies.delete(name!);
      else this.#cookies.set(name!, { value: value!, path });
    }
    return response;
  }

  /** The header for a route, without the session. */
  headers(path: string): Record<string, string> {
    const sent = [...this.#cookies].filter(([name, { path: of }]) => !name.includes('session') && path.startsWith(of));
    return { origin, cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') };
  }

  async post(path: string, body: object): Promise<Response> {
    return this.keep(await send(path, body, { ...nextNetwork(), ...this.headers(`/api/auth/${path}`) }));
  }

  /** Renames the mark to that of an earlier version. */
  makeFormer(): void {
    const { value } = this.#cookies.get('holdfast.browser')!;
    this.#cookies.delete('holdfast.browser');
    this.#cookies.set('holdfast.device', { value, path: '/api/auth/sign-in' });
  }

  get marks(): string[] {
    return [...this.#cookies.keys()].filter((name) => /browser|device/.test(name));
  }

  /** Whether the attempts of an account count for this browser. */
  async isKnown(email: string): Promise<boolean> {
    const before = await countAttempts('network');
    await this.post('sign-in/email', { email, password: 'wrong horse' });
    return (await countAttempts('network')) === before;
  }
}

/** The sum of all attempts of a kind that were not given back. */
async function countAttempts(kind: 'device' | 'network' | 'account'): Promise<number> {
  const rows = (await kysely
    .selectFrom('rate_limits')
    .select('points')
    .where('key', 'like', `sign-in ${kind}:%`)
    .execute()) as { points: number }[];
  return rows.reduce((sum, { points }) => sum + points, 0);
}

const join = async () => {
  const email = `${crypto.randomUUID()}@example.org`;
  return { email, ...(await signUp(url, email)) };
};

async function joinWithCode() {
  const person = await join();
  const enabled = await send('two-factor/enable', { password }, bearer(person.session));
  const { totpURI, backupCodes } = (await enabled.json()) as { totpURI: string; backupCodes: string[] };
  const code = createOneTimeCode(new URL(totpURI).searchParams.get('secret')!);
  expect((await send('two-factor/confirm', { code }, bearer(person.session))).status).toBe(200);
  return { ...person, backupCodes };
}

const toChallenge = async (response: Response) => {
  expect(response.status).toBe(403);
  return ((await response.json()) as { challenge: string }).challenge;
};

test('a browser stays known for an account after a sign-up, a second factor and a sign-in with a service', async () => {
  const browser = new Browser();
  const [first, coded] = [await join(), await joinWithCode()];
  expect(await browser.isKnown(first.email)).toBe(false);
  await browser.post('sign-in/email', { email: first.email, password });
  expect(await browser.isKnown(first.email)).toBe(true);

  const second = `${crypto.randomUUID()}@example.org`;
  expect((await browser.post('sign-up/email', { name: 'Ada', email: second, password })).status).toBe(200);
  const challenge = await toChallenge(await browser.post('sign-in/email', { email: coded.email, password }));
  expect((await browser.post('two-factor/verify-backup-code', { challenge, code: coded.backupCodes[0] })).status).toBe(
    200,
  );
  const person = { id: '77', email: `${crypto.randomUUID()}@example.org`, isVerified: true, name: 'Cleo' };
  const started = await browser.post('sign-in/social', { provider: 'github', callbackURL: '/signed-in' });
  const page = new URL(oauth.agree(((await started.json()) as { url: string }).url, person).replace(origin, url));
  const back = await fetch(page, { headers: browser.headers(page.pathname), redirect: 'manual' });
  expect([browser.keep(back).status, back.headers.get('location')]).toEqual([302, '/signed-in']);

  for (const email of [first.email, second, coded.email]) expect(await browser.isKnown(email)).toBe(true);
});

test('the mark of an earlier version still counts, and moves to the present cookie at the next sign-in', async () => {
  const browser = new Browser();
  const [first, second] = [await join(), await join()];
  await browser.post('sign-in/email', { email: first.email, password });
  browser.makeFormer();
  // This route does not receive the former cookie.
  await browser.post('sign-up/email', { name: 'Ada', email: `${crypto.randomUUID()}@example.org`, password });
  expect(browser.marks).toEqual(['holdfast.device', 'holdfast.browser']);
  expect(await browser.isKnown(first.email)).toBe(true);
  await browser.post('sign-in/email', { email: second.email, password });
  expect(browser.marks).toEqual(['holdfast.browser']);
  for (const { email } of [first, second]) expect(await browser.isKnown(email)).toBe(true);
});

test('with a second factor, the right password gives its attempt back only after the code', async () => {
  const { email, backupCodes } = await joinWithCode();
  const browser = new Browser();
  const from = nextNetwork();
  const verify = (challenge: string, code: string | undefined) =>
    post(`${url}/api/auth/two-factor/verify-backup-code`, { challenge, code }, from);
  const [before, known] = [await countAttempts('network'), await countAttempts('device')];
  const count = async () => [(await countAttempts('network')) - before, (await countAttempts('device')) - known];
  const account = await countAttempts('account');
  const challenge = await toChallenge(await send('sign-in/email', { email, password }, from));
  expect(await count()).toEqual([1, 0]);
  expect((await verify(challenge, 'wrong')).status).toBe(401);
  expect(await count()).toEqual([1, 0]);
  browser.keep(await verify(challenge, backupCodes[0]));
  expect(await count()).toEqual([0, 0]);
  expect(await countAttempts('account')).toBe(account);

  const next = await toChallenge(await browser.post('sign-in/email', { email, password }));
  expect(await count()).toEqual([0, 1]);
  const code = backupCodes[1];
  expect((await browser.post('two-factor/verify-backup-code', { challenge: next, code })).status).toBe(200);
  expect(await count()).toEqual([0, 0]);
});
