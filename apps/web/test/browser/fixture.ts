import { findBrowser } from '@holdfast/db/testing';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';
import { openServer, type Server } from '../server.ts';

export const password = 'correct horse';

export interface OpenOptions extends BrowserContextOptions {
  /** Default: `/`. */
  path?: string;
}

export interface Account {
  name: string;
  email: string;
}

export interface AppFixture {
  server: Server;
  /** Opens the app in a new browser profile, without cookies and storage, until the end of the test. */
  openApp(options?: OpenOptions): Promise<Page>;
  /** Opens the app in a second window of the same profile. */
  openSecondWindow(page: Page, path?: string): Promise<Page>;
  /** Creates an account by the form, and waits for the inbox. */
  signUp(page: Page): Promise<Account>;
  /** Takes the profile of the page off the network as soon as its app is stored, or puts it back. */
  setOffline(page: Page, isOffline: boolean): Promise<void>;
  /** Allows messages in the console that match, until the end of the test. All others fail it. */
  allow(pattern: RegExp): void;
}

/** Waits until the service worker has stored the app, and serves it to the page. */
export const untilStored = (page: Page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

/** Errors in the console while the profile is offline, or the server is stopped. */
const networkErrors =
  /net::ERR_(?:INTERNET_DISCONNECTED|CONNECTION_(?:REFUSED|RESET)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/;

/** Starts a server and Chromium for a test file. A test fails at each error in the console, of a page and of the CSP. */
export async function openFixture(settings: Record<string, string> = {}): Promise<AppFixture> {
  const server = await openServer(settings);
  const browser = await chromium.launch({
    executablePath: findBrowser()!,
    args: [
      // Chromium's sandbox does not work for root, as in containers.
      '--no-sandbox',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      // As if it had HTTPS, which service workers need.
      `--unsafely-treat-insecure-origin-as-secure=${server.origin}`,
    ],
  });
  afterAll(() => browser.close());
  const contexts: BrowserContext[] = [];
  let allowed: RegExp[] = [];
  let people = 0;
  const problems: string[] = [];

  afterEach(async () => {
    // Before the check, so that no request of this test is an error in the next one.
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    const found = problems.splice(0).filter((problem) => !allowed.some((pattern) => pattern.test(problem)));
    allowed = [];
    expect(found, 'errors in the browser').toEqual([]);
  });

  function watch(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${message.text()} ${message.location().url}`);
    });
    context.on('weberror', (error) => problems.push(error.error().stack ?? String(error.error())));
  }

  async function goto(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(server.origin + path);
    return page;
  }

  return {
    server,
    async openApp({ path = '/', ...options } = {}) {
      const context = await browser.newContext(options);
      contexts.push(context);
      watch(context);
      return goto(context, path);
    },
    openSecondWindow: (page, path = '/') => goto(page.context(), path),
    async signUp(page) {
      const account = { name: 'Ada', email: `ada${(people += 1)}@example.org` };
      await page.goto(`${server.origin}/sign-up`);
      await page.getByLabel('Name').fill(account.name);
      await page.getByLabel('Email').fill(account.email);
      await page.getByLabel('Password', { exact: true }).fill(password);
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('heading', { name: 'Inbox' }).waitFor();
      return account;
    },
    async setOffline(page, isOffline) {
      const context = page.context();
      allowed.push(networkErrors);
      if (isOffline) {
        await untilStored(page);
        // Chromium's own offline mode lets requests through while a page reloads.
        await context.route('**', (route) => route.abort('internetdisconnected'));
      }
      await context.setOffline(isOffline);
      if (!isOffline) await context.unroute('**');
    },
    allow: (pattern) => void allowed.push(pattern),
  };
}
