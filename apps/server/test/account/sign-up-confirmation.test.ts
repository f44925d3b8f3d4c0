import { expect, test } from 'vitest';
import { parseEnv } from '../../src/env.ts';
import { me, openServer, password } from '../fixture.ts';
import { bearer, createPeople, elsewhere, subjects } from './fixture.ts';
import { openSmtp } from './smtp.ts';

const smtp = await openSmtp();
const { url, log } = await openServer({ ...smtp.env, TRUST_PROXY: '1', SIGN_UP_CONFIRMATION: 'true' });
const people = createPeople(url);
const ask = (path: string, body: object) => people.ask(path, body, elsewhere());

const newAddress = () => `${crypto.randomUUID()}@example.org`;
const signUp = (email: string, given = password) => ask('sign-up/email', { name: 'Ada', email, password: given });
const signIn = (email: string, given = password) => ask('sign-in/email', { email, password: given });
const required = { status: 403, body: { code: 'CONFIRMATION_REQUIRED' } };
const refused = { status: 401, body: { code: 'INVALID_EMAIL_OR_PASSWORD' } };
const countMails = (email: string, subject: RegExp) =>
  smtp.mails.filter((mail) => mail.to === email && subject.test(mail.subject)).length;

/** Mails are sent in order, so all mails before this one have arrived. */
async function waitForAll(): Promise<void> {
  const email = newAddress();
  await signUp(email);
  await smtp.waitFor(email, subjects.verification);
}

test('a new account gets no session until the link of its mail is used, and then signs in', async () => {
  const email = newAddress();
  const response = await people.send('sign-up/email', { name: 'Ada', email, password }, elsewhere());
  expect([response.status, await response.json()]).toEqual([
    403,
    {
      code: 'CONFIRMATION_REQUIRED',
      message: 'This server confirms new accounts by mail. Open the link in the mail.',
    },
  ]);
  expect([response.headers.getSetCookie(), response.headers.get('set-auth-token')]).toEqual([[], null]);
  expect(await signIn(email)).toMatchObject(refused);
  const { token } = await smtp.waitFor(email, subjects.verification);
  expect(await ask('verify-email', { token })).toEqual({ status: 200, body: { status: true, email } });
  const { status, body } = await signIn(email);
  expect(status).toBe(200);
  expect(await me(url, bearer(body['token'] as string))).toMatchObject({ status: 200, body: { email } });
});

test('a sign-in before the confirmation says what to do, and only the right password sends the link again', async () => {
  const email = newAddress();
  await signUp(email);
  await smtp.waitFor(email, subjects.verification);
  const message = 'Wrong email address or password, or the address is not confirmed. Open the link in the latest mail.';
  expect(await signIn(email, 'wrong horse')).toEqual({ ...refused, body: { ...refused.body, message } });
  await waitForAll();
  expect(countMails(email, subjects.verification)).toBe(1);
  expect(await signIn(email)).toEqual({ ...refused, body: { ...refused.body, message } });
  const { token } = await smtp.waitFor(email, subjects.verification, 2);
  expect((await ask('verify-email', { token })).status).toBe(200);
  expect((await signIn(email)).status).toBe(200);
});

test('a sign-up with the address of an account changes nothing, and its owner gets a mail with the ways to sign in', async () => {
  const email = newAddress();
  await signUp(email);
  const { token } = await smtp.waitFor(email, subjects.verification);
  await ask('verify-email', { token });
  expect(await signUp(email.toUpperCase(), 'another horse')).toMatchObject(required);
  const mail = await smtp.waitFor(email, subjects.takenSignUp);
  expect(mail.link).toBe('http://tasks.localhost/sign-in');
  expect(mail.text).toContain('http://tasks.localhost/forgot-password');
  expect(await signIn(email, 'another horse')).toMatchObject(refused);
  expect((await signIn(email)).status).toBe(200);
});

