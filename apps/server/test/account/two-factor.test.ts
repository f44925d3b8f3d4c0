import { createOneTimeCode, findTablesWith } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { me, openServer, password, post } from '../fixture.ts';
import { bearer, createPeople, elsewhere } from './fixture.ts';

const origin = 'http://tasks.localhost';
const { url, databaseUrl, log } = await openServer({ PUBLIC_URL: origin, TRUST_PROXY: '1' });
const people = createPeople(url);

const ask = (path: string, body: object, headers: Record<string, string> = {}) =>
  people.ask(path, body, { ...elsewhere(), ...headers });

const toSecret = (uri: string) => new URL(uri).searchParams.get('secret')!;

const codeOf = createOneTimeCode;
const wrongCodeOf = (secret: string) => `${(Number(codeOf(secret)) + 500_000) % 1_000_000}`.padStart(6, '0');

/** A user whose sign-in needs a code. */
async function joinWithCode() {
  const person = await people.join();
  const enabled = await ask('two-factor/enable', { password }, bearer(person.session));
  const { totpURI, backupCodes } = enabled.body as { totpURI: string; backupCodes: string[] };
  const secret = toSecret(totpURI);
  const confirmed = await ask('two-factor/confirm', { code: codeOf(secret) }, bearer(person.session));
  expect(confirmed).toEqual({ status: 200, body: { status: true } });
  return { ...person, secret, backupCodes, totpURI };
}

async function start(email: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await ask('sign-in/email', { email, password }, headers);
  expect([status, body]).toMatchObject([403, { code: 'TWO_FACTOR_REQUIRED' }]);
  return body['challenge'] as string;
}

const verify = (challenge: string, code: string, more: object = {}) =>
  ask('two-factor/verify-totp', { challenge, code, ...more });

test('with a second factor, a password alone gives no session, and password and code do', async () => {
  const { email, id, secret, session } = await joinWithCode();
  const first = await post(`${url}/api/auth/sign-in/email`, { email, password });
  expect(first.status).toBe(403);
  const text = await first.text();
  expect(text).not.toMatch(/"token"|"user"/);
  expect(first.headers.get('set-auth-token')).toBeNull();
  for (const cookie of first.headers.getSetCookie().map((line) => line.split(';')[0]!)) {
    if (cookie.includes('session_token')) expect(cookie).toMatch(/=$/);
  }
  const { challenge } = JSON.parse(text) as { challenge: string };
  for (const token of [challenge, decodeURIComponent(challenge)]) {
    expect((await me(url, bearer(token))).status).toBe(401);
  }
  const verified = await verify(challenge, codeOf(secret));
  expect(verified).toMatchObject({ status: 200, body: { token: expect.any(String), user: { id, email } } });
  expect(await me(url, bearer(verified.body['token'] as string))).toMatchObject({ status: 200, body: { id } });
  // Sessions from before stay.
  expect((await me(url, bearer(session))).status).toBe(200);
  expect(await verify(challenge, codeOf(secret))).toMatchObject({ status: 401 });
});

test('in a browser, the second step sets the session cookie and a mark with which the browser needs no code for 30 days', async () => {
  const { email, id, secret } = await joinWithCode();
  const body = { challenge: await start(email), code: codeOf(secret), trustDevice: true };
  const response = await post(`${url}/api/auth/two-factor/verify-totp`, body, { origin });
  const cookies = response.headers.getSetCookie();
  const trust = cookies.find((cookie) => cookie.includes('trust_device'))!;
  expect(trust).toMatch(/; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/);
  const cookie = cookies.map((line) => line.split(';')[0]!).find((pair) => pair.includes('session_token'))!;
  expect(await me(url, { cookie })).toMatchObject({ status: 200, body: { id } });
  const trusted = { cookie: trust.split(';')[0]!, origin };
  const next = await post(`${url}/api/auth/sign-in/email`, { email, password }, trusted);
  expect(next.status).toBe(200);
  // The mark is replaced at each use, and is only for this user.
  await start(email, trusted);
  const other = await joinWithCode();
  const latest = next.headers.getSetCookie().find((line) => line.includes('trust_device'))!;
  await start(other.email, { cookie: latest.split(';')[0]!, origin });
});

