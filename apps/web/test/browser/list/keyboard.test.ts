import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { call, createTasks, findRow, readFocus, readTitles } from './tasks.ts';

const { openApp, signUp } = await openFixture();

async function openList(titles: readonly string[]) {
  const page = await openApp();
  await signUp(page);
  const tasks = await createTasks(page, titles);
  return { page, tasks, press: (...keys: string[]) => pressAll(page.keyboard, keys) };
}

async function pressAll(keyboard: { press(key: string): Promise<void> }, keys: readonly string[]): Promise<void> {
  for (const key of keys) await keyboard.press(key);
}

test('letters and arrows move the focus through a list, and only its active row is reached with Tab', async () => {
  const { page, press } = await openList(['One', 'Two', 'Three']);
  await press('j');
  expect(await readFocus(page)).toBe('One');
  await press('j', 'ArrowDown');
  expect(await readFocus(page)).toBe('Three');
  await press('j', 'k');
  expect(await readFocus(page)).toBe('Two');
  await press('Home');
  expect(await readFocus(page)).toBe('One');
  await press('End');
  expect(await readFocus(page)).toBe('Three');
  expect(await page.locator('[data-task][tabindex="0"]').count()).toBe(1);
  await press('Shift+Tab', 'Tab');
  expect(await readFocus(page)).toBe('Three');
});

test('Space completes a task, shows its check mark at once, and moves the focus to the next row', async () => {
  const { page, press } = await openList(['One', 'Two', 'Three']);
  await press('j', 'Space');
  expect(await readFocus(page)).toBe('Two');
  expect(await findRow(page, 'One').getByRole('checkbox').getAttribute('aria-checked')).toBe('true');
  await findRow(page, 'One').waitFor({ state: 'detached' });
  expect(await readFocus(page)).toBe('Two');
  await press('j', 'Space');
  await findRow(page, 'Three').waitFor({ state: 'detached' });
  expect(await readFocus(page)).toBe('Two');
});

test('undo brings a completed task back with the focus, also while it is still shown', async () => {
  const { page, press } = await openList(['One', 'Two', 'Three']);
  await press('j', 'Space', 'Control+z');
  await expect.poll(() => readFocus(page)).toBe('One');
  expect(await findRow(page, 'One').getByRole('checkbox').getAttribute('aria-checked')).toBe('false');
  await press('Space');
  await findRow(page, 'One').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => readFocus(page)).toBe('One');
  expect(await readTitles(page)).toEqual(['One', 'Two', 'Three']);
});

test('completed tasks are in a fold at the end of their list, from where they can be reopened', async () => {
  const { page, press } = await openList(['One', 'Two']);
  await press('j', 'Space');
  await findRow(page, 'One').waitFor({ state: 'detached' });
  const fold = page.getByRole('button', { name: 'Completed (1)' });
  await fold.focus();
  await press('Enter');
  await findRow(page, 'One').waitFor();
  expect(await fold.getAttribute('aria-expanded')).toBe('true');
  await press('k', 'j', 'Space');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two']);
  expect(await readFocus(page)).toBe('One');
});

test('a title is edited in its row: Enter saves it, Escape does not, and an empty one is refused', async () => {
  const { page, press } = await openList(['One', 'Two']);
  await press('j', 'e');
  const field = page.getByRole('textbox', { name: 'Title' });
  await field.fill('');
  await press('Enter');
  await page.getByText('A task needs a title. Write one, or press Escape.').waitFor();
  await field.fill('First');
  await press('Enter');
  await expect.poll(() => readFocus(page)).toBe('First');
  await press('e');
  await field.fill('Other');
  await press('Escape');
  await expect.poll(() => readFocus(page)).toBe('First');
  expect(await readTitles(page)).toEqual(['First', 'Two']);
  await press('Control+z');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two']);
});

