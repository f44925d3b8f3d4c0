import type { HoldfastError } from '@holdfast/client';
import { expect, test } from 'vitest';
import {
  create,
  findDatabases,
  hasTasks,
  isLeader,
  leads,
  openSignedIn,
  openTab,
  rows,
  settle,
  site,
  startReplica,
  stored,
  titles,
} from './replica-tabs.ts';

test('a page that is loaded while the server cannot be reached shows its tasks, and sends its writes later', async () => {
  const page = await openTab(await openSignedIn());
  await create(page, 'sent');
  await settle(page);
  site.isCut = true;
  const id = await create(page, 'unsent');
  await page.evaluate((id) => void replica.task.update({ id, completed: true }), id);
  await page.evaluate(() => replica.stored());

  await page.reload();
  await startReplica(page);
  expect(await titles(page)).toEqual(['sent', 'unsent']);
  expect(await page.evaluate(() => replica.status)).toMatchObject({ isStored: true, isComplete: true, unsent: 2 });
  site.isCut = false;
  await settle(page);
  expect(await page.evaluate(async (id) => (await holdfast.task.get({ id })).completed, id)).toBe(true);
});

test('a write without a network is shown at once, and is sent when the network is back', async () => {
  const context = await openSignedIn();
  const page = await openTab(context);
  await settle(page);
  await context.setOffline(true);
  await page.evaluate(() => replica.until(({ status }) => !status.isOnline));
  site.seen.length = 0;
  await create(page, 'offline');
  expect(await titles(page)).toEqual(['offline']);
  expect(site.seen).toEqual([]);
  await context.setOffline(false);
  await settle(page);
  expect(await stored(page)).toEqual(['offline']);
  expect(await page.evaluate(() => replica.status)).toMatchObject({ isOnline: true, error: null });
});

test('two tabs show the writes of each other at once, and one of them sends and receives for both', async () => {
  const context = await openSignedIn();
  const first = await openTab(context);
  await leads(first);
  const second = await openTab(context);
  const requests: string[] = [];
  second.on('request', (request) => requests.push(request.url()));
  await create(second, 'of the second tab');
  await hasTasks(first, 1);
  await create(first, 'of the first tab');
  await hasTasks(second, 2);
  await settle(first);
  await settle(second);
  expect(await Promise.all([isLeader(first), isLeader(second)])).toEqual([true, false]);
  expect(await stored(first)).toEqual(['of the first tab', 'of the second tab']);
  expect(requests).toEqual([]);

  await second.evaluate(async () => void (await holdfast.task.create({ title: 'of another device' })));
  await hasTasks(second, 3);
  await hasTasks(first, 3);
  expect(await rows(first)).toEqual(await rows(second));
});

test.each(['is closed', 'crashes'])(
  'if the leading tab %s with unsent writes of both tabs, the other one sends them',
  async (how) => {
    const context = await openSignedIn();
    const first = await openTab(context);
    await leads(first);
    await settle(first);
    const second = await openTab(context);
    site.isCut = true;
    await create(second, 'of the second tab');
    await create(first, 'of the first tab');
    await first.evaluate(() => replica.stored());
    await hasTasks(second, 2);
    if (how === 'crashes') {
      const session = await context.newCDPSession(first);
      const crashed = first.waitForEvent('crash');
      // A crashed page does not respond.
      void session.send('Page.crash').catch(() => {});
      await crashed;
    } else await first.close();
    site.isCut = false;
    await leads(second);
    await settle(second);
    expect(await stored(second)).toEqual(['of the first tab', 'of the second tab']);
  },
);

