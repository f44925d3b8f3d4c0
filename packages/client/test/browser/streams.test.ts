import { type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser, openProfile, openSite } from './fixture.ts';

const site = await openSite();
const browser = await openBrowser();
let people = 0;

/** Opens a page whose user follows all changes. */
async function openFollowing(url: string) {
  const context = await openProfile(browser);
  const page = await context.newPage();
  await page.goto(url);
  const email = `streamer${(people += 1)}@example.org`;
  await page.evaluate(async (email) => {
    await holdfast.signUp({ name: 'Ada', email, password: 'correct horse' });
    globalThis.titles = [];
    globalThis.closing = new AbortController();
    globalThis.followed = (async () => {
      for await (const { tasks } of holdfast.changes.watch({}, { signal: closing.signal })) {
        titles.push(...tasks.map(({ title }) => title));
      }
      return 'ended';
    })();
  }, email);
  return { context, page };
}

declare global {
  // oxlint-disable-next-line no-var
  var titles: string[];
  // oxlint-disable-next-line no-var
  var closing: AbortController;
  // oxlint-disable-next-line no-var
  var followed: Promise<string>;
}

const titlesOf = (page: Page) => page.evaluate(() => [...new Set(titles)]);
const create = (page: Page, title: string) => page.evaluate((title) => holdfast.task.create({ title }), title);

test('a page follows changes, ends the stream, and sends its token in a header', async () => {
  const { page } = await openFollowing(site.origin);
  const urls: string[] = [];
  page.on('request', (request) => urls.push(request.url()));
  await create(page, 'one');
  await expect.poll(() => titlesOf(page)).toEqual(['one']);
  await create(page, 'two');
  await expect.poll(() => titlesOf(page)).toEqual(['one', 'two']);
  await page.evaluate(() => closing.abort());
  expect(await page.evaluate(() => followed)).toBe('ended');
  expect(urls.filter((url) => /token|eyJ/.test(url.replace('/api/auth/token', '')))).toEqual([]);
});

test('a page of another origin follows changes', async () => {
  const { page } = await openFollowing(`${site.origin}/?server=${site.server}`);
  await create(page, 'from another origin');
  await expect.poll(() => titlesOf(page)).toEqual(['from another origin']);
});

test('a page that was offline receives the changes of that time', async () => {
  const { context, page } = await openFollowing(site.origin);
  await create(page, 'online');
  await expect.poll(() => titlesOf(page)).toEqual(['online']);
  const session = await page.evaluate(() => localStorage.getItem('session'));
  await context.setOffline(true);
  const other = await openProfile(browser);
  const writer = await other.newPage();
  await writer.goto(site.origin);
  await writer.evaluate((session) => localStorage.setItem('session', session!), session);
  await writer.reload();
  await create(writer, 'while it was offline');
  await context.setOffline(false);
  await expect.poll(() => titlesOf(page), { timeout: 60_000 }).toEqual(['online', 'while it was offline']);
});
