import { expect, test } from 'vitest';
import { openFixture } from './fixture.ts';

const { openApp, server, signUp } = await openFixture();

test('a user creates the URL of the calendar, copies it, opens it in the browser, and revokes it', async () => {
  const page = await openApp();
  await signUp(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('link', { name: 'Settings' }).click();
  const section = page.getByRole('region', { name: 'Calendar' });
  await section.getByText('There is no URL.').waitFor();
  await section.getByRole('button', { name: 'New URL' }).click();
  const dialog = page.getByRole('dialog', { name: 'URL of your calendar' });
  const url = await dialog.getByLabel('URL', { exact: true }).inputValue();
  expect(url).toMatch(/^http:\/\/app\.test:\d+\/calendar\/[\w-]{54}\.ics$/);
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByText('Copied.').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await section.getByText('There is a URL since').waitFor();
  expect(await page.content()).not.toContain(url);
  // As with a link: neither the app nor its service worker takes the path for a page.
  const read = () => page.evaluate(async (at) => (await fetch(at, { headers: { accept: 'text/html' } })).text(), url);
  expect(await read()).toMatch(/^BEGIN:VCALENDAR/);
  await section.getByRole('button', { name: 'Revoke' }).click();
  await section.getByText('There is no URL.').waitFor();
  expect((await fetch(server.url + new URL(url).pathname)).status).toBe(404);
});
