import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Account, openFixture, password } from './fixture.ts';
import { openDevice, refusedResponse, signIn, untilTitle } from './steps.ts';

const fixture = await openFixture();
const { openApp, signUp, allow } = fixture;

async function openSettings(): Promise<{ page: Page; account: Account }> {
  const page = await openApp();
  const account = await signUp(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  await untilTitle(page, 'Settings');
  return { page, account };
}

/** Fills in the sign-in form in a new profile. */
async function signInElsewhere(account: Account, secret: string): Promise<Page> {
  const page = await openApp({ path: '/sign-in' });
  await signIn(page, account, secret);
  return page;
}

test('a saved name is in the sidebar at once, and a blank one is refused beside its field', async () => {
  const { page } = await openSettings();
  const section = page.getByRole('region', { name: 'Profile' });
  await section.getByLabel('Name').fill('  ');
  await section.getByRole('button', { name: 'Save' }).click();
  await section.getByText('Enter your name.').waitFor();
  await section.getByLabel('Name').fill('Ada Lovelace');
  await section.getByRole('button', { name: 'Save' }).click();
  await section.getByText('Saved.').waitFor();
  await expect.poll(() => page.getByRole('button', { name: 'Ada Lovelace' }).isVisible()).toBe(true);
});

test('the time zone is found by a part of its name with the keyboard, and can be that of the device again', async () => {
  const { page } = await openSettings();
  const change = page.getByRole('button', { name: 'Change time zone' });
  await change.press('Enter');
  const field = page.getByRole('combobox', { name: 'Time zone' });
  await expect.poll(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.type('new york');
  await page.getByRole('option', { name: 'America / New York' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.settings-value').getByText('America / New York').waitFor();
  await expect.poll(() => change.evaluate((element) => element === document.activeElement)).toBe(true);
  await change.press('Enter');
  await page.getByRole('option', { name: 'Like this device' }).click();
  await expect.poll(() => page.locator('.settings-value').getByText('Like this device').isVisible()).toBe(true);
});

test('a chosen theme is used at once and after a reload', async () => {
  const { page } = await openSettings();
  const readScheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  expect(await readScheme()).toBe('light dark');
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await readScheme()).toBe('dark');
  await page.reload();
  await untilTitle(page, 'Settings');
  expect(await readScheme()).toBe('dark');
});

test('a new password needs the current one and signs out the other devices', async () => {
  const { page, account } = await openSettings();
  const other = await openDevice(fixture, account);
  allow(refusedResponse);
  const section = page.getByRole('region', { name: 'Password' });
  await section.getByLabel('Current password').fill('a wrong password');
  await section.getByLabel('New password').fill('another horse');
  await section.getByRole('button', { name: 'Change password' }).click();
  await section.locator('.field-problem').getByText('The password is wrong.').waitFor();
  await section.getByLabel('Current password').fill(password);
  await section.getByRole('button', { name: 'Change password' }).click();
  await section.getByText('Your password is changed.').waitFor();
  await other.getByText('Your session has ended.').waitFor();
  const later = await signInElsewhere(account, 'another horse');
  await expect.poll(() => later.getByRole('heading', { level: 1, name: 'Inbox' }).isVisible()).toBe(true);
});

test('the list of devices ends the session of another one', async () => {
  const { page, account } = await openSettings();
  const other = await openDevice(fixture, account);
  await page.reload();
  const section = page.getByRole('region', { name: 'Devices' });
  await section.getByText('This device').waitFor();
  allow(refusedResponse);
  await section.getByRole('button', { name: /^Sign out (?!all)/ }).click();
  await expect.poll(() => other.getByText('Your session has ended.').isVisible()).toBe(true);
  await expect.poll(() => section.getByRole('listitem').count()).toBe(1);
});

test('an exported file brings the tasks into another account, and a second import changes nothing', async () => {
  const { page } = await openSettings();
  await page.keyboard.press('q');
  await page.locator('dialog [data-quick-add]').fill('Write a letter');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.getByText('Write a letter').first().waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  const section = page.getByRole('region', { name: 'Your data' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    section.getByRole('button', { name: 'Export' }).click(),
  ]);
  await section.getByText('1 record is in the file.').waitFor();
  const content = await readFile(await download.path());
  expect(download.suggestedFilename()).toMatch(/^holdfast-\d{4}-\d\d-\d\d\.json$/);

  const { page: target } = await openSettings();
  const own = target.getByRole('region', { name: 'Your data' });
  const importFile = (buffer: Buffer) =>
    own.locator('input[type=file]').setInputFiles({ name: 'export.json', mimeType: 'application/json', buffer });
  await importFile(Buffer.from('{"tasks":"none"}'));
  await own.getByText('This file is not an export of Holdfast.').waitFor();
  await importFile(content);
  await own.getByText('1 new, 0 unchanged.').waitFor();
  await importFile(content);
  await own.getByText('0 new, 1 unchanged.').waitFor();
  await target.getByRole('link', { name: 'Inbox' }).click();
  await target.getByText('Write a letter').first().waitFor();
});

test('the account is deleted with its password and a check mark, and no sign-in is possible after it', async () => {
  const { page, account } = await openSettings();
  await page.getByRole('button', { name: 'Delete account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  const last = dialog.getByRole('button', { name: 'Delete for good' });
  expect(await last.isDisabled()).toBe(true);
  await dialog.getByLabel('I understand that this is final.').check();
  allow(refusedResponse);
  await dialog.getByLabel('Password', { exact: true }).fill('a wrong password');
  await last.click();
  await dialog.locator('.field-problem').waitFor();
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await last.click();
  await page.getByText('Your account is deleted.').waitFor();
  const later = await signInElsewhere(account, password);
  await later
    .getByRole('alert')
    .getByText(/password/i)
    .waitFor();
});
