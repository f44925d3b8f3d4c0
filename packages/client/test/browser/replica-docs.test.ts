import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { docs } from './fixture.ts';
import { openSignedIn, site } from './replica-tabs.ts';

/** Bundles the page below "Offline use" in the docs, as Vite does. */
async function bundleDocsPage(): Promise<{ html: string; script: string }> {
  const [page] = /<!-- index\.html.*?(?=```)/s.exec(docs)!;
  const [, contents] = /<script type="module">(.*?)<\/script>/s.exec(page)!;
  const { outputFiles } = await build({
    stdin: { contents: contents!, resolveDir: fileURLToPath(new URL('../../examples/browser', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'esm',
    define: { 'import.meta.env.PROD': 'true' },
  });
  const html = page.replace(/<script.*<\/script>/s, '<script type="module" src="/app.js"></script>');
  return { html, script: outputFiles[0]!.text };
}

async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.origin);
  return page;
}

async function add(page: Page, title: string): Promise<void> {
  await page.getByPlaceholder('New task').fill(title);
  await page.keyboard.press('Enter');
}

/** Waits until the page shows these tasks, in any order. */
const shows = (page: Page, ...titles: string[]) =>
  expect
    .poll(() =>
      page
        .getByLabel('Title')
        .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value).toSorted()),
    )
    .toEqual(titles.toSorted());

const rowOf = async (page: Page, title: string) => {
  const titles = await page
    .getByLabel('Title')
    .evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
  return page.locator('li', { has: page.getByLabel('Title') }).nth(titles.indexOf(title));
};

test('the app below "Offline use" in the docs works in two tabs, without a network, and with refused writes', async () => {
  const context = await openSignedIn();
  site.page = await bundleDocsPage();
  const [page, other] = [await openPage(context), await openPage(context)];
  await add(page, 'Milk');
  await shows(other, 'Milk');
  await page.getByText('Online. Up to date.').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  site.isDown = true;

  await page.reload();
  await shows(page, 'Milk');
  await add(page, 'Bread');
  await (await rowOf(page, 'Milk')).getByRole('checkbox').check();
  await (await rowOf(page, 'Milk')).getByLabel('Title').fill('Oat milk');
  await page.keyboard.press('Enter');
  await page.getByText('Offline. 3 unsent.').waitFor();
  site.isDown = false;
  await page.getByText('Online. Up to date.').waitFor();
  await shows(other, 'Bread', 'Oat milk');
  expect(await (await rowOf(other, 'Oat milk')).getByRole('checkbox').isChecked()).toBe(true);

  // A change in another tab does not end the typing in this one.
  const title = (await rowOf(page, 'Bread')).getByLabel('Title');
  await title.fill('Rye');
  await add(other, 'Tea');
  await shows(page, 'Oat milk', 'Rye', 'Tea');
  await title.pressSequentially(' bread');
  await page.keyboard.press('Enter');
  await shows(other, 'Oat milk', 'Rye bread', 'Tea');

  await (await rowOf(page, 'Tea')).getByLabel('Title').fill(' ');
  await page.keyboard.press('Enter');
  await page.getByText('must not be blank').waitFor();
  await page.getByRole('button', { name: 'Take back' }).click();
  await page.getByText('must not be blank').waitFor({ state: 'detached' });
  await page.keyboard.press('Tab');
  await (await rowOf(page, 'Oat milk')).getByRole('button').click();
  await shows(other, 'Rye bread', 'Tea');
});

test('the sign-in form of the docs shows errors, and the tasks after a sign-up', async () => {
  const context = await openSignedIn();
  site.page = await bundleDocsPage();
  const page = await openPage(context);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.getByPlaceholder('Email').fill('form@example.org');
  await page.getByPlaceholder('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(/password/).waitFor();
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('Online. Up to date.').waitFor();
  expect(await page.getByRole('listitem').count()).toBe(0);
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