test('a write that another tab stored, but did not announce before it crashed, is found and sent', async () => {
  const context = await openSignedIn();
  const page = await openTab(context);
  await settle(page);
  const [name] = await findDatabases(page);
  await page.evaluate(async (name) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.addEventListener('success', () => resolve(request.result));
    });
    const transaction = database.transaction('entries', 'readwrite');
    const store = transaction.objectStore('entries');
    const last = store.get('commit');
    last.addEventListener('success', () => {
      const number = (last.result as number) + 1;
      store.put(number, 'commit');
      const [id, task] = [app.newTaskId(), app.newTaskId()];
      const input = { id: task, title: 'of the crashed tab', position: 'a1' };
      store.put({ id, path: 'task.create', input, at: new Date().toISOString(), order: number }, `write ${id}`);
    });
    await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    database.close();
  }, name!);
  await create(page, 'next');
  await hasTasks(page, 2);
  await settle(page);
  expect(await stored(page)).toEqual(['next', 'of the crashed tab']);
});

test('a write is kept if the page is reloaded in the same moment, and the tab that leads sends it', async () => {
  const context = await openSignedIn();
  const first = await openTab(context);
  await leads(first);
  await settle(first);
  const second = await openTab(context);
  const names = Array.from({ length: 20 }, (_, at) => `written before reload ${at + 10}`);
  for (const title of names) {
    const reloaded = second.waitForEvent('load');
    await second.evaluate((title) => {
      replica.task.create({ title });
      location.reload();
    }, title);
    await reloaded;
    await startReplica(second);
    expect(await titles(second)).toContain(title);
  }
  await hasTasks(first, names.length);
  await settle(first);
  expect(await stored(first)).toEqual(names);
});

test('a page that the user leaves in the moment of a write, and that the browser shows again, goes on', async () => {
  const page = await openTab(await openSignedIn());
  await settle(page);
  await page.evaluate(async () => {
    replica.task.create({ title: 'written before leaving' });
    // The transaction has begun, and its first response comes in a later task.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    dispatchEvent(new Event('pagehide'));
  });
  await settle(page);
  expect(await stored(page)).toEqual(['written before leaving']);
  expect(await page.evaluate(() => replica.status)).toMatchObject({ isStored: true, error: null });
});

test('a hidden tab stops after a minute, so that a visible one leads, and a visible tab starts again', async () => {
  const context = await openSignedIn();
  const page = await context.newPage();
  await page.clock.install();
  await page.goto(site.origin);
  await startReplica(page);
  await leads(page);
  await settle(page);
  const show = (state: string) =>
    page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, state);
  await show('hidden');
  await page.clock.fastForward(59_000);
  expect(await isLeader(page)).toBe(true);
  await page.clock.fastForward(2000);
  await page.evaluate(() => replica.until(({ status }) => !status.isLeader));
  const second = await openTab(context);
  await leads(second);
  await create(second, 'while hidden');
  await hasTasks(page, 1);
  await second.close();
  await show('visible');
  await leads(page);
});

test('a sign-out in one tab deletes the data of the user and empties the replicas of all tabs', async () => {
  const context = await openSignedIn();
  const first = await openTab(context);
  const second = await openTab(context);
  await create(first, 'private');
  await hasTasks(second, 1);
  await settle(second);
  expect(await findDatabases(first)).toHaveLength(1);
  await second.evaluate(() => holdfast.signOut());
  for (const page of [first, second]) {
    await page.waitForFunction(() => replica.status.isClosed);
    expect(await titles(page)).toEqual([]);
  }
  await expect.poll(() => findDatabases(first)).toEqual([]);
  const code = await first.evaluate(() => app.openReplica(holdfast).catch((error: HoldfastError) => error.code));
  expect(code).toBe('UNAUTHORIZED');
});

test('without IndexedDB, a replica works in memory and says so', async () => {
  const context = await openSignedIn();
  await context.addInitScript(() => {
    Object.defineProperty(IDBFactory.prototype, 'open', {
      value: () => {
        throw new Error('Not in private windows');
      },
    });
  });
  const page = await openTab(context);
  await create(page, 'in memory');
  await settle(page);
  expect(await page.evaluate(() => replica.status)).toMatchObject({ isStored: false, isLeader: true });
  expect(await stored(page)).toEqual(['in memory']);
});
