import { createClient, type HoldfastWithSignIn } from '@holdfast/client';
import { openSmtp } from '@holdfast/server/test/account/smtp.ts';
import { expect, test } from 'vitest';
import { toDevice } from '../src/session/device.ts';
import { createPageFetch } from './cookie-jar.ts';
import { createStorage, errorOf, password, startServer } from './fixture.ts';

const smtp = await openSmtp();
const { SMTP_URL, MAIL_FROM } = smtp.env;
const url = await startServer({ SMTP_URL, MAIL_FROM });

/** Waits until the address has so many links, and returns the last one's token. */
async function waitForLink(address: string, count: number): Promise<string> {
  const find = () => smtp.mails.filter(({ to, token }) => to === address && token !== undefined);
  await expect.poll(() => find().length).toBe(count);
  return find().at(-1)!.token!;
}

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

const openFetch = (origin?: string) => createPageFetch({ cookies: new Map(), sent: [], origin, userAgent: firefox });

const kinds = {
  token: () => createClient({ url, fetch: openFetch() }),
  cookie: () => createClient({ url, session: 'cookie', storage: createStorage(), fetch: openFetch(url) }),
} satisfies Record<string, () => HoldfastWithSignIn>;

const newEmail = () => `${crypto.randomUUID()}@example.org`;

for (const [kind, open] of Object.entries(kinds)) {
  const join = async () => {
    const holdfast = open();
    const email = newEmail();
    await holdfast.signUp({ name: 'Ada', email, password });
    return { holdfast, email };
  };

  test(`with a session as ${kind}, a user confirms the email address with a link, once`, async () => {
    const { holdfast, email } = await join();
    expect(await holdfast.account.info()).toMatchObject({
      hasMail: true,
      emailVerified: false,
      providers: [],
      hasPassword: true,
    });
    expect(await open().account.info()).toMatchObject({
      hasMail: true,
      emailVerified: null,
      providers: [],
      hasPassword: null,
    });
    await waitForLink(email, 1);
    await holdfast.account.sendVerification();
    const token = await waitForLink(email, 2);
    expect(await open().account.verifyEmail({ token })).toEqual({ email });
    expect(await holdfast.account.info()).toMatchObject({ hasMail: true, emailVerified: true });
    expect(await errorOf(holdfast.account.verifyEmail({ token }))).toMatchObject({
      code: 'INVALID_LINK',
      message: 'The link is used, has expired or is not valid. Request another one.',
      isRetryable: true,
    });
  });

  test(`with a session as ${kind}, a user who forgot the password sets a new one with a link`, async () => {
    const { holdfast, email } = await join();
    await waitForLink(email, 1);
    await open().account.requestPasswordReset({ email });
    const token = await waitForLink(email, 2);
    const short = await errorOf(open().account.resetPassword({ token, password: 'short' }));
    expect(short).toMatchObject({ code: 'PASSWORD_TOO_SHORT' });
    await open().account.resetPassword({ token, password: 'a new password' });
    expect(await errorOf(holdfast.account.sessions())).toMatchObject({ code: 'UNAUTHORIZED' });
    const again = open();
    await again.signIn({ email, password: 'a new password' });
    expect(await again.user.me()).toMatchObject({ email });
  });

  test(`with a session as ${kind}, a changed password ends the other sessions, and not this one`, async () => {
    const { holdfast, email } = await join();
    const other = open();
    await other.signIn({ email, password });
    const wrong = await errorOf(holdfast.account.changePassword({ current: 'wrong password', next: 'a new password' }));
    expect(wrong).toMatchObject({ code: 'INVALID_PASSWORD' });
    await holdfast.account.changePassword({ current: password, next: 'a new password' });
    expect(await holdfast.account.sessions()).toHaveLength(1);
    expect(await errorOf(other.account.sessions())).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test(`with a session as ${kind}, only the signed-in user completes a change of the email address`, async () => {
    const { holdfast, email } = await join();
    const next = newEmail();
    const refused = await errorOf(holdfast.account.changeEmail({ email: next, password: 'wrong password' }));
    expect(refused).toMatchObject({ code: 'INVALID_PASSWORD' });
    expect(await errorOf(holdfast.account.changeEmail({ email: 'nobody', password }))).toMatchObject({
      code: 'INVALID_EMAIL',
    });
    await holdfast.account.changeEmail({ email: next, password });
    const token = await waitForLink(next, 1);
    expect(await errorOf(open().account.verifyEmail({ token }))).toMatchObject({ code: 'UNAUTHORIZED' });
    const { holdfast: stranger } = await join();
    expect(await errorOf(stranger.account.verifyEmail({ token }))).toMatchObject({
      code: 'FORBIDDEN',
      message: 'The link belongs to another account. Sign in to that account first.',
    });
    expect(await holdfast.user.me()).toMatchObject({ email });
    expect(await holdfast.account.verifyEmail({ token })).toEqual({ email: next });
    expect(await holdfast.user.me()).toMatchObject({ email: next });
  });

  test(`with a session as ${kind}, a user lists the sessions and ends one of them, or all others`, async () => {
    const { holdfast, email } = await join();
    const others = [open(), open(), open()];
    for (const other of others) await other.signIn({ email, password });
    const sessions = await holdfast.account.sessions();
    expect(sessions).toHaveLength(4);
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(sessions.filter(({ isCurrent }) => isCurrent)).toEqual([
      {
        id: expect.any(String),
        device: 'Firefox on Linux',
        createdAt: time,
        lastUsedAt: time,
        expiresAt: time,
        isCurrent: true,
      },
    ]);
    const own = (await others[0]!.account.sessions()).find(({ isCurrent }) => isCurrent);
    await holdfast.account.endSession({ id: own!.id });
    expect(await errorOf(others[0]!.account.sessions())).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await others[1]!.account.sessions()).toHaveLength(3);
    await holdfast.account.endOtherSessions();
    expect(await errorOf(others[1]!.account.sessions())).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await holdfast.account.sessions()).toHaveLength(1);
  });
}

