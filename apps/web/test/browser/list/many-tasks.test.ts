import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openFixture } from '../fixture.ts';
import { call, readFocus } from './tasks.ts';

const { openApp, signUp } = await openFixture();

const count = 5000;

async function openManyTasks(): Promise<Page> {
  const page = await openApp({ viewport: { width: 1280, height: 800 } });
  await signUp(page);
  for (let start = 0; start < count; start += 500) {
    const items = Array.from({ length: 500 }, (_, at) => ({
      title: `Task ${start + at}${at % 7 === 0 ? ' with a title that needs more than one line on most of the screens of people' : ''}`,
      priority: at % 4,
      ...(at % 3 === 0 && { due: { date: '2026-12-01' } }),
      ...(at % 5 === 0 && { labels: ['home', 'work'] }),
    }));
    await call(page, 'task.createMany', { items });
  }
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(count));
  return page;
}

test('five thousand tasks scroll with few rows in the page, and a check mark changes only the rows around it', async () => {
  const page = await openManyTasks();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const { most, longTasks } = await page.evaluate(async () => {
    const longTasks: number[] = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration));
    }).observe({ type: 'longtask' });
    let most = 0;
    for (let step = 0; step < 60; step++) {
      scrollBy(0, 300);
      await new Promise(requestAnimationFrame);
      most = Math.max(most, document.querySelectorAll('[data-task]').length);
    }
    await new Promise((resolve) => setTimeout(resolve));
    return { most, longTasks };
  });
  console.log(
    `Long tasks while scrolling at a fourth of the speed, in milliseconds: ${longTasks.join(', ') || 'none'}`,
  );
  expect(most).toBeGreaterThan(10);
  expect(most).toBeLessThan(60);

  const { changed, frames } = await page.evaluate(async () => {
    const rows = new Set<Element>();
    const observer = new MutationObserver((records) => {
      for (const { target } of records) {
        const row = (target instanceof Element ? target : target.parentElement)?.closest('[data-task]');
        if (row) rows.add(row);
      }
    });
    observer.observe(document.querySelector('[role=grid]')!, { subtree: true, childList: true, attributes: true });
    const box = [...document.querySelectorAll<HTMLElement>('[data-task] [role=checkbox]')].find(
      (element) => element.getBoundingClientRect().top > 200,
    )!;
    let frames = 0;
    box.click();
    while (box.getAttribute('aria-checked') !== 'true') {
      frames += 1;
      await new Promise(requestAnimationFrame);
    }
    observer.disconnect();
    for (const { target } of observer.takeRecords()) rows.add(target as Element);
    return { changed: rows.size, frames };
  });
  expect(frames).toBeLessThanOrEqual(1);
  expect(changed).toBeLessThanOrEqual(5);
});

test('keys reach both ends of five thousand tasks, with the focus on a row that is on the screen', async () => {
  const page = await openManyTasks();
  const isShown = () =>
    page.evaluate(() => {
      const { top, bottom } = document.activeElement!.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
  await page.keyboard.press('j');
  await page.keyboard.press('End');
  await expect.poll(() => readFocus(page)).toBe(`Task ${count - 1}`);
  await expect.poll(isShown).toBe(true);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  expect(await readFocus(page)).toBe(`Task ${count - 1}`);
  await page.keyboard.press('k');
  expect(await readFocus(page)).toBe(`Task ${count - 2}`);
  await expect.poll(isShown).toBe(true);
  await page.keyboard.press('Home');
  await expect.poll(() => readFocus(page)).toContain('Task 0 ');
  await expect.poll(isShown).toBe(true);
});
