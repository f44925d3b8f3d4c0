import type { Page } from 'playwright-core';
import { type Account, type AppFixture, type OpenOptions, password } from './fixture.ts';
import { findRow } from './list/tasks.ts';

/** Wide enough for the sidebar and an open task beside the list. */
export const desktop = { viewport: { width: 1440, height: 900 } };

/** What the browser reports for each response that refuses a value, a password or a session. */
export const refusedResponse = /status of (?:400|401|403|422)/;

/** Waits for the screen with this title. */
export const untilTitle = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

/** Fills in the form of the page and sends it. */
export async function signIn(page: Page, { email }: Account, secret = password): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Opens the app in a new profile, as another device of the user, and waits for its screen. */
export async function openDevice({ openApp }: AppFixture, account: Account, options?: OpenOptions): Promise<Page> {
  const page = await openApp({ path: '/inbox', ...options });
  await signIn(page, account);
  await page.locator('.screen h1').waitFor();
  return page;
}

/** Opens the question of the menu of the account. */
export async function startSignOut(page: Page): Promise<void> {
  await page.getByTitle('Your account').and(page.getByRole('button')).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

/** Signs out by the menu of the account. */
export async function signOut(page: Page): Promise<void> {
  await startSignOut(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** Adds tasks with the field of the page, and waits until each is in the list. */
export async function addTasks(page: Page, ...titles: string[]): Promise<void> {
  const field = page.getByRole('combobox', { name: 'Add task' });
  for (const title of titles) {
    await field.fill(title);
    await field.press('Enter');
    await findRow(page, title).waitFor();
  }
}

/** The name of the control that has the focus, else its text. */
export const readFocus = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    const label = (activeElement as HTMLInputElement | null)?.labels?.[0]?.textContent;
    return (activeElement?.getAttribute('aria-label') ?? label ?? activeElement?.textContent ?? '').trim();
  });
