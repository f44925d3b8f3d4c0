import { readdir, readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from './fixture.ts';

const assets = new URL('../../dist/assets/', import.meta.url);
const { openApp, signUp, openSecondWindow, allow } = await openFixture();

async function openInbox(): Promise<Page> {
  const page = await openApp();
  await signUp(page);
  return page;
}

const toField = (page: Page) => page.getByRole('combobox', { name: 'Add task' });
const toChips = (page: Page) => page.getByRole('list', { name: 'Understood' }).getByRole('button');
const readChips = async (page: Page) =>
  (await toChips(page).allTextContents()).map((text) => text.replace(', remove', ''));
/** Not the line of a list that asks whether to add the tasks. */
const toTask = (page: Page, title: string) => page.getByRole('grid').getByText(title, { exact: true });

test('while the user types, chips show the date, the list, labels and the priority, and Enter adds the task', async () => {
  const page = await openInbox();
  await toField(page).fill('Pay rent tomorrow #home !!');
  await expect.poll(() => readChips(page)).toEqual(['Tomorrow', 'home', 'Medium priority']);
  await page.keyboard.press('Enter');
  await toTask(page, 'Pay rent').waitFor();
  expect(await toField(page).inputValue()).toBe('');
  expect(await toField(page).evaluate((field) => field === document.activeElement)).toBe(true);
});

test('a chip is removed by click and by keyboard, and its text stays in the title', async () => {
  const page = await openInbox();
  await toField(page).pressSequentially('Write #home page tomorrow');
  await expect.poll(() => readChips(page)).toEqual(['Tomorrow', 'home']);
  await toChips(page).filter({ hasText: 'home' }).click();
  await expect.poll(() => readChips(page)).toEqual(['Tomorrow']);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => readChips(page)).toEqual([]);
  await page.keyboard.type(' and #work');
  await page.keyboard.press('Escape');
  await expect.poll(() => readChips(page)).toEqual(['work']);
  await page.keyboard.press('Enter');
  await toTask(page, 'Write #home page tomorrow and').waitFor();
});

test('labels are suggested, and the arrow keys, Enter, Tab and Escape work', async () => {
  const page = await openInbox();
  await toField(page).fill('Pay #home #homework');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await toTask(page, 'Pay').waitFor();
  await toField(page).pressSequentially('Call #ho');
  const options = page.getByRole('option');
  expect(await options.allTextContents()).toEqual(['home', 'homework', 'New label “ho”']);
  const readActive = () =>
    toField(page).evaluate(
      (field) => document.getElementById(field.getAttribute('aria-activedescendant')!)?.textContent,
    );
  expect(await readActive()).toBe('home');
  await page.keyboard.press('ArrowDown');
  expect(await readActive()).toBe('homework');
  await page.keyboard.press('Enter');
  expect(await toField(page).inputValue()).toBe('Call #homework ');
  await page.keyboard.type('#ho');
  await page.keyboard.press('Tab');
  expect(await toField(page).inputValue()).toBe('Call #homework #home ');
  await page.keyboard.type('#h');
  await page.keyboard.press('Escape');
  await options.first().waitFor({ state: 'detached' });
  expect(await toField(page).inputValue()).toBe('Call #homework #home #h');
});

test('one Enter adds a task whose label or list is written in full, also a new one', async () => {
  const page = await openInbox();
  const enter = async (line: string, title: string) => {
    await toField(page).pressSequentially(line);
    await page.keyboard.press('Enter');
    await toTask(page, title).waitFor();
    expect(await toField(page).inputValue()).toBe('');
  };
  await enter('Call Ann #homework', 'Call Ann');
  // A label in which the written one is only a part is not what the user means.
  await enter('Sort #work', 'Sort');
  await enter('Read #HOMEWORK', 'Read');
  expect(await page.locator('[data-task] .task-facts').allInnerTexts()).toEqual(['#homework', '#work', '#HOMEWORK']);
  await toField(page).pressSequentially('Dig @"My garden');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'My garden' }).click();
  await toTask(page, 'Dig').waitFor();
  // A part of a name is completed first.
  await toField(page).pressSequentially('Rake @gard');
  await page.keyboard.press('Enter');
  expect(await toField(page).inputValue()).toBe('Rake @"My garden" ');
  await page.keyboard.press('Enter');
  await toTask(page, 'Rake').waitFor();
});

