import { createPositions } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { call, createTasks, drag, findRow, readFocus, readSelected, readTitles } from './tasks.ts';

const { openApp, signUp } = await openFixture();

async function openList(titles: readonly string[]) {
  const page = await openApp();
  await signUp(page);
  await createTasks(page, titles);
  return page;
}

const position = { x: 300, y: 20 };

test('clicks with Ctrl and Shift, and the keys x, Shift and Ctrl+A select tasks for the bar', async () => {
  const page = await openList(['One', 'Two', 'Three', 'Four']);
  await findRow(page, 'Two').click({ modifiers: ['Control'], position });
  await findRow(page, 'Four').click({ modifiers: ['Shift'], position });
  expect(await readSelected(page)).toEqual(['Two', 'Three', 'Four']);
  const bar = page.getByRole('toolbar');
  await bar.getByText('3 selected').waitFor();
  await findRow(page, 'Three').click({ modifiers: ['Control'], position });
  expect(await readSelected(page)).toEqual(['Two', 'Four']);
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'detached' });
  expect(await readFocus(page)).toBe('Three');
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+K');
  await page.keyboard.press('Shift+ArrowUp');
  expect(await readSelected(page)).toEqual(['One', 'Two', 'Three']);
  await page.keyboard.press('Control+a');
  expect(await readSelected(page)).toEqual(['One', 'Two', 'Three', 'Four']);
});

test('a selected task that another device deletes leaves the selection, so that a click opens tasks again', async () => {
  const page = await openApp();
  await signUp(page);
  const [one] = await createTasks(page, ['One', 'Two']);
  await findRow(page, 'One').click({ modifiers: ['Control'], position });
  await page.getByRole('toolbar').waitFor();
  await call(page, 'task.delete', { id: one!.id });
  await findRow(page, 'One').waitFor({ state: 'detached' });
  await findRow(page, 'Two').click({ position });
  await page.locator('.task-details').getByText('Two').waitFor();
  await page.keyboard.press('Escape');
  expect(await readSelected(page)).toEqual([]);
  await call(page, 'trash.restore', { ids: [one!.id] });
  await findRow(page, 'One').waitFor();
  expect(await readSelected(page)).toEqual([]);
});

test('the bar completes, changes and deletes all selected tasks, and one undo brings them back', async () => {
  const page = await openList(['One', 'Two', 'Three', 'Four']);
  const select = async () => {
    await findRow(page, 'Two').click({ modifiers: ['Control'], position });
    await findRow(page, 'Three').click({ modifiers: ['Control'], position });
  };
  const bar = page.getByRole('toolbar');
  await select();
  await bar.getByRole('button', { name: 'Priority' }).click();
  await page.getByRole('menuitemradio', { name: 'High priority' }).click();
  await expect.poll(() => page.locator('[data-task]').getByText('High priority').count()).toBe(2);
  await bar.getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Four']);
  await expect.poll(() => readFocus(page)).toBe('Four');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two', 'Three', 'Four']);
  await expect.poll(() => readFocus(page)).toBe('Two');
  await select();
  await bar.getByRole('button', { name: 'Complete' }).click();
  await bar.waitFor({ state: 'detached' });
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Four']);
  await page.keyboard.press('Control+z');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two', 'Three', 'Four']);
});

test('six hundred selected tasks are completed together', async () => {
  const page = await openList(['First']);
  for (const count of [300, 300]) {
    const items = Array.from({ length: count }, (_, at) => ({ title: `Task ${at}` }));
    await call(page, 'task.createMany', { items });
  }
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('601');
  await page.keyboard.press('j');
  await page.keyboard.press('Control+a');
  await page.getByRole('toolbar').getByText('601 selected').waitFor();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Completed (601)' }).waitFor();
  await page.keyboard.press('Control+z');
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('601');
});

test('a click opens a task, and a double click edits its title', async () => {
  const page = await openList(['One', 'Two']);
  await page.getByText('Two', { exact: true }).dblclick();
  await page.getByRole('textbox', { name: 'Title' }).press('Escape');
  expect(await readFocus(page)).toBe('Two');
  expect(new URL(page.url()).search).toBe('');
  await page.getByText('Two', { exact: true }).click();
  await page.waitForURL(/[?]task=/);
  await page.locator('.task-details').getByText('Two').waitFor();
});

