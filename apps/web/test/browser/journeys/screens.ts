import type { HoldfastWithSignIn } from '@holdfast/client';
import { createOneTimeCode } from '@holdfast/db/testing';
import type { Page } from 'playwright-core';
import { password } from '../fixture.ts';
import { findRow } from '../list/tasks.ts';

const toDate = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);

/** Tasks and lists as a person has them. Returns the ID of a list. */
export async function createWeek(client: HoldfastWithSignIn): Promise<string> {
  const { id: work } = await client.list.create({ name: 'Work', color: '#1d5fd1' });
  const { id: garden } = await client.list.create({ name: 'Garden', color: '#17693f' });
  const { id: past } = await client.list.create({ name: 'Move to the new flat' });
  await client.list.update({ id: past, archived: true });
  const { items } = await client.task.createMany({
    items: [
      { title: 'Buy milk', labels: ['errands'], due: { date: toDate(0) } },
      { title: 'Call the dentist', due: { date: toDate(-2) }, priority: 3 },
      { title: 'Read the book that Ann gave me for my birthday, and write her what I think about it', priority: 1 },
      { title: 'Prepare the talk', listId: work, due: { date: toDate(1), time: '09:30' }, labels: ['deep', 'team'] },
      { title: 'Answer Tom', listId: work, description: 'He asked twice.\n\nhttps://example.org' },
      { title: 'Plant tomatoes', listId: garden, due: { date: toDate(3) }, priority: 2 },
      { title: 'Pay the rent', due: { date: toDate(-1) } },
      { title: 'Old idea' },
      { title: 'Older idea' },
    ],
  });
  await client.task.update({ id: items[6]!.id, completed: true });
  await client.task.deleteMany({ ids: items.slice(7).map(({ id }) => id) });
  return work;
}

/** Addresses of the screens, by the paths of their routes. `:id` is that of a list. */
export const screens: Record<string, string> = {
  '/inbox': '/inbox',
  '/today': '/today',
  '/upcoming': '/upcoming',
  '/lists/:id': '/lists/:id',
  '/search': '/search?q=the',
  '/labels': '/labels',
  '/labels/:name': '/labels/errands',
  '/completed': '/completed',
  '/trash': '/trash',
  '/settings': '/settings',
  '/reset-password': '/reset-password?token=some',
  '/verify-email': '/verify-email?token=wrong',
  '/sign-in': '/sign-in',
  '/signed-in': '/signed-in',
  '/sign-up': '/sign-up',
  '/forgot-password': '/forgot-password',
};

/** Screens of users who are not signed in. */
export const signedOutScreens = [
  '/sign-in',
  '/signed-in',
  '/sign-up',
  '/forgot-password',
  '/reset-password',
  '/verify-email',
];

interface OpenDialog {
  path: string;
  open(page: Page): Promise<unknown>;
}

const click = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
const choose = async (page: Page, menu: string, item: string) => {
  await click(page, menu);
  await page.getByRole('menuitem', { name: item }).click();
};
const pressOnRow = (key: string): OpenDialog => ({
  path: '/inbox',
  async open(page) {
    await findRow(page, 'Buy milk').focus();
    await page.keyboard.press(key);
  },
});

async function turnOnSecondFactor(page: Page): Promise<void> {
  await click(page, 'Set up the second factor');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Password', { exact: true }).fill(password);
  await dialog.getByRole('button', { name: 'Next' }).click();
  const secret = await dialog.locator('.two-factor-secret').innerText();
  await dialog.getByLabel('Code of the app').fill(createOneTimeCode(secret));
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** How each dialog is opened, by its file. That of refused changes has tests of its own. */
export const dialogs: Record<string, OpenDialog> = {
  'account/settings/calendar-section.tsx': { path: '/settings', open: (page) => click(page, 'New URL') },
  'account/settings/change-email-dialog.tsx': { path: '/settings', open: (page) => click(page, 'Change email') },
  'account/settings/create-token-dialog.tsx': { path: '/settings', open: (page) => click(page, 'New token') },
  'account/settings/delete-account-dialog.tsx': { path: '/settings', open: (page) => click(page, 'Delete account') },
  'account/settings/time-zone-row.tsx': { path: '/settings', open: (page) => click(page, 'Change time zone') },
  'account/settings/two-factor/set-up-two-factor-dialog.tsx': {
    path: '/settings',
    open: (page) => click(page, 'Set up the second factor'),
  },
  'account/settings/two-factor/backup-codes-dialog.tsx': {
    path: '/settings',
    async open(page) {
      await turnOnSecondFactor(page);
      await click(page, 'New backup codes');
    },
  },
  'account/settings/two-factor/turn-off-two-factor-dialog.tsx': {
    path: '/settings',
    open: (page) => click(page, 'Turn off the second factor'),
  },
  'account/sign-out-dialog.tsx': { path: '/settings', open: (page) => click(page, /^Sign out$/) },
  'app/quick-add-dialog.tsx': { path: '/settings', open: (page) => page.keyboard.press('q') },
  'app/shortcuts-dialog.tsx': { path: '/inbox', open: (page) => page.keyboard.press('Shift+?') },
  'details/label-menu.tsx': {
    path: '/labels',
    open: (page) => choose(page, 'Actions for the label #errands', 'Rename'),
  },
  'details/palette/command-palette.tsx': { path: '/inbox', open: (page) => page.keyboard.press('Control+k') },
  'details/pickers/date-picker.tsx': pressOnRow('t'),
  'details/pickers/label-picker.tsx': pressOnRow('l'),
  'details/pickers/move-picker.tsx': pressOnRow('m'),
  'details/task/task-frame.tsx': pressOnRow('Enter'),
  'details/trash/purge-dialog.tsx': { path: '/trash', open: (page) => click(page, 'Empty the trash') },
  'lists/delete-list-dialog.tsx': {
    path: '/inbox',
    open: (page) => choose(page, 'Actions for the list “Work”', 'Delete'),
  },
  'lists/list-form.tsx': { path: '/inbox', open: (page) => click(page, 'New list') },
};