test('a list that does not exist is created only if the user chooses so', async () => {
  const page = await openInbox();
  await toField(page).pressSequentially('Dig @Garden ');
  await page.keyboard.press('Enter');
  const problem = page.getByRole('alert');
  expect(await problem.textContent()).toBe('You have no list “Garden”. Create it, or remove it from the task.');
  expect(await toField(page).inputValue()).toBe('Dig @Garden ');
  await page.getByRole('button', { name: 'Create list “Garden”' }).click();
  await expect.poll(() => readChips(page)).toEqual(['New list “Garden”']);
  expect(await page.getByRole('link', { name: 'Garden' }).count()).toBe(0);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Garden' }).waitFor();
  // The next task is added to the same list.
  await expect.poll(() => readChips(page)).toEqual(['Garden']);
  await page.keyboard.type('Plant');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Garden' }).click();
  await toTask(page, 'Dig').waitFor();
  await toTask(page, 'Plant').waitFor();
  await toField(page).fill('Water @Inbox ');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Inbox' }).click();
  await toTask(page, 'Water').waitFor();
});

test('on the screen of today, a new task is due today unless the text or the user says otherwise', async () => {
  const inbox = await openInbox();
  const page = await openSecondWindow(inbox, '/today');
  await toField(page).fill('Swim');
  await expect.poll(() => readChips(page)).toEqual(['Today']);
  await page.keyboard.press('Enter');
  await toTask(page, 'Swim').waitFor();
  await toField(page).fill('Run tomorrow');
  await expect.poll(() => readChips(page)).toEqual(['Tomorrow']);
  await toField(page).fill('Read');
  await toChips(page).click();
  await expect.poll(() => readChips(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await toTask(inbox, 'Read').waitFor();
  expect(await toTask(page, 'Read').count()).toBe(0);
});

test('on a screen without the field, the key q opens it in a dialog', async () => {
  const inbox = await openInbox();
  const page = await openSecondWindow(inbox, '/settings');
  await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
  await page.keyboard.press('q');
  await page.getByRole('dialog', { name: 'New task' }).waitFor();
  await page.keyboard.type('Swim #wa');
  await page.getByRole('option').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('option').waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await toTask(inbox, 'Swim').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByRole('heading', { name: 'Settings', level: 1 }).isVisible()).toBe(true);
});

/** Pastes as a browser does, without the clipboard of the system. */
const paste = (page: Page, text: string) =>
  toField(page).evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);

test('several pasted lines are added as tasks after a question, and more than 500 are refused', async () => {
  const page = await openInbox();
  await paste(page, '- Pay rent tomorrow\n- Call Ann #home\n- Ask @bob');
  await page.getByRole('button', { name: 'Add 3 tasks' }).click();
  for (const title of ['Pay rent', 'Call Ann', 'Ask @bob']) await toTask(page, title).waitFor();
  await paste(page, Array.from({ length: 501 }, (_, at) => `Task ${at}`).join('\n'));
  await page.getByText('You pasted 501 tasks. Paste at most 500 at once.').waitFor();
  expect(await page.getByRole('button', { name: /^Add \d+ tasks/ }).count()).toBe(0);
  await page.keyboard.press('Escape');
  expect(await toField(page).evaluate((field) => field === document.activeElement)).toBe(true);
});

test('a title that is too long is not added and stays in the field', async () => {
  const page = await openInbox();
  const title = 'x'.repeat(501);
  await toField(page).fill(title);
  expect(await page.getByRole('alert').textContent()).toBe('The title has 501 characters. Shorten it to 500.');
  await page.keyboard.press('Enter');
  expect(await toField(page).inputValue()).toBe(title);
});

test.each(['light', 'dark'] as const)(
  'the field with chips and suggestions is accessible in the %s theme',
  async (colorScheme) => {
    const page = await openApp({ colorScheme });
    await signUp(page);
    await toField(page).pressSequentially('Pay rent tomorrow #home !! @Gar');
    await page.getByRole('option').first().waitFor();
    // Screen readers hear the interpretation.
    await page
      .getByRole('status')
      .getByText('Date: Tomorrow. Unknown list: Gar. Label: home. Medium priority')
      .waitFor();
    const { violations } = await new AxeBuilder({ page }).include('.quick-add').analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  },
);

