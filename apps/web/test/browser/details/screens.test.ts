import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { addTasks, desktop, readFocus } from '../steps.ts';
import { notice, openTask, property } from './steps.ts';

const { openApp, signUp, setOffline } = await openFixture();

test('labels have counts, are renamed and merged after a clear sentence, and are removed from all tasks', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'One', 'Two');
  for (const [title, label] of [
    ['One', '100%'],
    ['Two', 'home/garden'],
  ] as const) {
    await openTask(page, title);
    await property(page, 'Labels').click();
    await page.getByRole('combobox', { name: 'Labels' }).fill(label);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Done' }).click();
  }
  await page.getByRole('link', { name: 'Labels' }).click();
  await page.getByRole('link', { name: '100% 1 task' }).click();
  await page.getByRole('heading', { name: '#100%' }).waitFor();
  await page.getByRole('button', { name: 'Actions for the label #100%' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  const field = page.getByRole('textbox', { name: 'Name' });
  await field.fill('  ');
  await field.press('Enter');
  await page.getByText('Give the label a name.').waitFor();
  await field.fill('Home/Garden');
  await page.getByText('#home/garden exists.').waitFor();
  await page.getByRole('button', { name: 'Merge' }).click();
  await page.getByRole('heading', { name: '#home/garden' }).waitFor();
  await page.locator('#main').getByText('One', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'Labels' }).click();
  await page.getByRole('link', { name: 'home/garden 2 tasks' }).waitFor();
  await page.getByRole('button', { name: 'Actions for the label #home/garden' }).click();
  await page.getByRole('menuitem', { name: 'Remove from all tasks' }).click();
  await page.getByText('You have no labels').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => page.locator('.rows').innerText()).toContain('2 tasks');
});

test('completed tasks are listed by day, and a click on the check mark reopens one', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'One', 'Two');
  await page.getByRole('checkbox', { name: 'Complete “One”' }).click();
  await page.getByRole('link', { name: 'Completed' }).click();
  await page.getByText(/^Today · /).waitFor();
  await page.getByRole('checkbox', { name: 'Mark “One” as not completed' }).click();
  await notice(page, 'Marked “One” as not completed').waitFor();
  await page.getByRole('link', { name: 'Inbox' }).click();
  const mark = page.getByRole('checkbox', { name: 'Complete “One”' });
  await expect.poll(() => mark.getAttribute('aria-checked')).toBe('false');
});

test('tasks of the trash are restored, or deleted for good after a question, and the focus stays in the list', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'One', 'Two', 'Three');
  for (const title of ['One', 'Two', 'Three']) {
    await openTask(page, title);
    await page.getByRole('button', { name: 'Move to trash' }).click();
    await notice(page, `Moved “${title}” to the trash`).waitFor();
  }
  await page.getByRole('link', { name: 'Trash' }).click();
  await page.getByRole('button', { name: 'Restore “Three”' }).click();
  await expect.poll(() => readFocus(page)).toMatch(/^Two/);
  await page.getByRole('button', { name: 'Delete “Two” for good' }).click();
  await page.getByRole('dialog', { name: 'Delete “Two” for good?' }).waitFor();
  await expect.poll(() => readFocus(page)).toBe('Cancel');
  await page.getByRole('button', { name: 'Delete for good', exact: true }).click();
  await expect.poll(() => readFocus(page)).toMatch(/^One/);
  await page.getByRole('button', { name: 'Empty the trash' }).click();
  await page.getByRole('button', { name: 'Delete for good', exact: true }).click();
  await page.getByText('The trash is empty').waitFor();
  await page.getByRole('link', { name: 'Inbox' }).click();
  await page.locator('#main').getByText('Three', { exact: true }).waitFor();
});

test('deleting for good says that it needs the server when the device is offline', async () => {
  const page = await openApp(desktop);
  await signUp(page);
  await addTasks(page, 'One');
  await openTask(page, 'One');
  await page.getByRole('button', { name: 'Move to trash' }).click();
  await page.getByRole('link', { name: 'Trash' }).click();
  await page.getByRole('button', { name: 'Empty the trash' }).waitFor();
  await setOffline(page, true);
  await page.getByText('You are offline. Deleting for good needs the server.').waitFor();
  expect(await page.getByRole('button', { name: 'Empty the trash' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Restore “One”' }).click();
  await page.getByText('The trash is empty').waitFor();
});
