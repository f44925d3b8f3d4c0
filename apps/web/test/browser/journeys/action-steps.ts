import type { Page } from 'playwright-core';
import type { Actions } from '../../../src/data/actions/actions.ts';
import { findRow } from '../list/tasks.ts';
import { chooseItem, tabTo } from './people.ts';

type Steps = (page: Page) => Promise<void>;

export interface ActionSteps {
  mouse: Steps;
  keyboard: Steps;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const chooseWithMouse = async (page: Page, menu: string, item: string) => {
  await button(page, menu).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const chooseWithKeys = async (page: Page, menu: string, item: string) => {
  await tabTo(page, menu);
  await page.keyboard.press('Enter');
  await chooseItem(page, item);
};
const typeKeys = async (page: Page, ...keys: string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};

/** Moves the focus to the row with the title. */
async function focusRow(page: Page, title: string): Promise<void> {
  await page.keyboard.press('j');
  await page.keyboard.press('Home');
  for (let presses = 0; presses < 10; presses += 1) {
    if ((await page.locator(':focus .task-title').allTextContents())[0] === title) return;
    await page.keyboard.press('j');
  }
  throw new Error(`The keys do not reach “${title}”.`);
}

const rowMenu =
  (item: string): Steps =>
  async (page) => {
    await findRow(page, 'One').hover();
    await chooseWithMouse(page, 'Actions for “One”', item);
  };

const garden = 'Actions for the list “Garden”';
const withDialog =
  (open: Steps, confirm: Steps): Steps =>
  async (page) => {
    await open(page);
    await page.getByRole('dialog').waitFor();
    await confirm(page);
  };
const clickLabel: Steps = async (page) => {
  await page.getByRole('option', { name: 'home' }).click();
  await button(page, 'Done').click();
};
const typeLabel: Steps = async (page) => {
  await page.keyboard.type('home');
  await typeKeys(page, 'Enter', 'Escape');
};

/**
 * How a user does each action, in the inbox of `startTasks` in people.ts. The type requires an entry for each action of the app.
 */
export const actionSteps: Record<keyof Actions, ActionSteps> = {
  addTasks: {
    async mouse(page) {
      await page.getByRole('combobox', { name: 'Add task' }).click();
      await page.keyboard.type('Pay rent tomorrow #home @Work !!!');
      await page.keyboard.press('Enter');
    },
    async keyboard(page) {
      await page.keyboard.press('q');
      await page.keyboard.type('Pay rent');
      await typeKeys(page, 'Enter', 'Escape', 'Escape');
      await page.keyboard.press('Tab');
    },
  },
  setCompleted: {
    mouse: (page) => page.getByRole('checkbox', { name: 'Complete “One”' }).click(),
    async keyboard(page) {
      await focusRow(page, 'One');
      await page.keyboard.press('Space');
    },
  },
  changeTasks: {
    async mouse(page) {
      await button(page, 'Actions for “One”').click();
      await page.getByRole('menuitemradio', { name: 'High priority' }).click();
    },
    async keyboard(page) {
      await focusRow(page, 'One');
      await page.keyboard.press('e');
      await page.getByRole('textbox', { name: 'Title' }).waitFor();
      await page.keyboard.press('Control+a');
      await page.keyboard.type('One more');
      await page.keyboard.press('Enter');
    },
  },
  addLabels: {
    mouse: withDialog(rowMenu('Labels'), clickLabel),
    keyboard: withDialog(async (page) => {
      await focusRow(page, 'One');
      await page.keyboard.press('l');
    }, typeLabel),
  },
  removeLabels: {
    mouse: withDialog(async (page) => {
      await findRow(page, 'Two').hover();
      await chooseWithMouse(page, 'Actions for “Two”', 'Labels');
    }, clickLabel),
    keyboard: withDialog(async (page) => {
      await focusRow(page, 'Two');
      await page.keyboard.press('l');
    }, typeLabel),
  },
  moveTasks: {
    mouse: rowMenu('Move down'),
    async keyboard(page) {
      await focusRow(page, 'One');
      await page.keyboard.press('Alt+ArrowDown');
    },
  },
  moveToDay: {
    async mouse(page) {
      await page.getByRole('link', { name: 'Today' }).click();
      await button(page, 'Move all to today').click();
    },
    async keyboard(page) {
      await typeKeys(page, 'g', 't');
      await page.getByRole('heading', { name: 'Overdue' }).waitFor();
      await tabTo(page, 'Move all to today');
      await page.keyboard.press('Enter');
    },
  },
  duplicateTasks: {
    mouse: rowMenu('Duplicate'),
    async keyboard(page) {
      await focusRow(page, 'Two');
      await chooseWithKeys(page, 'Actions for “Two”', 'Duplicate');
    },
  },
  deleteTasks: {
    mouse: rowMenu('Move to trash'),
    async keyboard(page) {
      await focusRow(page, 'One');
      await page.keyboard.press('Delete');
    },
  },
  restoreTasks: {
    async mouse(page) {
      await page.getByRole('link', { name: 'Trash' }).click();
      await button(page, 'Restore “Old”').click();
    },
    async keyboard(page) {
      await tabTo(page, 'Trash');
      await page.keyboard.press('Enter');
      await tabTo(page, 'Restore “Old”');
      await page.keyboard.press('Enter');
    },
  },
  renameLabel: {
    mouse: withDialog(
      async (page) => {
        await page.getByRole('link', { name: 'Labels' }).click();
        await chooseWithMouse(page, 'Actions for the label #home', 'Rename');
      },
      async (page) => {
        await page.getByRole('textbox', { name: 'Name' }).fill('house');
        await button(page, 'Rename').click();
      },
    ),
    keyboard: withDialog(
      async (page) => {
        await typeKeys(page, 'g', 'l');
        await chooseWithKeys(page, 'Actions for the label #home', 'Rename');
      },
      async (page) => {
        await page.keyboard.press('Control+a');
        await page.keyboard.type('house');
        await page.keyboard.press('Enter');
      },
    ),
  },
  addList: {
    mouse: withDialog(
      (page) => button(page, 'New list').click(),
      async (page) => {
        await page.getByRole('textbox', { name: 'Name' }).fill('Holidays');
        await page.getByTitle('Teal').click();
        await button(page, 'Save').click();
      },
    ),
    keyboard: withDialog(
      async (page) => {
        await tabTo(page, 'New list');
        await page.keyboard.press('Enter');
      },
      async (page) => {
        await page.keyboard.type('Holidays');
        await page.keyboard.press('Enter');
      },
    ),
  },
  changeList: {
    mouse: withDialog(
      (page) => chooseWithMouse(page, garden, 'Edit list'),
      async (page) => {
        await page.getByRole('textbox', { name: 'Name' }).fill('Yard');
        await page.getByTitle('Green').click();
        await button(page, 'Save').click();
      },
    ),
    keyboard: withDialog(
      (page) => chooseWithKeys(page, garden, 'Edit list'),
      async (page) => {
        await page.keyboard.press('Control+a');
        await page.keyboard.type('Yard');
        await typeKeys(page, 'Tab', 'ArrowRight', 'Enter');
      },
    ),
  },
  setArchived: {
    mouse: (page) => chooseWithMouse(page, garden, 'Archive'),
    keyboard: (page) => chooseWithKeys(page, garden, 'Archive'),
  },
  moveList: {
    mouse: (page) => chooseWithMouse(page, garden, 'Move down'),
    keyboard: (page) => chooseWithKeys(page, garden, 'Move down'),
  },
  deleteList: {
    mouse: withDialog(
      (page) => chooseWithMouse(page, garden, 'Delete'),
      (page) => button(page, 'Delete with its tasks').click(),
    ),
    keyboard: withDialog(
      (page) => chooseWithKeys(page, garden, 'Delete'),
      async (page) => {
        await tabTo(page, 'Keep its tasks in the inbox');
        await page.keyboard.press('Enter');
      },
    ),
  },
};
