import { expect, test } from 'vitest';
import { openFixture, password } from '../fixture.ts';
import { openMailbox } from '../mailbox.ts';
import { desktop, openDevice } from '../steps.ts';
import { openClient } from './people.ts';

const mailbox = await openMailbox();
const fixture = await openFixture(mailbox.settings);
const { openApp, signUp, openSecondWindow, server } = fixture;

/** A zone whose date is not that of UTC at the moment. */
function findOtherDay(): { zone: string; city: string } {
  const isLate = new Date().getUTCHours() >= 10;
  return isLate ? { zone: 'Pacific/Kiritimati', city: 'Kiritimati' } : { zone: 'Pacific/Pago_Pago', city: 'Pago Pago' };
}

const toDay = (timeZone: string) =>
  new RegExp(String.raw`\b${new Intl.DateTimeFormat('en', { timeZone, day: 'numeric' }).format()}\b`);

test('the time zone of the settings decides which day is today, in all windows', async () => {
  const page = await openApp({ ...desktop, timezoneId: 'UTC' });
  const client = await openClient(fixture, await signUp(page));
  const { zone, city } = findOtherDay();
  const today = await openSecondWindow(page, '/today');
  const readDay = () => today.locator('.screen-header .muted').textContent();
  await expect.poll(readDay).toMatch(toDay('UTC'));
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Change time zone' }).click();
  await page.getByRole('combobox', { name: 'Time zone' }).fill(city);
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await client.user.me()).timeZone).toBe(zone);
  await page.getByRole('link', { name: 'Today' }).click();
  await expect.poll(() => page.locator('.screen-header .muted').textContent()).toMatch(toDay(zone));
  await expect.poll(readDay).toMatch(toDay(zone));
});

test('a window to which the user returns shows the name that another device has set', async () => {
  const page = await openApp(desktop);
  const client = await openClient(fixture, await signUp(page));
  const name = page.getByTitle('Your account').and(page.getByRole('button'));
  await expect.poll(() => name.innerText()).toContain('Ada');
  await client.user.update({ name: 'Grace' });
  await page.clock.setFixedTime(Date.now() + 5 * 60_000);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await expect.poll(() => name.innerText()).toContain('Grace');
});

test('the link of a mail confirms a new email address, with which the user then signs in', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  const email = 'new@example.org';
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('Not confirmed yet.').waitFor();
  await page.getByRole('button', { name: 'Change email' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New email address').fill(email);
  await dialog.getByLabel('Current password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Send link' }).click();
  await page.getByText(`A mail is on its way to ${email}.`).waitFor();
  await page.goto(server.origin + (await mailbox.untilLink(email, '/verify-email')));
  await page.getByText(`${email} is confirmed.`).waitFor();
  const other = await openDevice(fixture, { name: 'Ada', email }, desktop);
  await expect.poll(() => other.title()).toBe('Inbox · Holdfast');
});
