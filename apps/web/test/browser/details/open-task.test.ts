import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { addTasks, desktop, openDevice, readFocus } from '../steps.ts';
import { descriptionField, notice, openPalette, openTask, property, titleField } from './steps.ts';

const fixture = await openFixture();
const { openApp, signUp } = fixture;

test('the title, the description and all properties of a task are changed with the mouse', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'Buy milk');
  await openTask(page, 'Buy milk');
  await titleField(page).fill('Buy oat milk');
  await descriptionField(page).fill('Two litres\nand bread');
  await property(page, 'Date').click();
  await page.getByRole('button', { name: 'Tomorrow' }).click();
  await property(page, 'List').click();
  await page.getByRole('combobox', { name: 'Move to' }).fill('Home');
  await page.getByRole('option', { name: 'New list “Home”' }).click();
  await property(page, 'Labels').click();
  await page.getByRole('combobox', { name: 'Labels' }).fill('errands');
  await page.getByRole('option', { name: 'New label “errands”' }).click();
  await page.getByRole('button', { name: 'Done' }).click();
  await property(page, 'Priority').click();
  await page.getByRole('menuitemradio', { name: 'High priority' }).click();
  await page.getByRole('link', { name: 'Home' }).click();
  const row = page.locator('#main');
  await row.getByText('Buy oat milk').waitFor();
  const text = await row.innerText();
  for (const part of ['Tomorrow', '#errands', 'High priority']) expect(text).toContain(part);
});

test('a task is opened, changed and closed with the keyboard only, and the focus returns', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'Write the report');
  const before = await readFocus(page);
  await openPalette(page);
  await page.keyboard.type('report');
  await page.getByRole('option', { name: 'Write the report' }).waitFor();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('region', { name: 'Task' });
  await panel.waitFor();
  await expect.poll(() => readFocus(page)).toBe('Task');
  for (const name of ['Close', 'Complete “Write the report”', 'Title']) {
    await page.keyboard.press('Tab');
    await expect.poll(() => readFocus(page)).toBe(name);
  }
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Write the short report');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Ten pages');
  await page.keyboard.press('Control+Enter');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  await expect.poll(() => readFocus(page)).toBe(before);
  await page.locator('#main').getByText('Write the short report', { exact: true }).waitFor();
});

test('the list beside an open task can be used, and Undo takes back a change of the task', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'First task', 'Second task');
  await openTask(page, 'First task');
  await openTask(page, 'Second task');
  const title = titleField(page);
  await expect.poll(() => title.inputValue()).toBe('Second task');
  await title.fill('Last task');
  await title.press('Enter');
  await notice(page, 'Changed the title of “Second task”').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => title.inputValue()).toBe('Second task');
});

test('what a user types in a description survives a reload without leaving the field', async () => {
  const page = await openApp();
  await signUp(page);
  await addTasks(page, 'Buy milk');
  await openTask(page, 'Buy milk');
  await descriptionField(page).fill('Two litres');
  await page.reload();
  const description = descriptionField(page);
  await expect.poll(() => description.inputValue()).toBe('Two litres');
});

test('the sheet of a phone keeps the focus inside, and the back button closes it', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'Buy milk');
  await page.setViewportSize({ width: 390, height: 780 });
  await openTask(page, 'Buy milk');
  const sheet = page.getByRole('dialog', { name: 'Task' });
  const hasFocus = () => sheet.evaluate((dialog) => dialog.contains(document.activeElement));
  expect(await hasFocus()).toBe(true);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Tab');
  expect(await hasFocus()).toBe(true);
  await page.goBack();
  await sheet.waitFor({ state: 'detached' });
  expect(new URL(page.url()).pathname).toBe('/inbox');
});

test('a task that another device moves to the trash is shown as such, and can be restored', async () => {
  const page = await openApp(desktop);
  const account = await signUp(page);
  await addTasks(page, 'Buy milk');
  const other = await openDevice(fixture, account);
  await openTask(page, 'Buy milk');
  await openTask(other, 'Buy milk');
  await other.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByText('This task is in the trash.').waitFor();
  await page.getByRole('button', { name: 'Restore' }).click();
  await expect.poll(() => other.locator('#main').getByText('Buy milk', { exact: true }).count()).toBe(1);
});
