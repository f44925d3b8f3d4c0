import { beforeEach, expect, test } from 'vitest';
import { me, openServer, password } from '../fixture.ts';
import { bearer, createPeople, elsewhere, openTables, subjects } from './fixture.ts';
import { openSmtp } from './smtp.ts';

const smtp = await openSmtp();
const { url, databaseUrl, log } = await openServer({ ...smtp.env, TRUST_PROXY: '1' });
const { ask, canSignIn, join } = createPeople(url);
const tables = openTables(databaseUrl);
const newPassword = 'a new password';
const invalid = { status: 400, body: { code: 'INVALID_TOKEN' } };

const request = (email: string) => ask('request-password-reset', { email }, elsewhere());
const reset = (token: string | undefined, to = newPassword) =>
  ask('reset-password', { token, newPassword: to }, elsewhere());

async function requestLink(email: string, count = 1): Promise<string> {
  expect((await request(email)).status).toBe(200);
  return (await smtp.waitFor(email, subjects.reset, count)).token!;
}

beforeEach(() => {
  smtp.refusals.length = 0;
});

test('a mail to a user who forgot the password has a link to the web app, which sets a new password', async () => {
  const { email } = await join();
  expect(await request(email.toUpperCase())).toEqual({ status: 200, body: { status: true } });
  const mail = await smtp.waitFor(email, subjects.reset);
  expect(mail.link).toBe(`http://tasks.localhost/reset-password?token=${mail.token}`);
  expect(mail.from).toBe('Holdfast <tasks@holdfast.example>');
  expect(mail.text).toContain('The link works once, and for one hour.');
  expect(mail.text).toContain('If you did not ask for a new password, ignore this mail.');
  expect(await reset(mail.token)).toMatchObject({ status: 200 });
  expect(await canSignIn(email, password)).toBe(false);
  expect(await canSignIn(email, newPassword)).toBe(true);
});

test('a new password by mail ends all sessions of the user, with their JWTs, and no session of another user', async () => {
  const [ada, bob] = [await join(), await join()];
  await reset(await requestLink(ada.email));
  for (const [person, status] of [
    [ada, 401],
    [bob, 200],
  ] as const) {
    for (const headers of [bearer(person.session), bearer(person.jwt), { cookie: person.cookie }]) {
      expect((await me(url, headers)).status).toBe(status);
    }
  }
});

