import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from './fixture.ts';
import { untilTitle } from './steps.ts';

const { openApp, openSecondWindow, signUp } = await openFixture();

const findSide = (page: Page) => page.getByRole('navigation', { name: 'Places', exact: true });
const readLists = (page: Page) => findSide(page).locator('.side-list .side-name').allTextContents();

async function addList(page: Page, name: string, color?: string): Promise<void> {
  await page.getByRole('button', { name: 'New list' }).click();
  const dialog = page.getByRole('dialog', { name: 'New list' });
  await dialog.getByLabel('Name').fill(name);
  if (color) await dialog.getByLabel(color).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await untilTitle(page, name);
}

async function choose(page: Page, list: string, item: string): Promise<void> {
  await findSide(page)
    .getByRole('button', { name: `Actions for the list “${list}”` })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('a new list is open after it was added, and a list without a name is refused beside its field', async () => {
  const page = await openApp();
  await signUp(page);
  await page.getByRole('button', { name: 'New list' }).click();
  const dialog = page.getByRole('dialog', { name: 'New list' });
  const name = dialog.getByLabel('Name');
  await expect.poll(() => name.evaluate((field) => field === document.activeElement)).toBe(true);
  await name.fill('   ');
  await name.press('Enter');
  await dialog.getByText('Give the list a name.').waitFor();
  await name.fill('Work');
  await dialog.getByLabel('Blue').check();
  await name.press('Enter');
  await untilTitle(page, 'Work');
  expect(new URL(page.url()).pathname).toMatch(/^\/lists\/[\w-]{36}$/);
});

test('the menu of a list changes its name, and the focus returns to the menu', async () => {
  const page = await openApp();
  await signUp(page);
  await addList(page, 'Work');
  await choose(page, 'Work', 'Edit list');
  const dialog = page.getByRole('dialog', { name: 'Edit list' });
  await dialog.getByLabel('Name').fill('Office');
  await dialog.getByLabel('Name').press('Enter');
  await untilTitle(page, 'Office');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
    .toBe('Actions for the list “Office”');
});

test('lists move up and down by their menu, which offers only moves that are possible', async () => {
  const page = await openApp();
  await signUp(page);
  for (const name of ['One', 'Two', 'Three']) await addList(page, name);
  await choose(page, 'Three', 'Move up');
  await expect.poll(() => readLists(page)).toEqual(['One', 'Three', 'Two']);
  await choose(page, 'One', 'Move down');
  await expect.poll(() => readLists(page)).toEqual(['Three', 'One', 'Two']);
  await findSide(page).getByRole('button', { name: 'Actions for the list “Three”' }).click();
  expect(await page.getByRole('menuitem', { name: 'Move up' }).count()).toBe(0);
  expect(await page.getByRole('menuitem', { name: 'Move down' }).count()).toBe(1);
});

test('a list is dragged above and below others, and undo puts it back', async () => {
  const page = await openApp();
  await signUp(page);
  for (const name of ['One', 'Two', 'Three']) await addList(page, name);
  const findList = (name: string) => findSide(page).locator('.side-list').filter({ hasText: name });
  await findList('One').and(page.locator('[draggable=true]')).waitFor();
  const drag = async (name: string, to: { list: string; share: number }) => {
    const [start, end] = [(await findList(name).boundingBox())!, (await findList(to.list).boundingBox())!];
    await page.mouse.move(start.x + 60, start.y + 10);
    await page.mouse.down();
    await page.mouse.move(start.x + 65, start.y + 15, { steps: 4 });
    await page.mouse.move(end.x + 60, end.y + end.height * to.share, { steps: 8 });
    await findSide(page).locator('[data-edge]').waitFor();
    await page.mouse.up();
  };
  await drag('Three', { list: 'One', share: 0.2 });
  await expect.poll(() => readLists(page)).toEqual(['Three', 'One', 'Two']);
  await drag('Three', { list: 'One', share: 0.8 });
  await expect.poll(() => readLists(page)).toEqual(['One', 'Three', 'Two']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => readLists(page)).toEqual(['Three', 'One', 'Two']);
  // The list that is open stays open.
  await untilTitle(page, 'Three');
});

test('an archived list is in its own part of the sidebar and can be used again', async () => {
  const page = await openApp();
  await signUp(page);
  await addList(page, 'Trip');
  await choose(page, 'Trip', 'Archive');
  await page.getByText('This list is archived.').waitFor();
  await page.getByText('Archived (1)').click();
  await findSide(page).getByRole('link', { name: 'Trip' }).waitFor();
  await page.getByRole('button', { name: 'Use again' }).click();
  await page.getByText('Archived (1)').waitFor({ state: 'detached' });
  expect(await readLists(page)).toEqual(['Trip']);
});

test('after the open list is deleted, the inbox is open, and undo brings the list back', async () => {
  const page = await openApp();
  await signUp(page);
  await addList(page, 'Work');
  await choose(page, 'Work', 'Delete');
  await page.getByRole('button', { name: 'Delete with its tasks' }).click();
  await untilTitle(page, 'Inbox');
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => findSide(page).getByRole('link', { name: 'Work' }).isVisible()).toBe(true);
});

test('a list that another window deletes leads to the inbox with a notice', async () => {
  const page = await openApp();
  await signUp(page);
  await addList(page, 'Work');
  const other = await openSecondWindow(page, '/inbox');
  await untilTitle(other, 'Inbox');
  await choose(other, 'Work', 'Delete');
  await other.getByRole('button', { name: 'Delete with its tasks' }).click();
  await untilTitle(page, 'Inbox');
  await expect.poll(() => page.locator('.toast').getByText('The list “Work” was deleted.').isVisible()).toBe(true);
});
