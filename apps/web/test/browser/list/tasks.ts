import type { Page } from 'playwright-core';

/** Calls the API as another device of the signed-in user would. */
export function call<Result = unknown>(page: Page, procedure: string, input: object): Promise<Result> {
  return page.evaluate(
    async ([path, body]) => {
      const marker = Object.values(localStorage).find((value) => /"userId"/.test(String(value))) as string;
      const { userId } = JSON.parse(marker) as { userId: string };
      const response = await fetch(`/trpc/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-holdfast-user': userId },
        body,
      });
      const { result, error } = (await response.json()) as { result: { data: unknown }; error?: { message: string } };
      if (!response.ok) throw new Error(error?.message);
      return result.data;
    },
    [procedure, JSON.stringify(input)] as const,
  ) as Promise<Result>;
}

export interface NewTask {
  title: string;
  position?: string;
  listId?: string;
  due?: { date: string };
}

/** Creates tasks on the server, and waits until the page shows the last one. Returns them in their order. */
export async function createTasks(page: Page, tasks: readonly (string | NewTask)[]): Promise<{ id: string }[]> {
  const items = tasks.map((task) => (typeof task === 'string' ? { title: task } : task));
  const created = await call<{ items: { id: string }[] }>(page, 'task.createMany', { items });
  await findRow(page, items.at(-1)!.title).waitFor();
  return created.items;
}

export const findRow = (page: Page, title: string) =>
  page.locator('[data-task]').filter({ has: page.getByText(title, { exact: true }) });

export const readTitles = (page: Page) => page.locator('[data-task] .task-title').allTextContents();

/** Title of the row that has the focus, or what else has it. */
export const readFocus = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.querySelector('.task-title')?.textContent ?? activeElement?.outerHTML.slice(0, 120) ?? '';
  });

export const readSelected = (page: Page) => page.locator('[aria-selected=true] .task-title').allTextContents();

/** Drags a row over another one, to a share of its height, and drops it there. */
export async function drag(page: Page, from: string, { to, share }: { to: string; share: number }): Promise<void> {
  const start = (await findRow(page, from).boundingBox())!;
  await findRow(page, from).and(page.locator('[draggable=true]')).waitFor();
  const end = (await findRow(page, to).boundingBox())!;
  await page.mouse.move(start.x + 200, start.y + 20);
  await page.mouse.down();
  await page.mouse.move(start.x + 210, start.y + 30, { steps: 4 });
  await page.mouse.move(end.x + 200, end.y + end.height * share, { steps: 8 });
  await page.locator('.task-drop-line, .task-drop').first().waitFor();
  await page.mouse.up();
}
