import { expect, test } from 'vitest';
import { openFixture, password } from '../fixture.ts';
import { findRow } from '../list/tasks.ts';
import { desktop, signIn, signOut, untilTitle } from '../steps.ts';
import { chooseItem, openClient, readTitles, tabTo } from './people.ts';

const fixture = await openFixture();
const { openApp } = fixture;

const screens = ['Today', 'Upcoming', 'Search', 'Labels', 'Completed', 'Trash', 'Settings', 'Inbox'];

test('a new user gets from the sign-up to the first task and to every screen with the mouse', async () => {
  const page = await openApp(desktop);
  await page.getByRole('link', { name: 'Create account' }).click();
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('Email').fill('mouse@example.org');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await untilTitle(page, 'Inbox');
  await page.getByRole('combobox', { name: 'Add task' }).click();
  await page.keyboard.type('Call Ann #home tomorrow');
  await page.keyboard.press('Enter');
  await findRow(page, 'Call Ann').waitFor();
  const client = await openClient(fixture, { name: 'Ada', email: 'mouse@example.org' });
  await expect.poll(() => readTitles(client)).toEqual(['Call Ann']);
  for (const screen of screens) {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: screen }).click();
    await untilTitle(page, screen);
    await expect.poll(() => page.title()).toBe(`${screen} · Holdfast`);
  }
  await page.getByRole('link', { name: 'Labels' }).click();
  await page.getByRole('link', { name: 'home 1 task' }).click();
  await untilTitle(page, '#home');
  await page.goBack();
  await untilTitle(page, 'Labels');
  await signOut(page);
  await page.getByRole('link', { name: 'Create account' }).waitFor();
});

test('a new user gets from the sign-up to the first task and to every screen with the keyboard only', async () => {
  const page = await openApp({ ...desktop, path: '/sign-in' });
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await tabTo(page, 'Create account');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Create account' }).waitFor();
  for (const [label, text] of [
    ['Name', 'Ada'],
    ['Email', 'keyboard@example.org'],
    ['Password', password],
  ] as const) {
    await tabTo(page, label);
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await untilTitle(page, 'Inbox');
  await page.keyboard.press('q');
  await page.keyboard.type('Call Ann #home');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await findRow(page, 'Call Ann').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await page.keyboard.press('j');
  expect(await page.locator(':focus .task-title').textContent()).toBe('Call Ann');
  for (const [key, screen] of Object.entries({
    t: 'Today',
    u: 'Upcoming',
    l: 'Labels',
    c: 'Completed',
    s: 'Settings',
    i: 'Inbox',
  })) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await untilTitle(page, screen);
    // The title of a new screen has the focus.
    expect(await page.locator(':focus').textContent()).toBe(screen);
  }
  await page.keyboard.press('/');
  await untilTitle(page, 'Search');
  await tabTo(page, 'Trash');
  await page.keyboard.press('Enter');
  await untilTitle(page, 'Trash');
  await page.keyboard.press('Shift+?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.reload();
  await untilTitle(page, 'Trash');
  await tabTo(page, /^A?Ada$/);
  await page.keyboard.press('Enter');
  await chooseItem(page, 'Sign out');
  await page.getByRole('dialog', { name: 'Sign out?' }).waitFor();
  await tabTo(page, 'Sign out');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('a page that needs a sign-in is shown after it', async () => {
  const page = await openApp(desktop);
  const account = await fixture.signUp(page);
  const other = await openApp({ ...desktop, path: '/search?q=milk' });
  await signIn(other, account);
  await untilTitle(other, 'Search');
  expect(await other.getByRole('searchbox').inputValue()).toBe('milk');
});
