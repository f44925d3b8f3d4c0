import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { createTasks, findRow, readTitles } from '../list/tasks.ts';
import { addTasks, desktop, signOut, untilTitle } from '../steps.ts';

const { openApp, openSecondWindow, signUp } = await openFixture();

async function openTwoWindows(): Promise<[Page, Page]> {
  const one = await openApp(desktop);
  await signUp(one);
  const other = await openSecondWindow(one, '/inbox');
  await other.getByRole('heading', { name: 'Inbox' }).waitFor();
  return [one, other];
}

test('a task that is added, edited, moved, completed or deleted in one window changes in the other', async () => {
  const [one, other] = await openTwoWindows();
  await createTasks(one, ['First', 'Second']);
  await addTasks(one, 'Third');
  await findRow(other, 'Third').waitFor();
  await one.keyboard.press('Escape');
  await findRow(one, 'Third').click({ position: { x: 300, y: 10 } });
  await one.getByRole('textbox', { name: 'Title' }).fill('Last');
  await one.keyboard.press('Enter');
  await findRow(other, 'Last').waitFor();
  await one.getByRole('button', { name: 'Close' }).first().click();
  await other.keyboard.press('j');
  await other.keyboard.press('End');
  await other.keyboard.press('Alt+ArrowUp');
  await expect.poll(() => readTitles(one)).toEqual(['First', 'Last', 'Second']);
  await one.getByRole('checkbox', { name: 'Complete “First”' }).click();
  await findRow(other, 'First').waitFor({ state: 'detached' });
  await other.getByRole('button', { name: 'Completed (1)' }).waitFor();
  await findRow(other, 'Second').hover();
  await other.getByRole('button', { name: 'Actions for “Second”' }).click();
  await other.getByRole('menuitem', { name: 'Move to trash' }).click();
  await findRow(one, 'Second').waitFor({ state: 'detached' });
  // Undo belongs to the window of the action.
  await other.getByRole('button', { name: 'Undo' }).click();
  await findRow(one, 'Second').waitFor();
});

test('a list that is renamed or deleted in one window changes in the other, which leaves its page', async () => {
  const [one, other] = await openTwoWindows();
  await one.getByRole('button', { name: 'New list' }).click();
  await one.getByRole('textbox', { name: 'Name' }).fill('Garden');
  await one.keyboard.press('Enter');
  await untilTitle(one, 'Garden');
  await other.getByRole('link', { name: 'Garden' }).click();
  await addTasks(other, 'Dig');
  await findRow(one, 'Dig').waitFor();
  await one.locator('nav').getByRole('button', { name: 'Actions for the list “Garden”' }).click();
  await one.getByRole('menuitem', { name: 'Edit list' }).click();
  await one.getByRole('textbox', { name: 'Name' }).fill('Yard');
  await one.keyboard.press('Enter');
  await untilTitle(other, 'Yard');
  await one.locator('nav').getByRole('button', { name: 'Actions for the list “Yard”' }).click();
  await one.getByRole('menuitem', { name: 'Delete' }).click();
  await one.getByRole('button', { name: 'Keep its tasks in the inbox' }).click();
  await untilTitle(other, 'Inbox');
  await other.getByRole('status').getByText('The list “Yard” was deleted.').waitFor();
  await findRow(other, 'Dig').waitFor();
  expect(await other.getByRole('link', { name: 'Yard' }).count()).toBe(0);
});

/** Everything that scripts of the page can read: storage, databases and caches. */
const readDevice = (page: Page) =>
  page.evaluate(async () => {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- The page has only what is inside this function.
    const settle = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(new Error(String(request.error))));
      });
    const rows: unknown[] = [Object.entries(localStorage), Object.entries(sessionStorage), document.cookie];
    for (const { name } of await indexedDB.databases()) {
      const database = await settle(indexedDB.open(name!));
      for (const store of database.objectStoreNames) {
        rows.push(await settle(database.transaction(store).objectStore(store).getAll()));
      }
      database.close();
    }
    return JSON.stringify(rows);
  });

test('a sign-out in one window signs out the other, and the next user of the browser sees nothing of the first', async () => {
  const [one, other] = await openTwoWindows();
  await addTasks(one, 'A secret of the first user');
  await findRow(other, 'A secret of the first user').waitFor();
  expect(await readDevice(one)).toContain('A secret of the first user');
  await signOut(one);
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expect.poll(() => readDevice(other)).not.toContain('A secret of the first user');
  expect(await readDevice(other)).not.toContain('@example.org');
  await signUp(one);
  await one.locator('.empty').waitFor();
  // The other window follows, without a reload.
  await other.locator('.empty').waitFor();
  await addTasks(one, 'Of the second user');
  await findRow(other, 'Of the second user').waitFor();
  expect(await readTitles(other)).toEqual(['Of the second user']);
  expect(await readDevice(one)).not.toContain('A secret');
  // Undo does not reach into the account of the first user.
  await other.keyboard.press('Control+z');
  await one.keyboard.press('Escape');
  await one.keyboard.press('Tab');
  await one.keyboard.press('Control+z');
  await findRow(other, 'Of the second user').waitFor({ state: 'detached' });
  await one.keyboard.press('Control+z');
  await other.locator('.empty').waitFor();
});
