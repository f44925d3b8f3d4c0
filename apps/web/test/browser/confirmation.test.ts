import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';
import { openMailbox } from './mailbox.ts';
import { refusedResponse, signIn, untilTitle } from './steps.ts';

const mailbox = await openMailbox();
const { openApp, openSecondWindow, allow } = await openFixture({ ...mailbox.settings, SIGN_UP_CONFIRMATION: 'true' });

const newEmail = () => `${crypto.randomUUID()}@example.org`;

/** Fills in the form for a new account, and waits for the request to look into the mail. */
async function signUp(page: Page, email: string, secret = password): Promise<void> {
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Create account' }).click();
  await untilTitle(page, 'Look into your mail');
  await page.getByText(`A mail is on its way to ${email}.`).waitFor();
}

test('if accounts are confirmed by mail, a new user opens the link, comes back and is signed in', async () => {
  const page = await openApp({ path: '/sign-up?next=%2Ftoday' });
  const email = newEmail();
  allow(refusedResponse);
  await signUp(page, email);
  await page.getByRole('button', { name: 'I have opened the link' }).click();
  await page.getByRole('alert').getByText('the address is not confirmed').waitFor();
  await page.getByRole('button', { name: 'Send the mail again' }).click();
  await page.getByText('Another mail is on its way.').waitFor();
  const other = await openSecondWindow(page, await mailbox.untilLink(email, '/verify-email'));
  await other.getByText(`${email} is confirmed.`).waitFor();
  await page.getByRole('button', { name: 'I have opened the link' }).click();
  await untilTitle(page, 'Today');
  expect(new URL(page.url()).pathname).toBe('/today');
});

test('if accounts are confirmed by mail, an address that has an account looks like a new one, and its owner gets a link to sign in', async () => {
  const page = await openApp({ path: '/sign-up' });
  const email = newEmail();
  allow(refusedResponse);
  await signUp(page, email);
  const link = await openSecondWindow(page, await mailbox.untilLink(email, '/verify-email'));
  await link.getByText(`${email} is confirmed.`).waitFor();
  const eve = await openApp({ path: '/sign-up' });
  await signUp(eve, email, 'password of eve');
  await eve.getByRole('button', { name: 'I have opened the link' }).click();
  await eve.getByRole('alert').getByText('Wrong email address or password').waitFor();
  await eve.getByRole('button', { name: 'Use another email address' }).click();
  await untilTitle(eve, 'Create account');
  const owner = await openApp({ path: await mailbox.untilLink(email, '/sign-in') });
  await signIn(owner, { name: 'Ada', email });
  await untilTitle(owner, 'Inbox');
  expect(new URL(owner.url()).pathname).toBe('/inbox');
});
