import { createPositions } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { createTasks, readTitles } from './tasks.ts';

const { openApp, signUp } = await openFixture();

test('a printed list has all its tasks in the flow of the page, and afterwards the page has few rows again', async () => {
  const page = await openApp();
  await signUp(page);
  const titles = Array.from({ length: 200 }, (_, at) => `Task ${at}`);
  const positions = createPositions(titles.length);
  const tasks = titles.map((title, at) => ({ title, position: positions[at]! }));
  await createTasks(page, tasks.toReversed());
  const isShort = async () => (await readTitles(page)).length < 100;
  await expect.poll(isShort).toBe(true);
  await page.evaluate(() => {
    addEventListener('beforeprint', () => {
      const rows = [...document.querySelectorAll('[data-task]')];
      const printed = rows.map((row) => row.querySelector('.task-title')!.textContent);
      Object.assign(window, { printed });
    });
    matchMedia('print').addEventListener('change', ({ matches }) => {
      const rows = [...document.querySelectorAll('[data-task]')];
      if (matches) Object.assign(window, { kinds: [...new Set(rows.map((row) => getComputedStyle(row).position))] });
    });
  });
  await page.pdf();
  const found = await page.evaluate(() => {
    const { printed, kinds } = window as unknown as { printed: string[]; kinds: string[] };
    return { printed, kinds };
  });
  expect(found).toEqual({ printed: titles, kinds: ['static'] });
  await expect.poll(isShort).toBe(true);
});
