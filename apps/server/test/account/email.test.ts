import { expect, test } from 'vitest';
import { me, openServer, password } from '../fixture.ts';
import { bearer, createPeople, elsewhere, openTables, subjects } from './fixture.ts';
import { openSmtp } from './smtp.ts';

const smtp = await openSmtp();
const { url, databaseUrl, log } = await openServer({ ...smtp.env, TRUST_PROXY: '1' });
const { account, ask: askFrom, canSignIn, join } = createPeople(url);
const tables = openTables(databaseUrl);
const invalid = { status: 400, body: { code: 'INVALID_TOKEN' } };

type Person = Awaited<ReturnType<typeof join>>;

const ask = (path: string, body: object, headers: Record<string, string> = {}) =>
  askFrom(path, body, { ...elsewhere(), ...headers });
const verify = (token: string | undefined, headers: Record<string, string> = {}) =>
  ask('verify-email', { token }, headers);
const change = (person: Person, newEmail: string, given = password) =>
  ask('change-email', { newEmail, password: given }, bearer(person.session));
const newAddress = () => `${crypto.randomUUID()}@new.example`;

async function startChange(person: Person, newEmail = newAddress()) {
  expect(await change(person, newEmail)).toEqual({ status: 200, body: { status: true } });
  const { token } = await smtp.waitFor(newEmail, subjects.change);
  return { newEmail, token };
}

const emailOf = async ({ session }: Person) => ((await me(url, bearer(session))).body as { email: string }).email;

test('a new user gets a mail with a link, which confirms the address without a session', async () => {
  const ada = await join();
  const { link, token, text } = await smtp.waitFor(ada.email, subjects.verification);
  expect(link).toBe(`http://tasks.localhost/verify-email?token=${token}`);
  expect(text).toContain('for 24 hours');
  expect(text).not.toContain('Ada');
  expect(await account(bearer(ada.session))).toMatchObject({ hasMail: true, emailVerified: false });
  const response = await verify(token);
  expect(response).toEqual({ status: 200, body: { status: true, email: ada.email } });
  expect(await account(bearer(ada.session))).toMatchObject({ hasMail: true, emailVerified: true });
  expect(await account({ cookie: ada.cookie })).toMatchObject({ hasMail: true, emailVerified: true });
  expect(await account()).toMatchObject({ hasMail: true, emailVerified: null });
  expect(await verify(token)).toMatchObject(invalid);
});

test('a user without a confirmed address can request the mail again, up to five times', async () => {
  const ada = await join();
  const send = () => ask('send-verification-email', {}, bearer(ada.session));
  for (let at = 1; at <= 5; at += 1) expect((await send()).status).toBe(200);
  expect(await send()).toMatchObject({ status: 429, body: { error: { data: { code: 'TOO_MANY_REQUESTS' } } } });
  const { token } = await smtp.waitFor(ada.email, subjects.verification, 6);
  expect((await verify(token)).status).toBe(200);
  expect((await send()).status).toBe(200);
  expect((await ask('send-verification-email', {})).status).toBe(401);
});

test('a link to an address that has expired, or is for a password, confirms nothing', async () => {
  const ada = await join();
  const { token } = await smtp.waitFor(ada.email, subjects.verification);
  await ask('request-password-reset', { email: ada.email });
  const reset = await smtp.waitFor(ada.email, subjects.reset);
  await tables.expireLinks(ada.id);
  for (const wrong of [token, reset.token, 'made up']) expect(await verify(wrong)).toMatchObject(invalid);
  expect(await account(bearer(ada.session))).toMatchObject({ emailVerified: false });
});

test('a change of the address needs the password and the link, and the former address gets notices', async () => {
  const ada = await join();
  const newEmail = newAddress();
  expect(await change(ada, newEmail, 'not the password')).toMatchObject({
    status: 400,
    body: { code: 'INVALID_PASSWORD' },
  });
  const { token } = await startChange(ada, newEmail);
  const notice = await smtp.waitFor(ada.email, subjects.notice);
  expect(notice.link).toBe('http://tasks.localhost/forgot-password');
  expect(await emailOf(ada)).toBe(ada.email);
  expect(await verify(token, { cookie: ada.cookie, origin: 'http://tasks.localhost' })).toMatchObject({
    status: 200,
    body: { email: newEmail },
  });
  expect(await emailOf(ada)).toBe(newEmail);
  expect(await account(bearer(ada.session))).toMatchObject({ emailVerified: true });
  await smtp.waitFor(ada.email, subjects.changed);
  expect(await canSignIn(newEmail, password)).toBe(true);
  expect(await canSignIn(ada.email, password)).toBe(false);
  expect(await verify(token, bearer(ada.session))).toMatchObject(invalid);
});

