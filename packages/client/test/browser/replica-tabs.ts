import type { Replica } from '@holdfast/client/replica';
import type { BrowserContext, Page } from 'playwright-core';
import { beforeEach } from 'vitest';
import { openBrowser, openProfile, openSite } from './fixture.ts';

declare global {
  // oxlint-disable-next-line no-var
  var replica: Replica;
}

export const site = await openSite();
const browser = await openBrowser(site.origin);
let people = 0;

const { page } = site;

beforeEach(() => {
  site.isCut = site.isDown = false;
  site.page = page;
});

/** Opens a tab and its replica. */
export async function openTab(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.origin);
  await startReplica(page);
  return page;
}

export const startReplica = (page: Page) =>
  page.evaluate(async () => void (globalThis.replica = await app.openReplica(holdfast)));

/** Opens a browser profile in which a new user is signed in. */
export async function openSignedIn(): Promise<BrowserContext> {
  const context = await openProfile(browser);
  const page = await context.newPage();
  await page.goto(site.origin);
  const email = `eve${(people += 1)}@example.org`;
  await page.evaluate((email) => holdfast.signUp({ name: 'Eve', email, password: 'correct horse' }), email);
  await page.close();
  return context;
}

export const create = (page: Page, title: string) => page.evaluate((title) => replica.task.create({ title }).id, title);
export const titles = (page: Page) => page.evaluate(() => replica.tasks.map(({ title }) => title).toSorted());
export const stored = (page: Page) =>
  page.evaluate(async () => (await holdfast.task.list()).items.map(({ title }) => title).toSorted());
export const settle = (page: Page) =>
  page.evaluate(() => replica.until(({ status }) => status.isComplete && status.unsent === 0));
export const hasTasks = (page: Page, count: number) =>
  page.evaluate((count) => replica.until(({ tasks }) => tasks.length === count), count);
export const leads = (page: Page) => page.evaluate(() => replica.until(({ status }) => status.isLeader));
export const isLeader = (page: Page) => page.evaluate(() => replica.status.isLeader);

export const rows = (page: Page) =>
  page.evaluate(() => replica.tasks.toSorted((one, other) => (one.id < other.id ? -1 : 1)));

/** Names of the databases that have entries of a user. */
export const findDatabases = (page: Page) =>
  page.evaluate(async () =>
    (await indexedDB.databases()).map(({ name }) => name!).filter((name) => name.split(' ').length > 2),
  );