test('a task in Arabic is written and shown from right to left, with its marks at their words', async () => {
  const page = await openInbox();
  await toField(page).pressSequentially('اتصل غدا #بيت');
  await expect.poll(() => readChips(page)).toEqual(['بيت']);
  const readDirections = (selector: string) =>
    page.locator(selector).evaluateAll((elements) => elements.map((element) => getComputedStyle(element).direction));
  expect(await readDirections('.quick-add input, .quick-add-mirror')).toEqual(['rtl', 'rtl']);
  await page.keyboard.press('Enter');
  await toTask(page, 'اتصل غدا').waitFor();
  expect(await readDirections('.task-title, .task-fact-text')).toEqual(['rtl', 'rtl']);
});

/** The path of the file whose code has a text. */
async function findAsset(text: string): Promise<string> {
  const names = (await readdir(assets)).filter((name) => name.endsWith('.js'));
  const codes = await Promise.all(names.map((name) => readFile(new URL(name, assets), 'utf8')));
  return `**/assets/${names.find((_, at) => codes[at]!.includes(text))}`;
}

/** Opens the inbox without the file whose code has a text. Returns a function that lets it arrive. */
async function openWithout(text: string): Promise<{ page: Page; letArrive(): void }> {
  // The service worker would store it.
  const page = await openApp({ serviceWorkers: 'block' });
  const { promise: arrival, resolve: letArrive } = Promise.withResolvers<void>();
  await page.route(await findAsset(text), (route) => arrival.then(() => route.continue()));
  await signUp(page);
  await toField(page).focus();
  return { page, letArrive };
}

test('what the user types before the code of the field has arrived is kept, with lines that Enter has ended', async () => {
  const { page, letArrive } = await openWithout('quick-add-mirror');
  await page.keyboard.type('Milk #home');
  await page.keyboard.press('Enter');
  await page.keyboard.type('Bred #shop');
  expect(await page.getByRole('row').count()).toBe(0);
  for (let step = 0; step < 7; step++) await page.keyboard.press('ArrowLeft');
  letArrive();
  await expect.poll(() => readChips(page)).toEqual(['shop']);
  await toTask(page, 'Milk').waitFor();
  await page.keyboard.type('a');
  await page.keyboard.press('Enter');
  await toTask(page, 'Bread').waitFor();
});

test('a line that Enter has ended is added although the code of the field could not be loaded at first', async () => {
  allow(/net::ERR_FAILED/);
  const page = await openApp({ serviceWorkers: 'block' });
  const path = await findAsset('quick-add-mirror');
  const { promise: failure, resolve } = Promise.withResolvers<void>();
  await page.route(path, (route) => route.abort().then(resolve));
  await signUp(page);
  await failure;
  await toField(page).fill('Milk');
  await toField(page).press('Enter');
  await page.unroute(path);
  await toTask(page, 'Milk').waitFor();
  expect(await page.getByRole('row').count()).toBe(1);
});

test('lines that are pasted before the code of the field has arrived are added as tasks after a question', async () => {
  const { page, letArrive } = await openWithout('quick-add-mirror');
  await paste(page, 'Pay rent\nCall Ann');
  letArrive();
  await page.getByRole('button', { name: 'Add 2 tasks' }).click();
  for (const title of ['Pay rent', 'Call Ann']) await toTask(page, title).waitFor();
  expect(await toField(page).inputValue()).toBe('');
});

test('what the user types while a line waits until dates are understood is kept', async () => {
  const { page, letArrive } = await openWithout('MONDAY=1');
  await toField(page).pressSequentially('Milk #home');
  await expect.poll(() => readChips(page)).toEqual(['home']);
  for (const line of ['Milk #home tomorrow', 'Bread']) {
    await toField(page).fill(line);
    await page.keyboard.press('Enter');
  }
  await page.keyboard.type('Dig @Garden ');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('You have no list “Garden”.').waitFor();
  expect(await page.getByRole('row').count()).toBe(0);
  letArrive();
  await toTask(page, 'Milk').waitFor();
  await toTask(page, 'Tomorrow').waitFor();
  await toTask(page, 'Bread').waitFor();
  expect(await toField(page).inputValue()).toBe('Dig @Garden ');
});
