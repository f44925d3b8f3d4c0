import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** The title of a task in the list. */
const row = (page: Page, title: string): Locator => page.locator('#main .task-title').getByText(title, { exact: true });

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
