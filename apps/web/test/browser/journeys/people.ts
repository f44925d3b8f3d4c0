import { createClient, type HoldfastWithSignIn, type List, type Task } from '@holdfast/client';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Account, type AppFixture, password } from '../fixture.ts';
import { readFocus } from '../steps.ts';

let clients = 0;

/** A second client of the user, without a browser: what it reads is on the server. Behind a proxy, it has its own address. */
export async function openClient({ server }: AppFixture, { email }: Account): Promise<HoldfastWithSignIn> {
  const address = `10.0.0.${(clients += 1)}`;
  const client = createClient({
    url: server.url,
    fetch(url, init) {
      const headers = new Headers(init?.headers);
      headers.set('x-forwarded-for', address);
      return fetch(url, { ...init, headers });
    },
  });
  await client.signIn({ email, password });
  return client;
}

/** All lists and tasks outside the trash. */
export async function readAll(client: HoldfastWithSignIn): Promise<{ lists: List[]; tasks: Task[] }> {
  const { items: lists } = await client.list.list();
  return { lists, tasks: await Array.fromAsync(client.task.listAll()) };
}

export async function readTitles(client: HoldfastWithSignIn): Promise<string[]> {
  const { tasks } = await readAll(client);
  return tasks.map(({ title }) => title).toSorted();
}

/** Presses the key until a control with the name has the focus. It may appear late. */
const pressUntilFocus = (page: Page, key: string, isWanted: (name: string) => boolean) =>
  expect
    .poll(
      async () => {
        const focus = await readFocus(page);
        if (!isWanted(focus)) await page.keyboard.press(key);
        return isWanted(focus);
      },
      { interval: 10 },
    )
    .toBe(true);

/** Presses Tab until a control with the name has the focus. */
export const tabTo = (page: Page, name: string | RegExp) =>
  pressUntilFocus(page, 'Tab', (focus) => (typeof name === 'string' ? focus === name : name.test(focus)));

/** Chooses an item of an open menu with the arrow keys. */
export async function chooseItem(page: Page, name: string): Promise<void> {
  await page.locator('[role=menu]:popover-open').waitFor();
  await pressUntilFocus(page, 'ArrowDown', (focus) => focus.startsWith(name));
  await page.keyboard.press('Enter');
}

/** Lists and tasks for each action. */
export async function startTasks(client: HoldfastWithSignIn): Promise<void> {
  const list = await client.list.create({ name: 'Garden' });
  await client.list.create({ name: 'Work', color: '#1d5fd1' });
  const { items } = await client.task.createMany({
    items: [
      { title: 'One', description: 'First' },
      { title: 'Two', labels: ['home'], priority: 2, due: { date: '2030-01-02', time: '09:00' } },
      { title: 'Late', due: { date: '2020-01-01', time: '10:30' } },
      { title: 'Dig', listId: list.id },
      { title: 'Plant', listId: list.id },
      { title: 'Old', listId: list.id },
    ],
  });
  await client.task.delete({ id: items.at(-1)!.id });
}
