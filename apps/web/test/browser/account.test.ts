import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';
import { openMailbox } from './mailbox.ts';
import { addTasks, refusedResponse, signIn, signOut, startSignOut, untilTitle } from './steps.ts';

const mailbox = await openMailbox();
const { openApp, openSecondWindow, server, setOffline, signUp, allow } = await openFixture(mailbox.settings);

const findPassword = (page: Page) => page.getByLabel('Password', { exact: true });

test('each problem of the form is beside its field, and the first such field has the focus', async () => {
  const page = await openApp({ path: '/sign-up' });
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Email').fill('ada');
  await findPassword(page).fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('Enter an address such as ada@example.com.').waitFor();
  await page.getByText('Use at least 8 characters.').waitFor();
  const email = page.getByLabel('Email');
  expect(await email.getAttribute('aria-invalid')).toBe('true');
  expect(await email.evaluate((field) => field === document.activeElement)).toBe(true);
});

test('an email address that has an account is refused beside its field', async () => {
  const page = await openApp();
  const { email } = await signUp(page);
  const other = await openApp({ path: '/sign-up' });
  allow(refusedResponse);
  await other.getByLabel('Name').fill('Eve');
  await other.getByLabel('Email').fill(email);
  await findPassword(other).fill(password);
  await other.getByRole('button', { name: 'Create account' }).click();
  await expect
    .poll(() => other.locator('.field-problem').getByText('This email address has an account.').isVisible())
    .toBe(true);
});

test('a wrong password is refused, and the characters of a password can be shown', async () => {
  const page = await openApp();
  const account = await signUp(page);
  await signOut(page);
  allow(refusedResponse);
  await signIn(page, account, 'a wrong password');
  await page
    .getByRole('alert')
    .getByText(/password/i)
    .waitFor();
  await page.getByRole('button', { name: 'Show characters' }).click();
  expect(await findPassword(page).getAttribute('type')).toBe('text');
});

test('a sign-in leads to the wanted page, and never to another site', async () => {
  const page = await openApp();
  const account = await signUp(page);
  const other = await openApp({ path: '/today' });
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(new URL(other.url()).search).toBe('?next=%2Ftoday');
  await signIn(other, account);
  await untilTitle(other, 'Today');
  for (const next of ['//other.test/', 'https://other.test/', String.raw`/\other.test`, '/sign-in']) {
    const guest = await openApp({ path: `/sign-in?next=${encodeURIComponent(next)}` });
    await signIn(guest, account);
    await untilTitle(guest, 'Inbox');
    expect(guest.url()).toBe(`${server.origin}/inbox`);
  }
});

test('a new account has the time zone of the device', async () => {
  const page = await openApp({ timezoneId: 'Asia/Tokyo' });
  await signUp(page);
  const stored = () => page.evaluate(() => JSON.parse(localStorage.getItem('holdfast profile') ?? '{}') as object);
  await expect.poll(stored).toMatchObject({ user: { timeZone: 'Asia/Tokyo' } });
});

test('a session that another device ends leads to the sign-in, and unsent changes arrive after it', async () => {
  const page = await openApp();
  const account = await signUp(page);
  const other = await openApp({ path: '/sign-in' });
  await signIn(other, account);
  await other.getByRole('heading', { name: 'Inbox' }).waitFor();
  await setOffline(page, true);
  await addTasks(page, 'Written offline');
  await page.getByText('1 change is not sent yet.').waitFor();
  await other.getByRole('link', { name: 'Settings' }).click();
  await other.getByRole('button', { name: 'Sign out all others' }).click();
  await other.getByRole('button', { name: 'Sign out all others' }).waitFor({ state: 'detached' });
  allow(refusedResponse);
  await setOffline(page, false);
  await page.getByText('Your session has ended.').waitFor();
  await page.getByText('1 unsent change waits on this device.').waitFor();
  await signIn(page, account);
  await page.getByText('Written offline').waitFor();
  await other.getByRole('link', { name: 'Inbox' }).click();
  await expect.poll(() => other.getByText('Written offline').isVisible()).toBe(true);
});

test('a sign-out with unsent changes warns, and one of another tab signs out this tab too', async () => {
  const page = await openApp();
  await signUp(page);
  await setOffline(page, true);
  await addTasks(page, 'Not sent');
  await startSignOut(page);
  await page.getByText('1 change is not on the server yet.').waitFor();
  await page.getByRole('button', { name: 'Stay signed in' }).click();
  await setOffline(page, false);
  await page.getByText('1 change is not sent yet.').waitFor({ state: 'detached' });
  const second = await openSecondWindow(page, '/today');
  await untilTitle(second, 'Today');
  await signOut(page);
  await expect.poll(() => second.getByRole('heading', { name: 'Sign in' }).isVisible()).toBe(true);
});

test('a forgotten password is replaced with the link of a mail, which works once', async () => {
  const page = await openApp();
  const account = await signUp(page);
  await signOut(page);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email').fill(account.email);
  await page.getByRole('button', { name: 'Send link' }).click();
  await page.getByText('a mail is on its way').waitFor();
  const link = await mailbox.untilLink(account.email, '/reset-password');
  await page.goto(server.origin + link);
  await page.getByLabel('New password').fill('another horse');
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByText('Your password is changed.').waitFor();
  await page.getByRole('link', { name: 'Back to sign in' }).click();
  await signIn(page, account, 'another horse');
  await untilTitle(page, 'Inbox');
  allow(refusedResponse);
  await page.goto(server.origin + link);
  await page.getByLabel('New password').fill('a third horse');
  await page.getByRole('button', { name: 'Save password' }).click();
  await expect.poll(() => page.getByRole('alert').getByText('The link is used').isVisible()).toBe(true);
});

test('the link of a mail confirms the email address', async () => {
  const page = await openApp();
  const { email } = await signUp(page);
  const link = await mailbox.untilLink(email, '/verify-email');
  await page.goto(server.origin + link);
  await expect.poll(() => page.getByText(`${email} is confirmed.`).isVisible()).toBe(true);
});

test('after a link that does not confirm an email address, one click leads to another one', async () => {
  const page = await openApp();
  await signUp(page);
  allow(refusedResponse);
  await page.goto(`${server.origin}/verify-email?token=wrong`);
  await page.getByText('The link is used, has expired or is not valid.').waitFor();
  await page.getByRole('link', { name: 'Request another link in the settings' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Send again' }).isVisible()).toBe(true);
});
