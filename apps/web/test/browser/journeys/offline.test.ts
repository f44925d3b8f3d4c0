import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { createTasks, findRow } from '../list/tasks.ts';
import { addTasks, desktop, untilTitle } from '../steps.ts';
import { openClient, readAll, readTitles } from './people.ts';

const fixture = await openFixture();
const { openApp, openSecondWindow, signUp, setOffline } = fixture;

async function openInbox() {
  const page = await openApp(desktop);
  return { page, client: await openClient(fixture, await signUp(page)) };
}

async function add(page: Page, ...titles: string[]): Promise<void> {
  await addTasks(page, ...titles);
  await page.keyboard.press('Escape');
}

test('what a user adds, edits and completes offline, with a reload in between, is on the server once', async () => {
  const { page, client } = await openInbox();
  await createTasks(page, ['Edit me', 'Complete me', 'Delete me']);
  await setOffline(page, true);
  await page.getByText('You are offline.').waitFor();
  await add(page, 'Before the reload');
  await findRow(page, 'Edit me').dblclick({ position: { x: 300, y: 10 } });
  await page.getByRole('textbox', { name: 'Title' }).fill('Edited');
  await page.keyboard.press('Enter');
  await page.getByRole('checkbox', { name: 'Complete “Complete me”' }).click();
  await page.getByText('3 changes are not sent yet.').waitFor();
  await page.reload();
  await findRow(page, 'Before the reload').waitFor();
  await findRow(page, 'Edited').waitFor();
  await page.getByText('You are offline.').waitFor();
  await add(page, 'After the reload');
  // An edit of a task that the server does not know yet.
  await page.getByRole('checkbox', { name: 'Complete “Before the reload”' }).click();
  await findRow(page, 'Delete me').focus();
  await page.keyboard.press('Delete');
  await page.getByText('6 changes are not sent yet.').waitFor();
  expect(await readTitles(client)).toEqual(['Complete me', 'Delete me', 'Edit me']);
  await setOffline(page, false);
  await expect
    .poll(async () => {
      const { tasks } = await readAll(client);
      return tasks.map(({ title, completed }) => `${title}${completed ? ' ✓' : ''}`).toSorted();
    })
    .toEqual(['After the reload', 'Before the reload ✓', 'Complete me ✓', 'Edited']);
  await expect.poll(() => page.locator('.status-lines').textContent()).toBe('');
  await page.reload();
  await findRow(page, 'Edited').waitFor();
  expect(await readTitles(client)).toEqual(['After the reload', 'Before the reload', 'Complete me', 'Edited']);
});

test('a task is on the server once if its tab is killed after the request and before the response', async () => {
  const { page, client } = await openInbox();
  const keeper = await openSecondWindow(page, '/settings');
  await untilTitle(keeper, 'Settings');
  await keeper.goto('about:blank');
  // Chromium holds the response, so that the server has the task and the page does not know.
  const devtools = await page.context().newCDPSession(page);
  const patterns = [{ urlPattern: '*/trpc/task.create*', requestStage: 'Response' as const }];
  await devtools.send('Fetch.enable', { patterns });
  const arrival = new Promise<void>((resolve) => devtools.once('Fetch.requestPaused', () => resolve()));
  await add(page, 'Sent once');
  await arrival;
  await page.close();
  expect(await readTitles(client)).toEqual(['Sent once']);
  await keeper.goto(`${fixture.server.origin}/inbox`);
  await findRow(keeper, 'Sent once').waitFor();
  await add(keeper, 'After it');
  await expect.poll(() => readTitles(client)).toEqual(['After it', 'Sent once']);
  await expect.poll(() => keeper.locator('.status-lines').textContent()).toBe('');
  await expect
    .poll(() => keeper.locator('[data-task] .task-title').allTextContents())
    .toEqual(['Sent once', 'After it']);
});

test('a task is not lost if its tab is killed offline, before any request', async () => {
  const { page, client } = await openInbox();
  await setOffline(page, true);
  await add(page, 'Only on the device');
  await page.getByText('1 change is not sent yet.').waitFor();
  await page.close();
  const next = await openSecondWindow(page, '/today');
  await next.getByText('1 change is not sent yet.').waitFor();
  await setOffline(next, false);
  await expect.poll(() => readTitles(client)).toEqual(['Only on the device']);
});