test('a changed password ends the trust in browsers', async () => {
  const { email, secret, session } = await joinWithCode();
  const body = { challenge: await start(email), code: codeOf(secret), trustDevice: true };
  const response = await post(`${url}/api/auth/two-factor/verify-totp`, body, { origin });
  const trust = response.headers.getSetCookie().find((cookie) => cookie.includes('trust_device'))!;
  const change = { currentPassword: password, newPassword: password };
  expect((await ask('change-password', change, bearer(session))).status).toBe(200);
  await start(email, { cookie: trust.split(';')[0]!, origin });
});

test('each backup code works once in place of a code', async () => {
  const { email, backupCodes } = await joinWithCode();
  expect(backupCodes).toHaveLength(10);
  const use = async (code: string) => ask('two-factor/verify-backup-code', { challenge: await start(email), code });
  expect(await use(backupCodes[0]!)).toMatchObject({ status: 200, body: { token: expect.any(String) } });
  expect(await use(backupCodes[0]!)).toMatchObject({ status: 401, body: { code: 'INVALID_BACKUP_CODE' } });
  expect((await use(backupCodes[1]!)).status).toBe(200);
});

test('new backup codes need the password, and replace the former ones', async () => {
  const { email, backupCodes, session } = await joinWithCode();
  const create = (given: string) => ask('two-factor/generate-backup-codes', { password: given }, bearer(session));
  expect((await create('wrong horse')).status).toBe(400);
  const { body } = await create(password);
  const [code] = body['backupCodes'] as string[];
  const use = async (given: string) =>
    ask('two-factor/verify-backup-code', { challenge: await start(email), code: given });
  expect((await use(backupCodes[0]!)).status).toBe(401);
  expect((await use(code!)).status).toBe(200);
});

test('a code works once, also within its 30 seconds', async () => {
  const { email, secret } = await joinWithCode();
  const code = codeOf(secret);
  expect((await verify(await start(email), code)).status).toBe(200);
  const body = { challenge: await start(email), code };
  const again = await post(`${url}/api/auth/two-factor/verify-totp`, body, elsewhere());
  expect([again.status, await again.json()]).toMatchObject([400, { code: 'INVALID_CODE' }]);
  expect([again.headers.getSetCookie(), again.headers.get('set-auth-token')]).toEqual([[], null]);
});

/** The links for new passwords, which are in the log without an SMTP server. */
const links = () =>
  log.flatMap(({ link }) => (typeof link === 'string' && link.includes('reset-password') ? [new URL(link)] : []));

/** The token of a link for a new password. */
async function requestReset(email: string): Promise<string> {
  const before = links().length;
  await ask('request-password-reset', { email });
  await expect.poll(() => links().length).toBe(before + 1);
  return links().at(-1)!.searchParams.get('token')!;
}

test('a sign-in has five attempts, ten wrong codes pause the account, and a new password by mail ends the pause', async () => {
  const { email, secret } = await joinWithCode();
  for (let round = 0; round < 2; round += 1) {
    const challenge = await start(email);
    for (let at = 0; at < 5; at += 1) {
      expect(await verify(challenge, wrongCodeOf(secret))).toMatchObject({
        status: 401,
        body: { code: 'INVALID_CODE' },
      });
    }
    expect((await verify(challenge, codeOf(secret))).status).toBeGreaterThanOrEqual(400);
  }
  expect(await verify(await start(email), codeOf(secret))).toMatchObject({ status: 429 });
  const token = await requestReset(email);
  expect((await ask('reset-password', { token, newPassword: password })).status).toBe(200);
  expect((await verify(await start(email), codeOf(secret))).status).toBe(200);
});

test('the second step needs the challenge of a sign-in, also beside a session', async () => {
  const { secret, session, cookie, backupCodes } = await joinWithCode();
  const code = codeOf(secret);
  for (const path of ['two-factor/verify-totp', 'two-factor/verify-backup-code']) {
    for (const headers of [{}, bearer(session), { cookie, origin }]) {
      for (const challenge of [undefined, '', 'x'.repeat(301), 'a; b=c', 'forged.signature']) {
        const { status } = await ask(path, { code: path.endsWith('totp') ? code : backupCodes[0], challenge }, headers);
        expect(status).toBe(401);
      }
    }
  }
  expect((await ask('two-factor/verify-totp', { code, challenge: ['a'] })).status).toBe(401);
});

