import { createClient, isHoldfastError } from '@holdfast/client';
import { createOneTimeCode } from '@holdfast/db/testing';
import { expect, test } from 'vitest';
import { openProfile } from './cookie-jar.ts';
import { errorOf, openProxy, password, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const { url } = proxy;

async function join() {
  const client = createClient({ url });
  const email = `${crypto.randomUUID()}@example.org`;
  const account = await client.signUp({ name: 'Ada', email, password });
  const setup = await client.account.setUpTwoFactor({ password });
  expect(setup.uri).toMatch(/^otpauth:\/\/totp\/Holdfast/);
  await client.account.confirmTwoFactor({ code: createOneTimeCode(setup.secret) });
  expect(await client.account.info()).toMatchObject({ hasTwoFactor: true });
  return { client, account, credentials: { email, password }, ...setup };
}

for (const [kind, open] of Object.entries({
  token: () => createClient({ url }),
  cookie: () => openProfile(proxy).openTab(),
})) {
  test(`with a session as ${kind}, a sign-in fails with a challenge, and the code finishes it`, async () => {
    const { account, credentials, secret, backupCodes } = await join();
    const holdfast = open();
    const error = await errorOf(holdfast.signIn(credentials));
    if (!isHoldfastError(error, 'TWO_FACTOR_REQUIRED')) throw error;
    expect(error.message).toBe('The account needs a code. Enter that of your app.');
    expect(await holdfast.session.isSignedIn()).toBe(false);
    const { challenge } = error;
    const wrong = errorOf(holdfast.confirmSignIn({ challenge, code: '12345' }));
    expect(await wrong).toMatchObject({ code: 'INVALID_CODE' });
    const code = createOneTimeCode(secret).replace(/^.../, '$& ');
    expect(await holdfast.confirmSignIn({ challenge, code })).toEqual(account);
    expect(await holdfast.user.me()).toMatchObject({ id: account.id });
    const used = errorOf(holdfast.confirmSignIn({ challenge, code: backupCodes[0]! }));
    expect(await used).toMatchObject({ code: 'SIGN_IN_EXPIRED' });
  });
}

test('a trusted browser needs no code at the next sign-in', async () => {
  const { account, credentials, secret } = await join();
  const holdfast = openProfile(proxy).openTab();
  const error = await errorOf(holdfast.signIn(credentials));
  if (!isHoldfastError(error, 'TWO_FACTOR_REQUIRED')) throw error;
  const { challenge } = error;
  await holdfast.confirmSignIn({ challenge, code: createOneTimeCode(secret), isTrusted: true });
  await holdfast.signOut();
  expect(await holdfast.signIn(credentials)).toEqual(account);
});

test('a client keeps its session when the second factor is turned on and off', async () => {
  const { client, account, credentials } = await join();
  expect(await client.account.newBackupCodes({ password })).toHaveLength(10);
  expect(await errorOf(client.account.turnOffTwoFactor({ password: 'wrong horse' }))).toMatchObject({
    code: 'INVALID_PASSWORD',
  });
  await client.account.turnOffTwoFactor({ password });
  expect(await client.user.me()).toMatchObject({ id: account.id });
  expect(await createClient({ url }).signIn(credentials)).toEqual(account);
});