test('the code of a server that sends no mail is MAIL_OFF', async () => {
  const production = await startServer({ NODE_ENV: 'production' });
  const holdfast = createClient({ url: production });
  expect(await holdfast.account.info()).toMatchObject({ hasMail: false, emailVerified: null });
  expect(await errorOf(holdfast.account.requestPasswordReset({ email: newEmail() }))).toMatchObject({
    code: 'MAIL_OFF',
    message: 'This server sends no mail. Ask its operator for help.',
  });
});

test.each([
  [firefox, 'Firefox on Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Chrome on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1',
    'Chrome on iPhone',
  ],
  [
    'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
    'Chrome on Android',
  ],
  ['node', null],
  ['', null],
])('the device of the user agent %j is %j', (userAgent, device) => {
  expect(toDevice(userAgent)).toBe(device);
});

for (const [kind, open] of Object.entries(kinds)) {
  test(`with a session as ${kind}, a user creates, lists and ends API tokens, which other clients use`, async () => {
    const holdfast = open();
    const email = newEmail();
    await holdfast.signUp({ name: 'Ada', email, password });
    const { account } = holdfast;
    const read = await account.createToken({ name: 'Reader', scope: 'read', expiresInDays: 7, password });
    const write = await account.createToken({ name: 'Writer', scope: 'write', password });
    expect(read).toMatchObject({ name: 'Reader', scope: 'read', lastUsedAt: null, expiresAt: expect.any(String) });
    const [reader, writer] = [read, write].map(({ token }) => createClient({ url, getToken: () => token })) as [
      ReturnType<typeof createClient>,
      ReturnType<typeof createClient>,
    ];
    const task = await writer.task.create({ title: 'by a script' });
    expect((await reader.task.list()).items).toEqual([task]);
    expect(await reader.user.me()).toEqual(await holdfast.user.me());
    expect(await errorOf(reader.task.delete({ id: task.id }))).toMatchObject({
      code: 'FORBIDDEN',
      message: 'This token can only read. Use one with the scope write.',
      isRetryable: true,
    });
    expect(await errorOf(writer.user.delete({ password }))).toMatchObject({ code: 'FORBIDDEN' });
    const tokens = await account.tokens();
    expect(tokens.map(({ name }) => name)).toEqual(['Writer', 'Reader']);
    expect(tokens.every(({ lastUsedAt }) => lastUsedAt !== null)).toBe(true);
    await account.endToken({ id: write.id });
    expect(await errorOf(writer.task.list())).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(await account.tokens()).toMatchObject([{ id: read.id }]);
  });
}

test('a page with the cookie needs the password for a token, and names with no text are refused', async () => {
  const holdfast = kinds.cookie();
  await holdfast.signUp({ name: 'Ada', email: newEmail(), password });
  const { account } = holdfast;
  expect(await errorOf(account.createToken({ name: 'x', scope: 'read' }))).toMatchObject({ code: 'INVALID_PASSWORD' });
  expect(await errorOf(account.createToken({ name: ' ', scope: 'read', password }))).toMatchObject({
    code: 'BAD_REQUEST',
  });
  expect(await account.tokens()).toEqual([]);
});

test('if the server confirms accounts by mail, a sign-up has a code that says so, and the user signs in after the link', async () => {
  const confirming = await startServer({ SMTP_URL, MAIL_FROM, SIGN_UP_CONFIRMATION: 'true' });
  const holdfast = createClient({ url: confirming });
  const email = newEmail();
  const refused = errorOf(holdfast.signUp({ name: 'Ada', email, password }));
  expect(await refused).toMatchObject({
    code: 'CONFIRMATION_REQUIRED',
    message: 'This server confirms new accounts by mail. Open the link in the mail.',
  });
  expect(await holdfast.session.isSignedIn()).toBe(false);
  expect(await errorOf(holdfast.signIn({ email, password }))).toMatchObject({ code: 'INVALID_EMAIL_OR_PASSWORD' });
  const token = await waitForLink(email, 2);
  await holdfast.account.verifyEmail({ token });
  expect(await holdfast.signIn({ email, password })).toMatchObject({ email });
});
