import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { findRow } from '../list/tasks.ts';
import { addTasks, desktop, openDevice, signIn, signOut } from '../steps.ts';
import { openClient, readTitles } from './people.ts';

const fixture = await openFixture();
const { openApp, signUp, setOffline, allow } = fixture;

test('a session that another device ends leads to the sign-in, and its unsent work waits for the same user', async () => {
  const page = await openApp(desktop);
  const account = await signUp(page);
  const settings = await openDevice(fixture, account, { ...desktop, path: '/settings' });
  const client = await openClient(fixture, account);
  await addTasks(page, 'Sent before');
  await expect.poll(() => readTitles(client)).toEqual(['Sent before']);
  await setOffline(page, true);
  await addTasks(page, 'Not sent yet');
  await page.getByText('1 change is not sent yet.').waitFor();
  allow(/status of 401/);
  await settings.getByRole('button', { name: 'Sign out all others' }).click();
  await settings.getByRole('button', { name: 'Sign out all others' }).waitFor({ state: 'detached' });
  await setOffline(page, false);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page
    .getByText('Your session has ended. Sign in again to go on. 1 unsent change waits on this device.')
    .waitFor();

  // Another user of the same browser neither sees nor sends it.
  const other = await signUp(page);
  await page.locator('.empty').waitFor();
  await addTasks(page, 'Of the other user');
  const otherClient = await openClient(fixture, other);
  await expect.poll(() => readTitles(otherClient)).toEqual(['Of the other user']);
  await signOut(page);

  await signIn(page, account);
  await findRow(page, 'Not sent yet').waitFor();
  const again = await openClient(fixture, account);
  await expect.poll(() => readTitles(again)).toEqual(['Not sent yet', 'Sent before']);
  expect(await readTitles(otherClient)).toEqual(['Of the other user']);
  await expect.poll(() => page.locator('.status-lines').textContent()).toBe('');
  await expect(client.task.list()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});