test('the same sign-up again sends the link again', async () => {
  const email = newAddress();
  for (let mails = 1; mails <= 2; mails += 1) {
    expect(await signUp(email)).toMatchObject(required);
    await smtp.waitFor(email, subjects.verification, mails);
  }
});

test('someone who signs up first with the address of another person cannot get the account that this person then creates', async () => {
  const email = newAddress();
  await signUp(email, 'password of eve');
  const planted = await smtp.waitFor(email, subjects.verification);
  expect(await signUp(email)).toMatchObject(required);
  await smtp.waitFor(email, subjects.finish);
  expect(await ask('verify-email', { token: planted.token })).toMatchObject({ status: 400 });
  // The right password of the first person sends no link for the address any more.
  expect(await signIn(email, 'password of eve')).toMatchObject(refused);
  const { token } = await smtp.waitFor(email, subjects.finish, 2);
  expect(countMails(email, subjects.verification)).toBe(1);
  expect((await ask('reset-password', { token, newPassword: password })).status).toBe(200);
  expect(await signIn(email, 'password of eve')).toMatchObject(refused);
  expect((await signIn(email)).status).toBe(200);
});

test('a new password by mail confirms the address', async () => {
  const email = newAddress();
  await signUp(email);
  await ask('request-password-reset', { email });
  const { token } = await smtp.waitFor(email, subjects.reset);
  expect((await ask('reset-password', { token, newPassword: 'a new password' })).status).toBe(200);
  expect((await signIn(email, 'a new password')).status).toBe(200);
});

test('many sign-ups and sign-ins for one address send at most five mails, and the responses stay the same', async () => {
  const email = newAddress();
  for (let at = 1; at <= 5; at += 1) {
    expect(await signUp(email)).toMatchObject(required);
    expect(await signIn(email)).toMatchObject(refused);
  }
  await waitForAll();
  expect(smtp.mails.filter(({ to }) => to === email)).toHaveLength(5);
});

test('outside production without SMTP_URL, the log has the link of a new account', async () => {
  const server = await openServer({ SIGN_UP_CONFIRMATION: 'true' });
  await createPeople(server.url).ask('sign-up/email', { name: 'Ada', email: newAddress(), password });
  const find = () => server.log.filter(({ msg }) => msg === 'mail (SMTP_URL is not set)');
  await expect.poll(find).toHaveLength(1);
  expect(find()[0]!['link']).toMatch(/\/verify-email\?token=/);
});

test('SIGN_UP_CONFIRMATION needs mails in production, and accounts of this server', () => {
  const [SMTP_URL, MAIL_FROM] = ['smtp://mail.example.org', 'tasks@example.org'];
  const on = { SIGN_UP_CONFIRMATION: 'true' };
  expect(parseEnv(on).confirmsSignUps).toBe(true);
  expect(parseEnv({}).confirmsSignUps).toBe(false);
  const production = { NODE_ENV: 'production', AUTH_SECRET: 'x'.repeat(32), PUBLIC_URL: 'https://tasks.example.org' };
  expect(() => parseEnv({ ...production, ...on })).toThrow('SMTP_URL must be set if SIGN_UP_CONFIRMATION is true');
  expect(parseEnv({ ...production, SMTP_URL, MAIL_FROM, ...on }).confirmsSignUps).toBe(true);
  const issuer = {
    AUTH_ISSUER: 'https://issuer.example.org',
    AUTH_AUDIENCE: 'tasks',
    AUTH_JWKS_URL: 'https://a.example/keys',
  };
  expect(() => parseEnv({ ...issuer, ...on })).toThrow('SIGN_UP_CONFIRMATION must not be true if AUTH_ISSUER is set');
});

test('the log has neither addresses nor links nor passwords', () => {
  const text = JSON.stringify(log);
  expect(text).not.toContain(password);
  for (const { to, token } of smtp.mails) {
    expect(text).not.toContain(to);
    if (token !== undefined) expect(text).not.toContain(token);
  }
});
