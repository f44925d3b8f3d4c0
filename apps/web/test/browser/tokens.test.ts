import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';

const { openApp, server, signUp, allow } = await openFixture();

test('a user creates an API token with the password, sees and copies it once, and revokes it', async () => {
  const page = await openApp();
  await signUp(page);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('link', { name: 'Settings' }).click();
  const section = page.getByRole('region', { name: 'API tokens' });
  await section.getByText('You have no API tokens.').waitFor();
  await section.getByRole('button', { name: 'New token' }).click();
  const dialog = page.getByRole('dialog', { name: 'New API token' });
  await dialog.getByRole('button', { name: 'Create token' }).click();
  await dialog.getByText('Name the token.').waitFor();
  await dialog.getByLabel('Name').fill('Backup script');
  await dialog.getByLabel('Access').selectOption('Read only');
  await dialog.getByLabel('Expires').selectOption('Never');
  allow(/status of 400/);
  await dialog.getByLabel('Password', { exact: true }).fill('wrong password');
  await dialog.getByRole('button', { name: 'Create token' }).click();
  await dialog.getByText('The password is wrong.').waitFor();
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Create token' }).click();
  const token = await dialog.getByLabel('Token').inputValue();
  expect(token).toMatch(/^hf_\w{40}$/);
  await dialog.getByRole('button', { name: 'Copy' }).click();
  await dialog.getByText('Copied.').waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await section.getByText('Read only · Never used').waitFor();
  expect(await page.content()).not.toContain(token);

  const call = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return (await fetch(`${server.url}/trpc/${path}`, { ...init, headers })).status;
  };
  expect(await call('task.list')).toBe(200);
  expect(await call('task.create', { method: 'POST', body: '{"title":"x"}' })).toBe(403);
  await section.getByRole('button', { name: 'Revoke Backup script' }).click();
  await section.getByText('You have no API tokens.').waitFor();
  expect(await call('task.list')).toBe(401);
});