test('only a session of the account completes a change, and no other attempt uses up the link', async () => {
  const [ada, eve] = [await join(), await join()];
  const { newEmail, token } = await startChange(ada);
  const anonymous = await verify(token);
  expect(anonymous).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  expect(await verify(token, bearer(eve.session))).toMatchObject({ status: 403, body: { code: 'OTHER_ACCOUNT' } });
  expect([await emailOf(ada), await emailOf(eve)]).toEqual([ada.email, eve.email]);
  expect((await verify(token, bearer(ada.session))).status).toBe(200);
  expect(await emailOf(ada)).toBe(newEmail);
});

test('a new password ends a requested change, and a change ends earlier links for the password', async () => {
  const [ada, bob] = [await join(), await join()];
  const { token } = await startChange(ada);
  await ask('request-password-reset', { email: ada.email });
  const reset = await smtp.waitFor(ada.email, subjects.reset);
  expect((await ask('reset-password', { token: reset.token, newPassword: 'a new password' })).status).toBe(200);
  expect(await verify(token)).toMatchObject(invalid);

  await ask('request-password-reset', { email: bob.email });
  const stale = await smtp.waitFor(bob.email, subjects.reset);
  const changed = await startChange(bob);
  expect((await verify(changed.token, bearer(bob.session))).status).toBe(200);
  const late = await ask('reset-password', { token: stale.token, newPassword: 'a new password' });
  expect(late).toMatchObject(invalid);
});

test('a change to the address of another account has the same response, statements and notice, and only that address hears of it', async () => {
  const [ada, bob] = [await join(), await join()];
  const before = log.length;
  expect(await change(ada, bob.email)).toEqual({ status: 200, body: { status: true } });
  await smtp.waitFor(bob.email, subjects.taken);
  const { newEmail } = await startChange(ada);
  await smtp.waitFor(ada.email, subjects.notice, 2);
  const findLines = () =>
    log.slice(before).filter(({ msg, path }) => msg === 'request' && path === '/api/auth/change-email');
  await expect.poll(findLines).toHaveLength(2);
  const [taken, free] = findLines();
  expect(taken!['statements']).toBe(free!['statements']);
  expect(smtp.mails.filter(({ to }) => to === bob.email).map(({ token }) => token)).toHaveLength(2);
  expect(await emailOf(ada)).not.toBe(newEmail);
});

test('if another account takes the new address first, the change is refused and the link stays', async () => {
  const ada = await join();
  const { newEmail, token } = await startChange(ada);
  const person = { name: 'Bob', email: newEmail, password };
  expect((await ask('sign-up/email', person)).status).toBe(200);
  for (let at = 1; at <= 2; at += 1) {
    expect(await verify(token, bearer(ada.session))).toMatchObject({
      status: 422,
      body: { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' },
    });
  }
  expect(await emailOf(ada)).toBe(ada.email);
});

test('the current address, an invalid one and one that is too long are refused', async () => {
  const ada = await join();
  expect(await change(ada, ada.email.toUpperCase())).toMatchObject({ status: 400, body: { code: 'EMAIL_UNCHANGED' } });
  for (const wrong of ['nobody', `${'x'.repeat(250)}@example.org`, 'a@b.example, c@d.example']) {
    expect(await change(ada, wrong)).toMatchObject({ status: 400, body: { code: 'VALIDATION_ERROR' } });
  }
  expect((await ask('change-email', { newEmail: newAddress(), password })).status).toBe(401);
});

test('the log has neither addresses nor links', () => {
  const text = JSON.stringify(log);
  for (const { to, token } of smtp.mails) {
    expect(text).not.toContain(to);
    if (token !== undefined) expect(text).not.toContain(token);
  }
});
