import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { createTasks } from '../list/tasks.ts';
import { addTasks, desktop, readFocus } from '../steps.ts';
import { notice, openTask, property } from './steps.ts';

const { openApp, signUp } = await openFixture();

const inBerlin = { ...desktop, locale: 'en-GB', timezoneId: 'Europe/Berlin' };

test('a date in words, with a time, is set with the keyboard', async () => {
  const page = await openApp(inBerlin);
  await signUp(page);
  await addTasks(page, 'Call Ada');
  await openTask(page, 'Call Ada');
  await property(page, 'Date').press('Enter');
  const words = page.getByRole('textbox', { name: 'Date in words' });
  await expect.poll(() => words.evaluate((field) => field === document.activeElement)).toBe(true);
  await page.keyboard.type('tomorrow 9:30');
  await page.getByText('Tomorrow, 9:30').waitFor();
  await page.keyboard.press('Enter');
  await expect.poll(() => property(page, 'Date').innerText()).toContain('Tomorrow, 9:30');
  expect(await readFocus(page)).toContain('Tomorrow, 9:30');
});

test('a text that is no date, a time without a date, and a time that clocks skip have a clear sentence', async () => {
  const page = await openApp(inBerlin);
  await signUp(page);
  await addTasks(page, 'Call Ada');
  await openTask(page, 'Call Ada');
  await property(page, 'Date').click();
  const words = page.getByRole('textbox', { name: 'Date in words' });
  await words.fill('2027-02-30');
  await words.press('Enter');
  await page.getByText('This text is no date.').waitFor();
  await words.fill('');
  await page.getByLabel('Time', { exact: true }).fill('02:30');
  await page.getByRole('button', { name: 'Set date' }).click();
  await page.getByText('The time has no date.').waitFor();
  await words.fill('2027-03-28');
  await page.getByLabel('Only in the time zone Europe/Berlin').check();
  await page.getByRole('button', { name: 'Set date' }).click();
  await page.getByText('The time 02:30 does not exist on 2027-03-28 in Europe/Berlin.').waitFor();
  await page.getByLabel('Time', { exact: true }).fill('03:30');
  await page.getByRole('button', { name: 'Set date' }).click();
  await expect.poll(() => property(page, 'Date').innerText()).toContain('28 Mar 2027, 3:30');
});

/** True if nothing covers the middle of an element. */
function isUncovered(element: Element): boolean {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return element === document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
}

test('on a phone, the keyboard stays closed when the user sets a date, and the time is visible', async () => {
  const page = await openApp({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
  await signUp(page);
  await createTasks(page, ['Call Ada']);
  await page.getByText('Call Ada', { exact: true }).tap();
  await property(page, 'Date').tap();
  const dialog = page.getByRole('dialog', { name: 'Date', exact: true });
  const time = dialog.getByLabel('Time', { exact: true });
  await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BUTTON');
  await expect.poll(() => time.evaluate(isUncovered)).toBe(true);
  await time.fill('09:30');
  await dialog.getByRole('button', { name: 'Tomorrow' }).tap();
  await expect.poll(() => property(page, 'Date').innerText()).toMatch(/Tomorrow, 9:30/);
});

test('arrow keys move through the days of a month, Page Down to the next one, and Enter sets the date', async () => {
  const page = await openApp(inBerlin);
  await signUp(page);
  await addTasks(page, 'Call Ada');
  await openTask(page, 'Call Ada');
  await property(page, 'Date').click();
  await page.getByRole('textbox', { name: 'Date in words' }).fill('2027-01-31');
  const day = page.getByRole('button', { name: 'Sunday 31 January' });
  await day.focus();
  await page.keyboard.press('PageDown');
  await expect.poll(() => readFocus(page)).toBe('Sunday 28 February');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Home');
  await expect.poll(() => readFocus(page)).toBe('Monday 8 March');
  await page.keyboard.press('Enter');
  await expect.poll(() => property(page, 'Date').innerText()).toContain('8 Mar 2027');
});

test('labels of several tasks are mixed, then set for all, then removed, and each step can be undone', async () => {
  const page = await openApp(inBerlin);
  await signUp(page);
  await addTasks(page, 'One', 'Two');
  await openTask(page, 'One');
  await property(page, 'Labels').click();
  await page.getByRole('combobox', { name: 'Labels' }).fill('home');
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'home' }).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Close' }).first().click();
  const rows = page.locator('#main');
  await rows.locator('.task-title', { hasText: 'One' }).click({ modifiers: ['Control'] });
  await rows.locator('.task-title', { hasText: 'Two' }).click({ modifiers: ['Control'] });
  await page.keyboard.press('l');
  const option = page.getByRole('option', { name: 'home' });
  await option.waitFor();
  const readState = () => option.getAttribute('aria-checked');
  expect(await readState()).toBe('mixed');
  await page.keyboard.press('Enter');
  await expect.poll(readState).toBe('true');
  await page.keyboard.press('Enter');
  await expect.poll(readState).toBe('false');
  await page.keyboard.press('Escape');
  await notice(page, 'Removed #home from 2 tasks').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => rows.getByText('#home').count()).toBe(2);
});

test('a label that is too long, and the 21st label of a task, have a clear sentence', async () => {
  const page = await openApp(inBerlin);
  await signUp(page);
  await addTasks(page, 'One');
  await openTask(page, 'One');
  await property(page, 'Labels').click();
  const field = page.getByRole('combobox', { name: 'Labels' });
  await field.fill('x'.repeat(51));
  await page.keyboard.press('Enter');
  await page.getByText('A label has at most 50 characters.').waitFor();
  for (let number = 1; number <= 20; number += 1) {
    await field.fill(`label ${number}`);
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('');
  }
  await field.fill('one more');
  await page.keyboard.press('Enter');
  await page.getByText('“One” has 20 labels. Remove one first.').waitFor();
});