test('of five requests at once with one link, one sets the password', async () => {
  const { email } = await join();
  const token = await requestLink(email);
  const passwords = Array.from({ length: 5 }, (_, at) => `password number ${at}`);
  const results = await Promise.all(passwords.map((text) => reset(token, text)));
  expect(results.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(results.filter(({ body }) => body['code'] === 'INVALID_TOKEN')).toHaveLength(4);
  expect(await canSignIn(email, passwords[results.findIndex(({ status }) => status === 200)]!)).toBe(true);
  expect(await reset(token)).toMatchObject(invalid);
});

test('an expired link, a made-up one and one for an email address set no password', async () => {
  const ada = await join();
  const token = await requestLink(ada.email);
  await tables.expireLinks(ada.id);
  const { token: forAddress } = await smtp.waitFor(ada.email, subjects.verification);
  for (const wrong of [token, forAddress, 'made up', '']) expect(await reset(wrong)).toMatchObject(invalid);
  expect(await canSignIn(ada.email, password)).toBe(true);
});

test('a refused password does not use up the link', async () => {
  const { email } = await join();
  const token = await requestLink(email);
  expect(await reset(token, 'short')).toMatchObject({ status: 400, body: { code: 'PASSWORD_TOO_SHORT' } });
  expect(await reset(token)).toMatchObject({ status: 200 });
});

test('after a change of the password, the user’s earlier links do not work, and those of others do', async () => {
  const [ada, bob] = [await join(), await join()];
  const [first, second] = [await requestLink(ada.email), await requestLink(ada.email, 2)];
  const other = await requestLink(bob.email);
  expect(await reset(second)).toMatchObject({ status: 200 });
  expect(await reset(first)).toMatchObject(invalid);
  const third = await requestLink(ada.email, 3);
  const { token: session } = (await ask('sign-in/email', { email: ada.email, password: newPassword }, elsewhere()))
    .body as { token: string };
  const change = { currentPassword: newPassword, newPassword: 'changed by the user' };
  expect((await ask('change-password', change, { ...elsewhere(), ...bearer(session) })).status).toBe(200);
  expect(await reset(third)).toMatchObject(invalid);
  expect(await reset(other)).toMatchObject({ status: 200 });
});

test('an unknown address gets the same response after the same statements as a known one, and no mail', async () => {
  const { email } = await join();
  await smtp.waitFor(email, subjects.verification);
  const unknown = 'nobody@example.org';
  const before = log.length;
  const responses = [await request(email), await request(unknown)];
  expect(responses[0]).toEqual(responses[1]);
  await smtp.waitFor(email, subjects.reset);
  const findLines = () =>
    log.slice(before).filter(({ msg, path }) => msg === 'request' && path === '/api/auth/request-password-reset');
  await expect.poll(findLines).toHaveLength(2);
  for (const { statements, status } of findLines()) expect([status, statements]).toEqual([200, 0]);
  // Mails leave in order.
  await requestLink((await join()).email);
  expect(smtp.mails.filter(({ to }) => to === unknown)).toEqual([]);
});

test('many requests for one account, from any number of clients, send five mails, whose links all work', async () => {
  const [ada, bob] = [await join(), await join()];
  for (let at = 1; at <= 8; at += 1) expect(await request(ada.email)).toEqual({ status: 200, body: { status: true } });
  const { token } = await smtp.waitFor(ada.email, subjects.reset, 5);
  await requestLink(bob.email);
  expect(smtp.mails.filter(({ to, subject }) => to === ada.email && subjects.reset.test(subject))).toHaveLength(5);
  // Attempts of others neither lock the account nor end the links.
  expect(await canSignIn(ada.email, password)).toBe(true);
  expect(await reset(token)).toMatchObject({ status: 200 });
});

test('one client can request 15 mails a minute, and another one is not affected', async () => {
  const from = elsewhere();
  const send = () => ask('request-password-reset', { email: 'nobody.else@example.org' }, from);
  const statuses: number[] = [];
  for (let at = 1; at <= 16; at += 1) statuses.push((await send()).status);
  expect(statuses).toEqual([...Array.from({ length: 15 }, () => 200), 429]);
  expect((await request('nobody.else@example.org')).status).toBe(200);
});

test('the database does not contain the token of a link', async () => {
  const { email, id } = await join();
  const token = await requestLink(email);
  const rows = await tables.kysely.selectFrom('verification').selectAll().where('value', '=', id).execute();
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(token);
});

test('an SMTP server that refuses a mail for now gets it again, and the log has neither address nor link', async () => {
  const { email } = await join();
  await smtp.waitFor(email, subjects.verification);
  const before = log.length;
  smtp.refusals.push(451);
  const token = await requestLink(email);
  const lines = log.slice(before);
  expect(lines.find(({ msg }) => msg === 'mail delayed')).toMatchObject({ kind: 'password reset', attempts: 1 });
  for (const secret of ['example.org', token]) expect(JSON.stringify(log)).not.toContain(secret);
});

test('a mail that the SMTP server refuses for good is logged and not sent again', async () => {
  const { email } = await join();
  await smtp.waitFor(email, subjects.verification);
  const before = log.length;
  smtp.refusals.push(550);
  const attempts = smtp.attempts();
  await request(email);
  await expect.poll(() => log.slice(before).filter(({ msg }) => msg === 'mail not sent')).toHaveLength(1);
  expect(log.findLast(({ msg }) => msg === 'mail not sent')).toMatchObject({ level: 50, kind: 'password reset' });
  await requestLink((await join()).email);
  // Besides this mail, those of the person who joined.
  expect(smtp.attempts() - attempts).toBe(3);
  expect(JSON.stringify(log)).not.toContain('example.org');
});
