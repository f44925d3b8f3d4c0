import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Account, type AppFixture, password } from '../fixture.ts';

/** The title of a task in the list. */
const row = (page: Page, title: string): Locator => page.locator('#main .task-title').getByText(title, { exact: true });

/** Adds tasks to the inbox with the field of the page. */
export async function addTasks(page: Page, ...titles: string[]): Promise<void> {
  const field = page.getByLabel('Add task', { exact: true }).first();
  for (const title of titles) {
    await field.fill(title);
    await field.press('Enter');
    await row(page, title).waitFor();
  }
}

/** Opens a task by a click on its title. */
export async function openTask(page: Page, title: string): Promise<void> {
  await row(page, title).click();
  await expect.poll(() => titleField(page).inputValue()).toBe(title);
}

export const titleField = (page: Page): Locator => page.getByRole('textbox', { name: 'Title' });
export const descriptionField = (page: Page): Locator => page.getByRole('textbox', { name: 'Description' });

/** A property of the open task: a button with the name of the property and its value. */
export const property = (page: Page, name: string): Locator =>
  page.locator('.properties').getByRole('button', { name: new RegExp(`^${name}`) });

/** The notice about the last action. */
export const notice = (page: Page, text: string): Locator =>
  page.getByRole('region', { name: 'Last action' }).getByText(text);

/** Opens the command palette with the keyboard. */
export async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Open anything' }).waitFor();
}

/** Opens the app on another device of the same user. */
export async function openOtherDevice(fixture: AppFixture, { email }: Account): Promise<Page> {
  const page = await fixture.openApp({ path: '/sign-in' });
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Inbox', exact: true }).waitFor();
  return page;
}

/** The name of the control that has the focus, else its text. */
export const readFocus = (page: Page) =>
  page.evaluate(() => document.activeElement!.getAttribute('aria-label') ?? document.activeElement!.textContent);
