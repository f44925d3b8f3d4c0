import { expect, test } from 'vitest';
import { openSignedIn, settle, site, stored } from './replica-tabs.ts';

test('the app below "Offline use" in the docs starts and works while neither page nor server can be reached', async () => {
  const context = await openSignedIn();
  const page = await context.newPage();
  await page.goto(site.origin);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
  });
  const show = () => page.evaluate(async () => void (globalThis.replica = await app.showTasks(document.body)));
  const add = async (title: string) => {
    await page.fill('input[name=title]', title);
    await page.press('input[name=title]', 'Enter');
  };
  await show();
  await add('Milk');
  await page.getByText('Online. All changes saved.').waitFor();
  site.isDown = true;

  await page.reload();
  await show();
  await page.getByText('Milk').waitFor();
  await add('Bread');
  await page.getByRole('checkbox').first().check();
  await page.getByText('Offline. 2 unsent.').waitFor();
  site.isDown = false;
  await page.getByText('Online. All changes saved.').waitFor();
  const tasks = await page.evaluate(async () => (await holdfast.task.list({ order: 'title' })).items);
  expect(tasks).toMatchObject([
    { title: 'Bread', completed: false },
    { title: 'Milk', completed: true },
  ]);

  await page.getByRole('button', { name: 'Delete' }).first().click();
  await page.evaluate(() => void replica.task.create({ title: 'Tea', due: { date: '2027-02-30' } }));
  await page.getByRole('button', { name: 'Take back' }).click();
  await settle(page);
  expect(await stored(page)).toEqual(['Bread']);
});

test('the live list of the docs shows the writes of another tab in Chromium', async () => {
  const context = await openSignedIn();
  const [first, second] = [await context.newPage(), await context.newPage()];
  for (const page of [first, second]) await page.goto(site.origin);
  await first.evaluate(() => {
    void app.showLive(
      holdfast,
      (tasks) => (document.title = tasks.map(({ title }) => title).join()),
      new AbortController().signal,
    );
  });
  await second.evaluate(() => holdfast.task.create({ title: 'live' }));
  await first.waitForFunction(() => document.title === 'live');
  expect(await first.title()).toBe('live');
});
