import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { addTasks, desktop } from '../steps.ts';
import { descriptionField, openPalette, openTask } from './steps.ts';

const { openApp, signUp, openSecondWindow } = await openFixture();

test('search finds words without accents in titles, descriptions and labels, and open tasks come first', async () => {
  const page = await openApp();
  await signUp(page);
  await addTasks(page, 'Book a table at the Café Zoë', 'Call Ada', 'Buy stamps');
  await openTask(page, 'Call Ada');
  await descriptionField(page).fill('Ask about the cafe');
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: 'Complete “Book a table at the Café Zoë”' }).click();
  await page.getByRole('link', { name: 'Search' }).click();
  const field = page.getByRole('searchbox', { name: 'Search tasks' });
  await field.waitFor();
  await page.keyboard.type('CAFÉ');
  await page.getByRole('status').getByText('2 tasks found').waitFor();
  const text = await page.locator('#main').innerText();
  expect(text.indexOf('Call Ada')).toBeLessThan(text.indexOf('Book a table'));
  await page.getByLabel('State').selectOption('Completed');
  await page.getByRole('status').getByText('1 task found').waitFor();
  await field.fill('nothing like that');
  await page.locator('.empty').getByText('No task found').waitFor();
});

test('the address has the search, and typing adds no entries to the history', async () => {
  const page = await openApp();
  await signUp(page);
  await addTasks(page, 'Buy milk', 'Buy stamps');
  await page.getByRole('link', { name: 'Search' }).click();
  const field = page.getByRole('searchbox', { name: 'Search tasks' });
  await field.pressSequentially('buy milk');
  await expect.poll(() => new URL(page.url()).search).toBe('?q=buy+milk');
  await page.getByLabel('Date', { exact: true }).selectOption('Without a date');
  const second = await openSecondWindow(page, new URL(page.url()).pathname + new URL(page.url()).search);
  await second.getByRole('status').getByText('1 task found').waitFor();
  expect(await second.getByLabel('Date', { exact: true }).inputValue()).toBe('none');
  await page.goBack();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

test('the command palette opens places, lists and tasks, adds a list, and changes the theme', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'Buy milk');
  await openPalette(page);
  await page.keyboard.type('Garden');
  await page.getByRole('option', { name: 'New list “Garden”' }).click();
  await page.getByRole('heading', { name: 'Garden' }).waitFor();
  await openPalette(page);
  await page.keyboard.type('inbo');
  await page.getByRole('option', { name: /^Inbox/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  await openPalette(page);
  await page.keyboard.type('gard');
  await page.getByRole('option', { name: 'Garden', exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Garden' }).waitFor();
  await openPalette(page);
  await page.keyboard.type('theme dark');
  await page.getByRole('option', { name: 'Theme: dark' }).waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  await openPalette(page);
  await page.keyboard.type('milk');
  await page.getByRole('option', { name: 'Buy milk' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Task' }).waitFor();
});
