import type { Page } from 'playwright-core';
import { beforeEach, expect, test } from 'vitest';
import { expectSavedOnLeave, reportChanges } from './fixture.ts';
import {
  create,
  findDatabases,
  openSignedIn,
  openTab,
  settle,
  site,
  startReplica,
  stored,
  titles,
} from './replica-tabs.ts';

const html = `<!doctype html><title>App</title><a href="/other">Leave</a><script src="/app.js"></script>
<script>var holdfast = app.createClient({ url: location.origin, session: 'cookie' });</script>`;

beforeEach(() => {
  site.page = { ...site.page, html };
});

const marker = (page: Page) => page.evaluate(() => localStorage.getItem('holdfast.session'));

let people = 0;
const signUpOther = (page: Page) =>
  page.evaluate(
    (email) => holdfast.signUp({ name: 'Bob', email, password: 'correct horse' }),
    `bob${(people += 1)}@example.org`,
  );

test('with a cookie, no script can read the session, and the replica needs no other request than its stream', async () => {
  const context = await openSignedIn();
  const page = await openTab(context);
  await create(page, 'Milk');
  await settle(page);
  const cookie = (await context.cookies()).find(({ name }) => name === 'holdfast.session_token');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
  const readable = await page.evaluate(() => [document.cookie, JSON.stringify(Object.entries(localStorage))].join());
  expect(readable).toContain('userId');
  expect(readable).not.toContain(decodeURIComponent(cookie!.value).split('.')[0]!);
  site.seen.length = 0;
  await page.reload();
  await startReplica(page);
  await page.evaluate(() => replica.until(({ status }) => status.isOnline && status.isLeader));
  await expect.poll(() => site.seen).toEqual(['POST /trpc/changes.watch']);
});

test('with a cookie, a page that is loaded while the server cannot be reached shows its tasks and sends its writes later', async () => {
  const page = await openTab(await openSignedIn());
  await create(page, 'sent');
  await settle(page);
  site.isCut = true;
  await create(page, 'unsent');
  await page.evaluate(() => replica.stored());
  await page.reload();
  await startReplica(page);
  expect(await titles(page)).toEqual(['sent', 'unsent']);
  site.isCut = false;
  await settle(page);
  expect(await stored(page)).toEqual(['sent', 'unsent']);
});

test('with a cookie, a sign-out in one tab deletes the data, and a sign-in in one tab signs all tabs in', async () => {
  const context = await openSignedIn();
  const [first, second] = [await openTab(context), await openTab(context)];
  await create(first, 'private');
  await settle(first);
  for (const page of [first, second]) await reportChanges(page);
  await second.evaluate(() => holdfast.signOut());
  for (const page of [first, second]) {
    await page.waitForFunction(() => document.title === 'signed out');
    expect(await titles(page)).toEqual([]);
  }
  await expect.poll(() => findDatabases(first)).toEqual([]);
  expect(await marker(first)).toBe('');
  // The mark of a known browser stays, and is no session.
  expect((await context.cookies()).map(({ name }) => name)).toEqual(['holdfast.browser']);
  const { id } = await second.evaluate(() =>
    holdfast.signUp({ name: 'Eve', email: 'eve@cookie.example.org', password: 'correct horse' }),
  );
  await first.waitForFunction(() => document.title === 'signed in');
  expect(await first.evaluate(() => holdfast.user.me())).toMatchObject({ id });
});

test('with a cookie, no write of a tab is sent as the user who signed in in another tab', async () => {
  const context = await openSignedIn();
  const first = await context.newPage();
  await first.goto(site.origin);
  // This tab does not notice the sign-in through the storage.
  await first.evaluate(async () => {
    let stored = localStorage.getItem('holdfast.session');
    const storage = { load: () => stored, save: (marker: string | null) => void (stored = marker) };
    globalThis.holdfast = app.createClient({ url: location.origin, session: 'cookie', storage });
    globalThis.replica = await app.openReplica(holdfast);
  });
  await settle(first);
  const second = await context.newPage();
  await second.goto(site.origin);
  await signUpOther(second);
  await create(first, 'of the first user');
  await first.waitForFunction(() => replica.status.isClosed);
  expect(await first.evaluate(() => holdfast.session.isSignedIn())).toBe(false);
  expect(await second.evaluate(() => holdfast.session.isSignedIn())).toBe(true);
  expect(await stored(second)).toEqual([]);
});

test('with a cookie, a task is stored with keepalive when the user leaves the page', async () => {
  const context = await openSignedIn();
  const page = await context.newPage();
  await page.goto(site.origin);
  await expectSavedOnLeave(page, { url: site.origin, rounds: 3 });
});

test('a page of another origin than the server cannot use a cookie', async () => {
  const page = await (await openSignedIn()).newPage();
  await page.goto(site.origin);
  const message = await page.evaluate((url) => {
    try {
      app.createClient({ url, session: 'cookie' });
    } catch (error) {
      return (error as Error).message;
    }
    return null;
  }, site.server);
  expect(message).toBe("`session: 'cookie'` needs the origin of the page. Use `url: location.origin`.");
});