test('Alt and an arrow move a task in the manual order, and undo moves it back', async () => {
  const { page, press } = await openList(['One', 'Two', 'Three']);
  await press('j', 'Alt+ArrowDown');
  await expect.poll(() => readTitles(page)).toEqual(['Two', 'One', 'Three']);
  expect(await readFocus(page)).toBe('One');
  await page.getByText('“One” is now 2 of 3.').waitFor({ state: 'attached' });
  await press('Alt+ArrowDown', 'Alt+ArrowDown');
  await page.getByText('The task is the last one already.').waitFor({ state: 'attached' });
  expect(await readTitles(page)).toEqual(['Two', 'Three', 'One']);
  await press('Control+z');
  await expect.poll(() => readTitles(page)).toEqual(['Two', 'One', 'Three']);
  expect(await readFocus(page)).toBe('One');
});

test('where the screen sorts the tasks, Alt and an arrow explain why nothing moves', async () => {
  const { page, press } = await openList(['One']);
  await createTasks(page, [{ title: 'Due', due: { date: '2020-01-01' } }]);
  await press('g', 't');
  await findRow(page, 'Due').waitFor();
  await press('j', 'Alt+ArrowDown');
  await page.getByText('This screen sorts the tasks itself. Open their list to move them.').first().waitFor();
  expect(await readFocus(page)).toBe('Due');
});

test('digits set the priority, and Delete moves a task to the trash with the focus on the next row', async () => {
  const { page, press } = await openList(['One', 'Two', 'Three']);
  await press('j', 'j', '3');
  await findRow(page, 'Two').getByText('High priority').waitFor();
  expect(await readFocus(page)).toBe('Two');
  await press('0');
  await findRow(page, 'Two').getByText('High priority').waitFor({ state: 'detached' });
  await press('Delete');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Three']);
  expect(await readFocus(page)).toBe('Three');
  await press('Backspace');
  await expect.poll(() => readFocus(page)).toBe('One');
  await press('Delete');
  await page.getByRole('grid').waitFor({ state: 'detached' });
  expect(await readFocus(page)).toContain('<h1');
  await press('Control+z');
  await expect.poll(() => readTitles(page)).toEqual(['One']);
  expect(await readFocus(page)).toBe('One');
});

test('letters open the dialogs for date, list and labels, and the focus returns to a row of the list', async () => {
  const { page, press } = await openList(['One', 'Two', 'Three']);
  await call(page, 'list.create', { name: 'Work' });
  await page.getByRole('link', { name: 'Work' }).waitFor();
  await press('j', 'j');
  for (const key of ['t', 'l', 'm']) {
    await press(key);
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await readFocus(page)).toBe('Two');
  }
  await press('m');
  await page.getByRole('dialog').getByText('Work').click();
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Three']);
  await expect.poll(() => readFocus(page)).toBe('Three');
});

test('if another device deletes the row with the focus, the next row gets it', async () => {
  const { page, tasks, press } = await openList(['One', 'Two', 'Three']);
  await press('j', 'j');
  expect(await readFocus(page)).toBe('Two');
  await call(page, 'task.delete', { id: tasks[1]!.id });
  await findRow(page, 'Two').waitFor({ state: 'detached' });
  await expect.poll(() => readFocus(page)).toBe('Three');
});

test('the menu of a row has its actions, and gives the focus back', async () => {
  const { page, press } = await openList(['One', 'Two']);
  // Earlier, the menu would move the focus away from the item that the test chooses.
  const untilFocused = () => page.locator('[role=menu] :focus').waitFor();
  await press('j', 'Tab', 'Tab', 'Tab', 'Enter');
  await untilFocused();
  await press('Escape');
  expect(await readFocus(page)).toContain('Actions for “One”');
  await press('Enter');
  await untilFocused();
  await page.getByRole('menuitem', { name: 'Duplicate' }).press('Enter');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'One', 'Two']);
  await page.getByRole('button', { name: 'Actions for “Two”' }).press('Enter');
  await untilFocused();
  await page.getByRole('menuitem', { name: 'Move up' }).press('Enter');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two', 'One']);
});
