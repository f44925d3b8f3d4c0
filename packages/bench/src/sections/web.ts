import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrowser } from '@holdfast/db/testing';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Cleanup } from '../cleanup.ts';
import { holdfast } from '../contestants/index.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { startLocalServer } from '../local-server.ts';
import { reportProgress } from '../progress.ts';
import { median } from '../statistics.ts';

const tasks = 5000;
const slowdown = 4;
const repetitions = 5;
const account = { name: 'Ada', email: 'ada@example.com', password: 'correct horse' };

/** The web app with one user, in a browser whose processor is slowed down. Milliseconds. */
export interface Web {
  environment: Environment;
  tasks: number;
  slowdown: number;
  /** From the navigation of a returning user to the first frame with a task. */
  startMs: number;
  /** The requests of that start, without those for files of the app. */
  requests: string[];
  /** From the click to the frame with the check mark: with the slowdown, and without it. */
  checkMarkMs: number;
  fastCheckMarkMs: number;
  /** From the click to the response of the server. */
  serverMs: number;
  /** While scrolling through all tasks: pauses of more than 100 ms, and the longest one. */
  longTasks: number;
  longestTaskMs: number;
}

/** The web app in Chromium, with the embedded PostgreSQL: its start, a check mark, and scrolling. */
export async function measureWeb(postgres: string, cleanup: Cleanup): Promise<Web> {
  reportProgress('The web app in Chromium');
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-bench-web-'));
  cleanup.add(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const server = await startLocalServer(
    [process.execPath, ...holdfast.flags, 'apps/server/src/main.ts'],
    dataDir,
    cleanup,
  );
  // As root, Chromium needs a flag. The page is that of this checkout.
  const browser = await chromium.launch({
    executablePath: findBrowser()!,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  cleanup.add(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await fill(context, server.url);
  const starts = await measureStarts(context, server.url);
  const page = await openInbox(context, server.url);
  const { checkMarkMs: fastCheckMarkMs } = await measureCheckMarks(page);
  await slowDown(page);
  const checkMarks = await measureCheckMarks(page);
  const scroll = await measureScroll(page);
  await browser.close();
  await server.stop();
  return {
    environment: readEnvironment(postgres),
    tasks,
    slowdown,
    ...starts,
    ...checkMarks,
    fastCheckMarkMs,
    ...scroll,
  };
}

/** Creates the account and its tasks, and visits the page until the service worker has stored it. */
async function fill(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(`${url}/sign-up`);
  await page.getByLabel('Name').fill(account.name);
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  await page.evaluate(async (count) => {
    const marker = Object.values(localStorage).find((value) => String(value).includes('userId'));
    const { userId } = JSON.parse(String(marker)) as { userId: string };
    for (let from = 0; from < count; from += 500) {
      const items = Array.from({ length: 500 }, (_, at) => ({ title: `Task ${from + at}` }));
      const response = await fetch('/trpc/task.createMany', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-holdfast-user': userId },
        body: JSON.stringify({ items }),
      });
      if (!response.ok) throw new Error(await response.text());
    }
    await navigator.serviceWorker.ready;
  }, tasks);
  await page.getByText('Task 1', { exact: true }).waitFor();
  await page.waitForTimeout(2000);
  await page.close();
}

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
}

/** Notes the time of the first frame that contains a task. */
function watchFirstTask(): void {
  const look = () => {
    if (document.querySelector('.task')) (window as { firstTaskMs?: number }).firstTaskMs ??= performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

async function measureStarts(context: BrowserContext, url: string): Promise<Pick<Web, 'startMs' | 'requests'>> {
  const times: number[] = [];
  let requests: string[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const page = await context.newPage();
    await slowDown(page);
    await page.addInitScript(watchFirstTask);
    requests = [];
    page.on('request', (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await page.goto(`${url}/inbox`);
    await page.waitForFunction(() => 'firstTaskMs' in window);
    times.push(await page.evaluate(() => (window as { firstTaskMs?: number }).firstTaskMs!));
    await page.waitForTimeout(3000);
    await page.close();
  }
  return { startMs: median(times), requests: requests.filter((request) => !/\.(?:css|js|svg|png)$/.test(request)) };
}

async function openInbox(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/inbox`);
  await page.locator('.task').first().waitFor();
  return page;
}

/** From the click until the next frame shows the check mark, and until the server has responded. */
async function measureCheckMarks(page: Page): Promise<Pick<Web, 'checkMarkMs' | 'serverMs'>> {
  const shown: number[] = [];
  const stored: number[] = [];
  for (let repetition = 0; repetition < 2 * repetitions; repetition++) {
    const responded = page.waitForResponse((response) => response.url().includes('/trpc/task.update'));
    const startedAt = performance.now();
    shown.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const box = document.querySelector<HTMLElement>('.task [role=checkbox][aria-checked=false]')!;
            const clickedAt = performance.now();
            box.click();
            // After this frame has been painted.
            requestAnimationFrame(() => {
              const channel = new MessageChannel();
              channel.port1.addEventListener('message', () => resolve(performance.now() - clickedAt), { once: true });
              channel.port1.start();
              channel.port2.postMessage(null);
            });
          }),
      ),
    );
    await responded;
    stored.push(performance.now() - startedAt);
    await page.waitForTimeout(1500);
  }
  return { checkMarkMs: median(shown), serverMs: median(stored) };
}

/** Scrolls through all tasks, and notes how long the page did not react. */
async function measureScroll(page: Page): Promise<Pick<Web, 'longTasks' | 'longestTaskMs'>> {
  const durations = await page.evaluate(
    (steps) =>
      new Promise<number[]>((resolve) => {
        const found: number[] = [];
        new PerformanceObserver((list) => found.push(...list.getEntries().map(({ duration }) => duration))).observe({
          type: 'longtask',
        });
        const height = document.documentElement.scrollHeight;
        let step = 0;
        const scroll = () => {
          scrollTo(0, (height / steps) * step++);
          if (step <= steps) requestAnimationFrame(scroll);
          else setTimeout(() => resolve(found), 500);
        };
        scroll();
      }),
    300,
  );
  return { longTasks: durations.filter((ms) => ms > 100).length, longestTaskMs: Math.max(0, ...durations) };
}
