import { mkdir } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { desktop, untilTitle } from '../steps.ts';
import { openClient } from './people.ts';
import { createWeek, dialogs, screens, signedOutScreens } from './screens.ts';
import { findDialogs, findRoutes } from './sources.ts';

// Nobody listens there: the pages for mails are shown, and no test needs a mail.
const fixture = await openFixture({ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'tasks@holdfast.example' });
const { openApp, openSecondWindow, signUp, setOffline, allow, server } = fixture;

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const widths = [390, 820, 1440];
/** Where to store pictures of all screens. Without it, none are taken. */
const folder = process.env['TEST_SCREENSHOTS'];

/** All rules in the light theme. In the dark theme only the colors differ. */
async function findViolations(page: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (
    colorScheme === 'light' ? axe.withTags(tags) : axe.withRules(['color-contrast'])
  ).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}

/** Checks the page in both themes, and takes pictures of it. */
async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect.soft(await findViolations(page, colorScheme), `${name}, ${colorScheme}`).toEqual([]);
    if (folder !== undefined) await takePictures(page, `${name}-${colorScheme}`);
  }
}

async function takePictures(page: Page, name: string): Promise<void> {
  const size = page.viewportSize()!;
  await mkdir(folder!, { recursive: true });
  for (const width of widths) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await page.screenshot({ path: `${folder}/${name}-${width}.png`, animations: 'disabled' });
  }
  await page.setViewportSize(size);
}

async function openWeek(): Promise<{ page: Page; list: string }> {
  const page = await openApp({ ...desktop, reducedMotion: 'reduce' });
  const client = await openClient(fixture, await signUp(page));
  const list = await createWeek(client);
  await page.locator('[data-task]').first().waitFor();
  return { page, list };
}

const toName = (path: string) => path.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '');

test('the tests know all screens and dialogs of the app', async () => {
  expect(Object.keys(screens).toSorted()).toEqual(await findRoutes());
  expect([...Object.keys(dialogs), 'details/refusals/refusals-dialog.tsx'].toSorted()).toEqual(await findDialogs());
});

const isForGuests = (path: string) => /^\/(?:sign-in|signed-in|sign-up|forgot-password)$/.test(path);

test('every screen of a user with tasks is accessible in both themes', async () => {
  const { page, list } = await openWeek();
  allow(/status of 4\d\d/);
  const paths = Object.values(screens).filter((path) => !isForGuests(path));
  for (const path of [...paths, '/no-such-page', '/inbox?task=none']) {
    await page.goto(server.origin + path.replace(':id', list));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await expect.poll(() => page.getByText(/^(?:Opening your tasks…|One moment…|Loading…)$/).count()).toBe(0);
    await expectAccessible(page, `screen-${toName(path)}`);
  }
});

test('every screen of a new user, without tasks, is accessible in both themes', async () => {
  const page = await openApp({ ...desktop, reducedMotion: 'reduce' });
  await signUp(page);
  for (const path of ['/inbox', '/today', '/upcoming', '/search', '/labels', '/completed', '/trash']) {
    await page.goto(server.origin + path);
    await page.locator('.empty').waitFor();
    await expectAccessible(page, `empty-${toName(path)}`);
  }
});

test('every screen before a sign-in is accessible in both themes', async () => {
  const page = await openApp({ ...desktop, reducedMotion: 'reduce' });
  allow(/status of 4\d\d/);
  for (const path of signedOutScreens) {
    await page.goto(server.origin + screens[path]!);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('One moment…').waitFor({ state: 'detached' });
    await expectAccessible(page, `account-${toName(path)}`);
  }
  await page.goto(`${server.origin}/sign-up`);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('Enter your name.').waitFor();
  await expectAccessible(page, 'account-sign-up-problems');
});

test('every dialog is accessible in both themes, and gives the focus back to the page', async () => {
  const { page } = await openWeek();
  // A task is then opened in a dialog.
  await page.setViewportSize({ width: 1100, height: 900 });
  for (const [file, { path, open }] of Object.entries(dialogs)) {
    await page.goto(server.origin + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.locator('.rows, [data-task], .settings-section').first().waitFor();
    await open(page);
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor();
    await expectAccessible(page, `dialog-${/(?<name>[^/]+)\.tsx$/.exec(file)!.groups!['name']}`);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect.soft(await page.evaluate(() => document.activeElement?.tagName), file).not.toBe('BODY');
  }
});

test('a change that the server refuses is shown in an accessible dialog', async () => {
  const page = await openApp({ ...desktop, reducedMotion: 'reduce' });
  const client = await openClient(fixture, await signUp(page));
  const { id } = await client.task.create({ title: 'Gone' });
  await page.locator('[data-task]').waitFor();
  await setOffline(page, true);
  await page.keyboard.press('j');
  await page.keyboard.press('3');
  await page.getByText('1 change is not sent yet.').waitFor();
  await client.task.delete({ id });
  await client.trash.purge({ ids: [id] });
  allow(/status of 404/);
  await setOffline(page, false);
  await page.getByRole('button', { name: '1 change needs your decision' }).click();
  const dialog = page.getByRole('dialog', { name: 'Changes that need your decision' });
  await dialog.getByText('The task or the list does not exist any more.').waitFor();
  await expectAccessible(page, 'dialog-refusals');
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await dialog.getByText('All changes are settled.').waitFor();
});

test('nothing moves for users who ask for reduced motion', async () => {
  const page = await openApp({ ...desktop, reducedMotion: 'reduce' });
  await signUp(page);
  const second = await openSecondWindow(page, '/inbox');
  await untilTitle(second, 'Inbox');
  await second.evaluate(() => {
    const moving: string[] = [];
    Object.assign(globalThis, { moving });
    const record = ({ target }: Event) => {
      for (const animation of (target as Element).getAnimations({ subtree: true })) {
        const isLong = Number(animation.effect?.getComputedTiming().duration) > 1;
        if (isLong) moving.push((target as Element).outerHTML.slice(0, 80));
      }
    };
    for (const name of ['animationstart', 'transitionrun']) document.addEventListener(name, record, true);
  });
  await second.keyboard.press('q');
  await second.keyboard.type('Move me');
  await second.keyboard.press('Enter');
  await second.keyboard.press('Escape');
  await second.getByRole('checkbox', { name: 'Complete “Move me”' }).hover();
  await second.getByRole('checkbox', { name: 'Complete “Move me”' }).click();
  await second.getByRole('button', { name: 'Undo' }).click();
  await second.getByRole('button', { name: 'New list' }).click();
  await second.getByRole('dialog').waitFor();
  await second.keyboard.press('Escape');
  await second.getByRole('button', { name: 'Actions for “Move me”' }).click();
  await second.getByRole('menuitem', { name: 'Open' }).waitFor();
  await second.keyboard.press('Escape');
  await second.getByRole('link', { name: 'Today' }).click();
  await untilTitle(second, 'Today');
  expect(await second.evaluate(() => (globalThis as unknown as { moving: string[] }).moving)).toEqual([]);
});