test('a second factor needs the password and a first code, and is turned off with the password', async () => {
  const { email, session, cookie } = await people.join();
  const headers = { cookie, origin };
  expect((await ask('two-factor/enable', { password: 'wrong horse' }, headers)).status).toBe(400);
  expect((await ask('two-factor/confirm', { code: '000000' }, headers)).body).toMatchObject({
    code: 'TWO_FACTOR_NOT_STARTED',
  });
  const { body } = await ask('two-factor/enable', { password }, headers);
  const secret = toSecret(body['totpURI'] as string);
  expect(await ask('two-factor/confirm', { code: wrongCodeOf(secret) }, headers)).toMatchObject({
    status: 400,
    body: { code: 'INVALID_CODE' },
  });
  expect(await people.canSignIn(email, password)).toBe(true);
  expect(await people.account(headers)).toMatchObject({ hasTwoFactor: false });
  expect((await ask('two-factor/confirm', { code: codeOf(secret) }, headers)).status).toBe(200);
  // The page keeps its session.
  expect((await me(url, { cookie })).status).toBe(200);
  expect(await people.account(headers)).toMatchObject({ hasTwoFactor: true });
  expect((await ask('two-factor/enable', { password }, headers)).status).toBe(400);
  expect((await ask('two-factor/disable', { password: 'wrong horse' }, headers)).status).toBe(400);
  expect((await ask('two-factor/disable', {}, headers)).status).toBe(400);
  await start(email);
  expect((await ask('two-factor/disable', { password }, headers)).status).toBe(200);
  expect(await people.canSignIn(email, password)).toBe(true);
  expect((await me(url, bearer(session))).status).toBe(200);
  expect((await ask('two-factor/enable', { password }, headers)).status).toBe(200);
});

test('the guesses of the password on the routes for the second factor are limited per session', async () => {
  const { session } = await people.join();
  const paths = ['two-factor/enable', 'two-factor/generate-backup-codes', 'two-factor/disable'];
  for (let at = 0; at < 10; at += 1) {
    expect((await ask(paths[at % 3]!, { password: 'wrong horse' }, bearer(session))).status).toBe(400);
  }
  for (const path of paths) expect((await ask(path, { password }, bearer(session))).status).toBe(429);
});

const toBits = (letter: string) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');

/** The secret as the library creates it. Apps get it in base 32. */
function toPlainSecret(secret: string): string {
  const bytes = Array.from(secret, toBits).join('').match(/.{8}/g)!;
  return String.fromCharCode(...bytes.map((bits) => Number.parseInt(bits, 2)));
}

test('the database and the log have neither secrets nor codes, and a deletion leaves no second factor', async () => {
  const { id, secret, backupCodes, session } = await joinWithCode();
  for (const text of [secret, toPlainSecret(secret), ...backupCodes])
    expect(await findTablesWith(databaseUrl, text)).toEqual([]);
  for (const text of [secret, toPlainSecret(secret)]) expect(JSON.stringify(log)).not.toContain(text);
  expect(await findTablesWith(databaseUrl, id)).toContain('auth.two_factors');
  expect((await post(`${url}/trpc/user.delete`, { password }, bearer(session))).status).toBe(200);
  expect(await findTablesWith(databaseUrl, id)).toEqual(['auth.erased_users']);
});

test('a session cannot turn the second factor off as a field of the user', async () => {
  const { email, session } = await joinWithCode();
  for (const twoFactorEnabled of [false, null, 'false', 0]) {
    await ask('update-user', { name: 'Ada', twoFactorEnabled }, bearer(session));
  }
  await start(email);
  const eve = { name: 'Eve', email: `${crypto.randomUUID()}@example.org`, password, twoFactorEnabled: true };
  await ask('sign-up/email', eve);
  expect((await ask('sign-in/email', eve)).body).not.toMatchObject({ code: 'TWO_FACTOR_REQUIRED' });
});

test('API tokens and tokens of a session work with and without a second factor', async () => {
  const { session, jwt } = await people.join();
  const created = await ask('create-token', { name: 'Script', scope: 'read' }, bearer(session));
  const { body } = await ask('two-factor/enable', { password }, bearer(session));
  await ask('two-factor/confirm', { code: codeOf(toSecret(body['totpURI'] as string)) }, bearer(session));
  for (const token of [created.body['token'] as string, session, jwt]) {
    expect((await me(url, bearer(token))).status).toBe(200);
  }
});
