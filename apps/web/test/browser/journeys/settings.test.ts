import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from '../fixture.ts';
import { startTasks } from './action-steps.ts';
import { desktop, openClient, openDevice, readAll, signIn } from './people.ts';

const fixture = await openFixture();
const { openApp, signUp, openSecondWindow, allow, server } = fixture;

const openSettings = async (page: Page) => {
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
};

test('a new name is shown in all windows, and a blank one is refused', async () => {
  const page = await openApp(desktop);
  const client = await openClient(fixture, await signUp(page));
  const other = await openSecondWindow(page, '/inbox');
  await openSettings(page);
  const field = page.getByRole('textbox', { name: 'Name' });
  await field.fill('  ');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Enter your name.').waitFor();
  await field.fill('Grace');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', { name: 'Grace' }).waitFor();
  expect(await client.user.me()).toMatchObject({ name: 'Grace' });
  await other.reload();
  await other.getByRole('button', { name: 'Grace' }).waitFor();
});

/** A zone whose date is not that of UTC at the moment. */
function findOtherDay(): { zone: string; city: string } {
  const isLate = new Date().getUTCHours() >= 10;
  return isLate ? { zone: 'Pacific/Kiritimati', city: 'Kiritimati' } : { zone: 'Pacific/Pago_Pago', city: 'Pago Pago' };
}

test('the time zone of the settings decides which day is today', async () => {
  const page = await openApp({ ...desktop, timezoneId: 'UTC' });
  const client = await openClient(fixture, await signUp(page));
  const { zone, city } = findOtherDay();
  const today = await openSecondWindow(page, '/today');
  const readDay = () => today.locator('.screen-header .muted').textContent();
  const toDay = (timeZone: string) => new Intl.DateTimeFormat('en', { timeZone, day: 'numeric' }).format();
  await expect.poll(readDay).toMatch(new RegExp(`\\b${toDay('UTC')}\\b`));
  await openSettings(page);
  await page.getByRole('button', { name: 'Change time zone' }).click();
  await page.getByRole('combobox', { name: 'Time zone' }).fill(city);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await client.user.me()).timeZone).toBe(zone);
  await page.getByRole('link', { name: 'Today' }).click();
  const here = page.locator('.screen-header .muted');
  await expect.poll(() => here.textContent()).toMatch(new RegExp(`\\b${toDay(zone)}\\b`));
  await today.reload();
  await expect.poll(readDay).toMatch(new RegExp(`\\b${toDay(zone)}\\b`));
});

test('the theme of the settings stays after a reload, also before the app has started', async () => {
  const page = await openApp({ ...desktop, colorScheme: 'light' });
  await signUp(page);
  await openSettings(page);
  const readColor = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await readColor();
  await page.getByText('Dark', { exact: true }).click();
  await expect.poll(readColor).not.toBe(light);
  const dark = await readColor();
  await page.reload();
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  expect(await readColor()).toBe(dark);
  expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true);
});

test('a new password ends the other sessions, and only the new one signs in', async () => {
  const page = await openApp(desktop);
  const account = await signUp(page);
  const other = await openDevice(fixture, account);
  await openSettings(page);
  allow(/status of 4\d\d/);
  const change = async (current: string) => {
    await page.getByLabel('Current password', { exact: true }).fill(current);
    await page.getByLabel('New password', { exact: true }).fill('a new secret');
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await change('wrong password');
  const field = page.getByLabel('Current password', { exact: true });
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  await change(password);
  await page.getByText('Your password is changed.').waitFor();
  await other.getByText('Your session has ended. Sign in again to go on.').waitFor();
  await signIn(other, account);
  await other.locator('.form-problem:not([hidden]), .field-problem').first().waitFor();
  await signIn(other, account, 'a new secret');
  await other.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
  expect(await page.getByRole('heading', { name: 'Settings', level: 1 }).isVisible()).toBe(true);
});

test('the exported file has all records, and another account imports them once', async () => {
  const page = await openApp(desktop);
  const client = await openClient(fixture, await signUp(page));
  await startTasks(client);
  await openSettings(page);
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  await page.getByText('7 records are in the file.').waitFor();
  const path = await file.path();
  const { lists, tasks } = JSON.parse(await readFile(path, 'utf8')) as { lists: object[]; tasks: object[] };
  expect([lists.length, tasks.length]).toEqual([2, 5]);

  const next = await openApp(desktop);
  const nextClient = await openClient(fixture, await signUp(next));
  await openSettings(next);
  const importFile = () => next.locator('input[type=file]').setInputFiles(path);
  await importFile();
  await next.getByText('7 records are new, 0 were here already.').waitFor();
  await importFile();
  await next.getByText('0 records are new, 7 were here already.').waitFor();
  const toContent = async (of: typeof client) => {
    const { lists, tasks } = await readAll(of);
    return [
      lists.map(({ id, name, color, position }) => ({ id, name, color, position })),
      tasks.map(({ version: _, updatedAt: __, ...content }) => content),
    ];
  };
  expect(await toContent(nextClient)).toEqual(await toContent(client));
  await next.getByRole('link', { name: 'Garden' }).waitFor();
  await next
    .locator('input[type=file]')
    .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('[]') });
  await next.getByText('This file is not an export of Holdfast. Choose another one.').waitFor();
});

test('an account is deleted with its password only, and its tasks leave the device', async () => {
  const page = await openApp(desktop);
  const account = await signUp(page);
  await openClient(fixture, account);
  await openSettings(page);
  await page.getByRole('button', { name: 'Delete account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  expect(await confirm.isDisabled()).toBe(true);
  await dialog.getByRole('checkbox').check();
  await dialog.getByLabel('Password', { exact: true }).fill('wrong password');
  allow(/status of 4\d\d/);
  await confirm.click();
  await dialog.locator('.form-problem:not([hidden]), .field-problem').first().waitFor();
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await confirm.click();
  await page.getByText('Your account is deleted.').waitFor();
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  await signIn(page, account);
  await page.locator('.form-problem:not([hidden]), .field-problem').first().waitFor();
  await page.goto(`${server.origin}/inbox`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});
