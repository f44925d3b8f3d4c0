import type { HoldfastWithSignIn } from '@holdfast/client';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type Actions, createActions } from '../../../src/data/actions/actions.ts';
import { openFixture } from '../fixture.ts';
import { findRow } from '../list/tasks.ts';
import { desktop } from '../steps.ts';
import { type ActionSteps, actionSteps } from './action-steps.ts';
import { openClient, readAll, startTasks } from './people.ts';

// The clients of the tests then have different addresses, because the server limits the sign-ins of one address.
const fixture = await openFixture({ TRUST_PROXY: '1' });

const actions = Object.keys(createActions(null as never, null as never)) as (keyof Actions)[];

/** What the server has, without what each write changes. */
async function readServer(client: HoldfastWithSignIn): Promise<object> {
  const { lists, tasks } = await readAll(client);
  const toContent = (row: (typeof lists | typeof tasks)[number]) => ({
    ...row,
    version: undefined,
    updatedAt: undefined,
  });
  return { lists: lists.map(toContent), tasks: tasks.map(toContent) };
}

/** The names and counts of the sidebar, also what is hidden under the pointer. */
const readSidebar = (page: Page) => page.getByRole('navigation', { name: 'Places' }).textContent();

interface Journey {
  page: Page;
  client: HoldfastWithSignIn;
  action: keyof Actions;
}

async function waitForAll(page: Page): Promise<void> {
  for (const title of ['One', 'Two']) await findRow(page, title).waitFor();
  await page.getByRole('link', { name: 'Garden 2 open tasks' }).waitFor();
  await page.getByRole('link', { name: 'Work' }).waitFor();
  await page.getByRole('button', { name: 'Ada' }).waitFor();
}

async function openInbox(): Promise<Omit<Journey, 'action'>> {
  const page = await fixture.openApp(desktop);
  const client = await openClient(fixture, await fixture.signUp(page));
  await startTasks(client);
  await waitForAll(page);
  return { page, client };
}

const undo = {
  mouse: (page: Page) => page.getByRole('button', { name: 'Undo', exact: true }).click(),
  keyboard: (page: Page) => page.keyboard.press('Control+z'),
};

/** Does the action, undoes it, repeats it, and undoes it again. */
async function expectUndo({ page, client, action }: Journey, means: keyof ActionSteps): Promise<void> {
  const read = () => readServer(client);
  const [before, sidebar] = [await read(), await readSidebar(page)];
  const untilUndone = async () => {
    await expect.poll(read).toEqual(before);
    await expect.poll(() => readSidebar(page)).toBe(sidebar);
  };
  await actionSteps[action][means](page);
  await expect.poll(read).not.toEqual(before);
  await undo[means](page);
  await untilUndone();
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(read).not.toEqual(before);
  await page.keyboard.press('Control+z');
  await untilUndone();
}

test('the app has actions, each with steps for the mouse and for the keyboard', () => {
  expect(actions.length).toBeGreaterThan(10);
  expect(Object.keys(actionSteps).toSorted()).toEqual(actions.toSorted());
});

test.each(actions)('%s is done and undone with the mouse, and again with the keyboard only', async (action) => {
  const inbox = await openInbox();
  for (const means of ['mouse', 'keyboard'] as const) {
    await inbox.page.goto(`${fixture.server.origin}/inbox`);
    await waitForAll(inbox.page);
    await expectUndo({ ...inbox, action }, means);
  }
});
