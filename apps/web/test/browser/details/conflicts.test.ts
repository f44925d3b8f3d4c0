import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { findRow } from '../list/tasks.ts';
import { addTasks, desktop, openDevice } from '../steps.ts';
import { descriptionField, openTask, titleField } from './steps.ts';

const fixture = await openFixture();
const { openApp, signUp, setOffline, allow } = fixture;

async function write(page: Page, text: string): Promise<void> {
  await descriptionField(page).fill(text);
  await descriptionField(page).press('Control+Enter');
}

/** Two devices of a user with the same task open. */
async function openTwoDevices(): Promise<[Page, Page]> {
  const one = await openApp(desktop);
  const account = await signUp(one);
  await addTasks(one, 'Buy milk');
  const other = await openDevice(fixture, account);
  await openTask(one, 'Buy milk');
  await openTask(other, 'Buy milk');
  await write(one, 'Two litres of milk');
  await expect.poll(() => descriptionField(other).inputValue()).toBe('Two litres of milk');
  return [one, other];
}

/** Both devices change the description, and the server refuses the change of the first one. */
async function refuse(one: Page, other: Page): Promise<void> {
  await setOffline(one, true);
  await write(one, 'Four litres of milk');
  const arrival = other.waitForResponse((response) => response.url().includes('task.update'));
  await write(other, 'Two litres of oat milk');
  await arrival;
  // The browser reports the response in its console.
  allow(/status of 409/);
  await setOffline(one, false);
  await findRow(one, 'Buy milk').getByText('Needs your decision').waitFor();
  await one.getByRole('button', { name: '1 change needs your decision' }).click();
  const dialog = one.getByRole('dialog', { name: 'Changes that need your decision' });
  await dialog.getByText('Four litres of milk').waitFor();
  await dialog.getByText('Two litres of oat milk').waitFor();
}

test('a change of another device does not replace what the user types, and the user chooses one of the two', async () => {
  const [one, other] = await openTwoDevices();
  await descriptionField(one).fill('Two litres of oat milk');
  await write(other, 'Three litres of milk');
  await one.getByText('Another device changed this description:').waitFor();
  expect(await descriptionField(one).inputValue()).toBe('Two litres of oat milk');
  await one.getByRole('button', { name: 'Keep mine' }).click();
  await expect.poll(() => descriptionField(other).inputValue()).toBe('Two litres of oat milk');

  await descriptionField(one).fill('Five litres');
  await write(other, 'Six litres');
  await one.getByRole('button', { name: 'Keep theirs' }).click();
  expect(await descriptionField(one).inputValue()).toBe('Six litres');
});

test('a user who leaves before a choice between two descriptions loses neither of them', async () => {
  const [one, other] = await openTwoDevices();
  await descriptionField(one).fill('Two litres of oat milk');
  await write(other, 'Three litres of milk');
  await one.getByText('Another device changed this description:').waitFor();
  await one.getByRole('link', { name: 'Today' }).click();
  const expected = 'Two litres of oat milk\n\n— Version of another device —\n\nThree litres of milk';
  await expect.poll(() => descriptionField(other).inputValue()).toBe(expected);
});

test('a title that another device changes during typing is shown, and is not lost', async () => {
  const [one, other] = await openTwoDevices();
  const title = titleField(one);
  await title.fill('Buy oat milk');
  await titleField(other).fill('Buy bread');
  await other.keyboard.press('Enter');
  await one.getByText('Another device changed this title:').waitFor();
  expect(await title.inputValue()).toBe('Buy oat milk');
  await one.getByRole('button', { name: 'Keep theirs' }).click();
  expect(await title.inputValue()).toBe('Buy bread');
});

test('a refused description is shown beside that of the other device, and “Keep mine” sends it', async () => {
  const [one, other] = await openTwoDevices();
  await refuse(one, other);
  await one.getByRole('button', { name: 'Keep mine' }).click();
  await one.getByText('All changes are settled.').waitFor();
  await expect.poll(() => descriptionField(other).inputValue()).toBe('Four litres of milk');
});

test('“Keep theirs” takes a refused description back', async () => {
  const [one, other] = await openTwoDevices();
  await refuse(one, other);
  await one.getByRole('button', { name: 'Keep theirs' }).click();
  await one.getByText('All changes are settled.').waitFor();
  await one.keyboard.press('Escape');
  await expect.poll(() => descriptionField(one).inputValue()).toBe('Two litres of oat milk');
});

test('a refused description is edited and saved in the dialog', async () => {
  const [one, other] = await openTwoDevices();
  await refuse(one, other);
  await one.getByRole('button', { name: 'Edit and save' }).click();
  await one.getByLabel('Your text').fill('Four litres of oat milk');
  await one.getByRole('button', { name: 'Save this text' }).click();
  await expect.poll(() => descriptionField(other).inputValue()).toBe('Four litres of oat milk');
});
