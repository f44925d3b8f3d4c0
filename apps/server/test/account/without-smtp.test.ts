import { expect, test } from 'vitest';
import { openServer, secret } from '../fixture.ts';
import { bearer, createPeople, subjects } from './fixture.ts';
import { openSmtp } from './smtp.ts';

test('in production without SMTP_URL, routes that need mail say so, and the page can find out', async () => {
  const { url } = await openServer({ NODE_ENV: 'production', AUTH_SECRET: secret });
  const { account, ask, join } = createPeople(url);
  const ada = await join();
  expect(await account()).toMatchObject({ hasMail: false, emailVerified: null });
  const off = { code: 'MAIL_OFF', message: 'This server sends no mail. Ask its operator for help.' };
  for (const [path, body] of [
    ['request-password-reset', { email: ada.email }],
    ['request-password-reset', { email: 'nobody@example.org' }],
    ['send-verification-email', {}],
    ['change-email', { newEmail: 'ada@new.example', password: 'correct horse' }],
  ] as const) {
    expect(await ask(path, body, bearer(ada.session))).toEqual({ status: 400, body: off });
  }
});

test('outside production without SMTP_URL, the log has the link of a requested mail, and no address', async () => {
  const { url, log } = await openServer();
  const { account, ask, canSignIn, join } = createPeople(url);
  const ada = await join();
  expect(await account()).toMatchObject({ hasMail: true });
  await ask('request-password-reset', { email: ada.email });
  const find = () => log.filter(({ msg }) => msg === 'mail (SMTP_URL is not set)');
  await expect.poll(find).toHaveLength(1);
  expect(find()[0]).toMatchObject({ level: 30, subject: expect.stringMatching(subjects.reset) });
  const link = new URL(find()[0]!['link'] as string);
  expect(link.href.startsWith(`${url}/reset-password?token=`)).toBe(true);
  await ask('reset-password', { token: link.searchParams.get('token'), newPassword: 'a new password' });
  expect(await canSignIn(ada.email, 'a new password')).toBe(true);
  expect(JSON.stringify(log)).not.toContain('example.org');
});

test('a server that stops sends the mails that wait', async () => {
  const smtp = await openSmtp();
  const server = await openServer(smtp.env);
  const { ask, join } = createPeople(server.url);
  const people = await Promise.all([join(), join(), join()]);
  for (const { email } of people) expect((await ask('request-password-reset', { email })).status).toBe(200);
  await server.shutdown.close();
  expect(smtp.mails.map(({ to }) => to).toSorted()).toEqual(people.flatMap(({ email }) => [email, email]).toSorted());
  expect(server.log.filter(({ level, msg }) => Number(level) >= 40 && msg !== 'slow statement')).toEqual([]);
});
