import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type * as client from '@holdfast/client';
import type * as replica from '@holdfast/client/replica';
import { findBrowser } from '@holdfast/db/testing';
import type { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import type { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';
import type { showLive } from '../../examples/live-list.ts';
import { startServer } from '../fixture.ts';

declare global {
  /** The objects that page.ts offers to the functions that a test runs in the page. */
  // oxlint-disable-next-line no-var
  var app: {
    createClient: typeof client.createClient;
    newTaskId: typeof client.newTaskId;
    openReplica: typeof replica.openReplica;
    showLive: typeof showLive;
    InfiniteQueryObserver: typeof InfiniteQueryObserver;
    QueryClient: typeof QueryClient;
    createTRPCOptionsProxy: typeof createTRPCOptionsProxy;
  };
  // oxlint-disable-next-line no-var
  var holdfast: client.HoldfastWithSignIn;
}

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
  bundle: true,
  write: false,
  format: 'iife',
  define: { 'process.env.NODE_ENV': '"production"' },
});
const script = outputFiles[0]!.text;
export const docs = await readFile(new URL('../../../../docs/client-apps.md', import.meta.url), 'utf8');
/** The service worker of the docs. */
const [serviceWorker] = /\/\/ public\/sw\.js.*?(?=```)/s.exec(docs)!;
const html = `<!doctype html><title>App</title><a href="/other">Leave</a><script src="/app.js"></script>
<script>
  const storage = {
    load: () => localStorage.getItem('session'),
    save: (session) => session === null ? localStorage.removeItem('session') : localStorage.setItem('session', session),
  };
  var holdfast = app.createClient({ url: new URLSearchParams(location.search).get('server') ?? location.origin, storage });
</script>`;

export interface Site {
  /** Origin of the page. Its web server forwards the calls to Holdfast, as docs/client-apps.md advises. */
  origin: string;
  /** URL of Holdfast itself, which is another origin for the page. */
  server: string;
  /** Method and path of each request to Holdfast, without the query. */
  seen: string[];
  /** True if no request reaches Holdfast. The page itself still loads. */
  isCut: boolean;
  /** True if the page does not load either. */
  isDown: boolean;
  /** HTML of the page, and its script `/app.js`. */
  page: { html: string; script: string };
}

async function listen(serve: (req: IncomingMessage, res: ServerResponse) => void): Promise<number> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Serves a page, and a Holdfast that trusts its origin. Call it outside a test. */
export async function openSite(): Promise<Site> {
  const site: Site = { origin: '', server: '', seen: [], isCut: false, isDown: false, page: { html, script } };
  let target = '';

  function forward(req: IncomingMessage, res: ServerResponse): void {
    site.seen.push(`${req.method} ${req.url!.split('?')[0]}`);
    if (site.isCut || site.isDown) return void req.socket.destroy();
    const { method, headers, url } = req;
    const forwarded = request(new URL(url!, target), { method, headers }, (response) => {
      res.writeHead(response.statusCode!, response.headers);
      response.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    res.on('close', () => forwarded.destroy());
    req.pipe(forwarded);
  }

  function servePage(req: IncomingMessage, res: ServerResponse): void {
    const path = req.url!.split('?')[0]!;
    if (site.isDown) return void req.socket.destroy();
    if (/^\/(trpc|api\/auth)\//.test(path)) return forward(req, res);
    const sources: Record<string, string> = { '/app.js': site.page.script, '/sw.js': serviceWorker };
    const source = sources[path];
    if (source) return void res.writeHead(200, { 'content-type': 'text/javascript' }).end(source);
    res
      .writeHead(200, { 'content-type': 'text/html' })
      .end(path === '/other' ? '<title>Other</title>' : site.page.html);
  }

  // The browser resolves names below `.test` to this machine. Unlike for `localhost`, the client then expects a network.
  site.origin = `http://app.test:${await listen(servePage)}`;
  site.server = `http://tasks.test:${await listen(forward)}`;
  target = await startServer({ TRUSTED_ORIGINS: site.origin });
  return site;
}

/**
 * Starts Chromium for a test file. It treats the given origin as if it had HTTPS, which some features of browsers need.
 */
export async function openBrowser(secureOrigin = ''): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: findBrowser()!,
    // Chromium's sandbox does not work for root, as in containers.
    args: [
      '--no-sandbox',
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      `--unsafely-treat-insecure-origin-as-secure=${secureOrigin}`,
    ],
  });
  afterAll(() => browser.close());
  return browser;
}

/** Shows in the title of the page when its user signs in or out. */
export const reportChanges = (page: Page) =>
  page.evaluate(async () => {
    await holdfast.session.isSignedIn();
    holdfast.session.onChange((isSignedIn) => (document.title = isSignedIn ? 'signed in' : 'signed out'));
  });

/** Leaves the page several times, and expects that the write with which it reacts to `pagehide` is stored each time. */
export async function expectSavedOnLeave(page: Page, { url, rounds }: { url: string; rounds: number }): Promise<void> {
  const id = await page.evaluate(async () => (await holdfast.task.create({ title: 'new' })).id);
  for (let round = 1; round <= rounds; round += 1) {
    await page.goto(url);
    const title = `saved ${round}`;
    await page.evaluate(
      ([id, title]) => {
        addEventListener('pagehide', () => void holdfast.task.update({ id, title }, { keepalive: true }));
      },
      [id, title] as const,
    );
    await Promise.all([page.waitForURL('**/other'), page.click('a')]);
    await page.goto(url);
    await expect.poll(() => page.evaluate(async (id) => (await holdfast.task.get({ id })).title, id)).toBe(title);
  }
}

/** Opens a browser profile without cookies and storage until the end of the test. */
export async function openProfile(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  return context;
}
