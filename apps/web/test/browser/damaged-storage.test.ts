import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture, password } from './fixture.ts';
import { readTitles } from './list/tasks.ts';
import { addTasks } from './steps.ts';

const { server, openApp, openSecondWindow, signUp } = await openFixture();

/** Waits for the inbox, and returns its path. */
async function findInbox(page: Page): Promise<string> {
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  return new URL(page.url()).pathname;
}

async function openSignedIn() {
  const page = await openApp();
  const { email } = await signUp(page);
  const marker = await page.evaluate(() => localStorage.getItem('holdfast.session')!);
  const { userId } = JSON.parse(marker) as { userId: string };
  /** Opens the app again with these values in its storage. */
  async function reloadWith(values: Record<string, string>): Promise<void> {
    await page.evaluate((entries) => Object.assign(localStorage, entries), values);
    await page.reload();
  }
  return { page, email, marker, userId, reloadWith };
}

test('a stored account or draft that is damaged does not stop the app', async () => {
  const { page, userId, reloadWith } = await openSignedIn();
  const accounts = [{ timeZone: 'Mars/Olympus', name: 'A', email: 'a' }, { timeZone: 5, name: {}, email: [] }, {}];
  const texts = accounts.map((account) => JSON.stringify({ id: userId, ...account }));
  for (const text of [...texts, 'null', '5', '[']) {
    await reloadWith({ 'holdfast profile': text, [`holdfast draft ${userId} x title`]: text, 'holdfast theme': text });
    expect(await findInbox(page)).toBe('/inbox');
  }
});

test('a marker that is damaged leads to the sign-in form, and a sign-in works again', async () => {
  const { page, email, marker, reloadWith } = await openSignedIn();
  for (const damaged of [`ü${marker}`, ` ${marker}`, 'x', '[]']) {
    await reloadWith({ 'holdfast.session': damaged });
    await page.getByLabel('Email').waitFor();
  }
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await findInbox(page)).toBe('/inbox');
});

test('stored tasks that are damaged do not stop the app, and come back with a new copy', async () => {
  const { page } = await openSignedIn();
  await addTasks(page, 'One', 'Two');
  await page.getByText('is not sent yet').waitFor({ state: 'detached' });
  await page.evaluate(async () => {
    const name = (await indexedDB.databases()).map((one) => one.name!).find((one) => one.split(' ').length > 2)!;
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.addEventListener('success', () => resolve(request.result));
    });
    const transaction = database.transaction('entries', 'readwrite');
    const store = transaction.objectStore('entries');
    const keys = store.getAllKeys();
    keys.addEventListener('success', () => {
      const damaged = (keys.result as string[]).filter((key) => key.startsWith('task '));
      for (const [at, key] of damaged.entries()) store.put(at === 0 ? 'x' : { generation: 1, row: {} }, key);
      store.put('many', 'commit');
      store.put({ generation: 1, row: { id: 'x' } }, 'task x');
      store.put({ id: 'x', path: 'task.unknown', input: null }, 'write x');
    });
    await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    database.close();
  });
  await page.reload();
  expect(await findInbox(page)).toBe('/inbox');
  await expect.poll(() => readTitles(page)).toEqual(['One', 'Two']);
});

test('in a browser that refuses storage, the app works until the page is closed', async () => {
  const page = await openApp();
  await page.context().addInitScript(() => {
    for (const name of ['localStorage', 'indexedDB']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('Denied', 'SecurityError');
        },
      });
    }
  });
  await signUp(page);
  const other = await openSecondWindow(page, '/inbox');
  await other.getByLabel('Email').waitFor();
  expect(new URL(other.url()).pathname).toBe('/sign-in');
});

test('a link to the sign-in form leads only to pages of the app', async () => {
  const { page } = await openSignedIn();
  for (const next of [
    '/.//evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '\t//evil.example',
  ]) {
    await page.goto(`${server.origin}/sign-in?next=${encodeURIComponent(next)}`);
    await page.waitForURL(`${server.origin}/inbox`);
    expect(await findInbox(page)).toBe('/inbox');
  }
  await page.goto(`${server.origin}/sign-in?next=%2Flabels`);
  await page.waitForURL(`${server.origin}/labels`);
  expect(new URL(page.url()).pathname).toBe('/labels');
});
