import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from './fixture.ts';

const { openApp, signUp } = await openFixture();

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');
const findAddField = (page: Page) => page.locator('[data-quick-add]').and(page.locator(':visible'));

async function addTask(page: Page, title: string): Promise<void> {
  await findAddField(page).fill(title);
  await findAddField(page).press('Enter');
  await expect.poll(() => findAddField(page).inputValue()).toBe('');
}

test('a link of the sidebar opens its screen, names the page and moves the focus to its title', async () => {
  const page = await openApp();
  await signUp(page);
  await page.getByRole('link', { name: 'Upcoming' }).click();
  await page.getByRole('heading', { level: 1, name: 'Upcoming' }).waitFor();
  expect(await page.title()).toBe('Upcoming · Holdfast');
  await expect.poll(() => focusedText(page)).toBe('Upcoming');
  expect(await page.getByRole('link', { name: 'Upcoming' }).getAttribute('aria-current')).toBe('page');
  expect(await page.getByRole('link', { name: 'Inbox' }).getAttribute('aria-current')).toBeNull();
});

test('the first page leaves the focus to the browser', async () => {
  const page = await openApp();
  await signUp(page);
  await page.goto(new URL('/today', page.url()).href);
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
});

test('the keys g and a letter open the places, and q focuses the field for a new task', async () => {
  const page = await openApp();
  await signUp(page);
  for (const [key, title] of [
    ['t', 'Today'],
    ['u', 'Upcoming'],
    ['s', 'Settings'],
    ['i', 'Inbox'],
  ] as const) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect.poll(() => page.getByRole('heading', { level: 1, name: title }).isVisible()).toBe(true);
  }
  await page.keyboard.press('q');
  await expect.poll(() => findAddField(page).evaluate((field) => field === document.activeElement)).toBe(true);
});

test('the key q opens a dialog on a screen without a field for a new task', async () => {
  const page = await openApp();
  await signUp(page);
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await page.keyboard.press('q');
  await page.getByRole('dialog', { name: 'New task' }).waitFor();
  await page.keyboard.type('Written in the settings');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'Inbox' }).click();
  await expect.poll(() => page.getByText('Written in the settings', { exact: true }).first().isVisible()).toBe(true);
});

test('the question mark lists the shortcuts, and Escape closes the list', async () => {
  const page = await openApp();
  await signUp(page);
  await page.keyboard.press('Shift+?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await dialog.waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => dialog.isVisible()).toBe(false);
});

test('the skip link is the first stop of the keyboard and leads to the tasks', async () => {
  const page = await openApp();
  await signUp(page);
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await page.keyboard.press('Tab');
  expect(await focusedText(page)).toBe('Skip to the tasks');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
});

test('the entries of the sidebar have their focus ring inside, where its frame does not cut it', async () => {
  const page = await openApp();
  await signUp(page);
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  // The name comes with the account.
  await page.getByText('Ada', { exact: true }).waitFor();
  await page.keyboard.press('Tab');
  for (const name of ['Ada', 'Inbox', 'Today']) {
    await page.keyboard.press('Tab');
    expect(await focusedText(page)).toContain(name);
    expect(await page.evaluate(() => getComputedStyle(document.activeElement!).outlineOffset)).toBe('-2px');
  }
});

test('the way back leads to the same place of a long list', async () => {
  const page = await openApp({ viewport: { width: 1000, height: 400 } });
  await signUp(page);
  for (let at = 1; at <= 20; at += 1) await addTask(page, `Task ${at}`);
  await page.evaluate(() => scrollTo(0, 300));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(300);
  // The event of a scroll arrives with the next frame.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  await page.getByRole('link', { name: 'Today' }).click();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Inbox' }).waitFor();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(300);
});

test('a phone has its places at the bottom, and the menu closes after each choice', async () => {
  const page = await openApp(phone);
  await signUp(page);
  const bar = page.getByRole('navigation', { name: 'Main places' });
  await bar.getByRole('link', { name: 'Today' }).tap();
  await page.getByRole('heading', { level: 1, name: 'Today' }).waitFor();
  await bar.getByRole('button', { name: 'Menu' }).tap();
  const side = page.getByRole('navigation', { name: 'Places', exact: true });
  await side.getByRole('link', { name: 'Today' }).tap();
  await side.waitFor({ state: 'hidden' });
  await bar.getByRole('button', { name: 'Menu' }).tap();
  await side.getByRole('link', { name: 'Settings' }).tap();
  await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
  await expect.poll(() => side.isVisible()).toBe(false);
});

test('the button of a phone adds tasks with the date of the open screen', async () => {
  const page = await openApp(phone);
  await signUp(page);
  await page.getByRole('navigation', { name: 'Main places' }).getByRole('link', { name: 'Today' }).tap();
  await page.getByRole('button', { name: 'New task' }).tap();
  const dialog = page.getByRole('dialog', { name: 'New task' });
  await dialog.locator('[data-quick-add]').fill('Call Ada');
  await dialog.locator('[data-quick-add]').press('Enter');
  await dialog.getByRole('button', { name: 'Close' }).tap();
  await page.getByRole('main').getByText('Call Ada').waitFor();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Today');
  await page.getByRole('navigation', { name: 'Main places' }).getByRole('link', { name: 'Upcoming' }).tap();
  await page.getByRole('button', { name: 'New task' }).tap();
  await dialog.locator('[data-quick-add]').fill('Call Bob');
  await dialog.locator('[data-quick-add]').press('Enter');
  await dialog.getByRole('button', { name: 'Close' }).tap();
  await page.getByRole('main').getByText('Call Bob').waitFor();
});

test('the button of a phone adds tasks with the label of the open screen, also if its name has signs of addresses', async () => {
  const page = await openApp(phone);
  await signUp(page);
  for (const [path, label] of [
    ['50%25', '50%'],
    ['home%2Fgarden%3F', 'home/garden?'],
    ['50%', '50%'],
  ] as const) {
    await page.goto(new URL(`/labels/${path}`, page.url()).href);
    await page.getByRole('heading', { level: 1, name: `#${label}`, exact: true }).waitFor();
    await page.getByRole('button', { name: 'New task' }).tap();
    const dialog = page.getByRole('dialog', { name: 'New task' });
    await dialog.locator('[data-quick-add]').fill(`Task of ${path}`);
    await dialog.locator('[data-quick-add]').press('Enter');
    await dialog.getByRole('button', { name: 'Close' }).tap();
    const added = page.getByRole('main').getByText(`Task of ${path}`, { exact: true });
    await expect.poll(() => added.isVisible()).toBe(true);
  }
});