test('a row is dragged to another place, and undo puts it back', async () => {
  const page = await openList(['One', 'Two', 'Three']);
  await drag(page, 'One', { to: 'Two', share: 0.9 });
  await expect.poll(() => readTitles(page)).toEqual(['Two', 'One', 'Three']);
  expect(await readFocus(page)).toBe('One');
  await page.getByText('“One” is now 2 of 3.').waitFor({ state: 'attached' });
  await page.keyboard.press('Control+z');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two', 'Three']);
});

test('a row of the selection takes the whole selection along', async () => {
  const page = await openList(['One', 'Two', 'Three', 'Four']);
  await findRow(page, 'One').click({ modifiers: ['Control'], position });
  await findRow(page, 'Three').click({ modifiers: ['Control'], position });
  await drag(page, 'Three', { to: 'Four', share: 0.9 });
  await expect.poll(() => readTitles(page)).toEqual(['Two', 'Four', 'One', 'Three']);
  await page.getByRole('toolbar').waitFor({ state: 'detached' });
});

test('a row is dragged between two others that have the same position', async () => {
  const page = await openApp();
  await signUp(page);
  const [one, two] = createPositions(2) as [string, string];
  await createTasks(page, [
    { title: 'Same A', position: one },
    { title: 'Same B', position: one },
    { title: 'Last', position: two },
  ]);
  const [first, second] = await readTitles(page);
  await drag(page, 'Last', { to: first!, share: 0.9 });
  await expect.poll(() => readTitles(page)).toEqual([first, 'Last', second]);
  await page.reload();
  await expect.poll(() => readTitles(page)).toEqual([first, 'Last', second]);
});

test('a task that is dropped on a day gets its date', async () => {
  const page = await openApp();
  await signUp(page);
  await call(page, 'task.create', { title: 'Late', due: { date: '2020-01-01' } });
  await page.getByRole('link', { name: 'Upcoming' }).click();
  await findRow(page, 'Late').and(page.locator('[draggable=true]')).waitFor();
  const start = (await findRow(page, 'Late').boundingBox())!;
  const today = (await page.getByRole('heading', { name: /^Today/ }).boundingBox())!;
  await page.mouse.move(start.x + 200, start.y + 20);
  await page.mouse.down();
  await page.mouse.move(start.x + 210, start.y + 30, { steps: 4 });
  await page.mouse.move(today.x + 200, today.y + 5, { steps: 8 });
  await page.locator('.task-drop').first().waitFor();
  await page.mouse.up();
  await page.getByRole('heading', { name: 'Overdue' }).waitFor({ state: 'detached' });
  expect(await readTitles(page)).toEqual(['Late']);
  expect(await readFocus(page)).toBe('Late');
});

test('a task that is dropped on a list of the sidebar moves there, and the next row gets the focus', async () => {
  const page = await openList(['One', 'Two']);
  await call(page, 'list.create', { name: 'Work' });
  const list = page.getByRole('link', { name: 'Work' });
  await list.waitFor();
  await findRow(page, 'One').and(page.locator('[draggable=true]')).waitFor();
  await findRow(page, 'One').dragTo(list, { sourcePosition: position });
  await expect.poll(() => readTitles(page)).toEqual(['Two']);
  expect(await readFocus(page)).toBe('Two');
  await list.click();
  await findRow(page, 'One').waitFor();
});

test('a long press selects a task on a touch screen, and taps then select more', async () => {
  const page = await openApp({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } });
  await signUp(page);
  await createTasks(page, ['One', 'Two', 'Three']);
  const box = (await findRow(page, 'One').boundingBox())!;
  const devtools = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + 150, y: box.y + 20 }];
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await page.getByRole('toolbar').getByText('1 selected').waitFor();
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await findRow(page, 'Three').tap();
  await page.getByRole('toolbar').getByText('2 selected').waitFor();
  expect(await readSelected(page)).toEqual(['One', 'Three']);
  for (const button of await page.locator('.task-slot button:visible, .bulk-bar button:visible').all()) {
    const { height } = (await button.boundingBox())!;
    expect(height).toBeGreaterThanOrEqual(44);
  }
});
