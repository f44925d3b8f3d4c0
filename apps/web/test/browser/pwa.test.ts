import { expect, test } from 'vitest';
import { openFixture, untilStored } from './fixture.ts';

const { server, openApp, openSecondWindow, setOffline, signUp, allow } = await openFixture();

test('the app opens for a new visitor without an error in the console', async () => {
  const page = await openApp();
  const heading = page.getByRole('heading', { level: 1 });
  await heading.waitFor();
  expect(await heading.textContent()).not.toBe('');
});

test('the policy of the page blocks inline scripts and styles, eval and other origins', async () => {
  const page = await openApp();
  allow(/Content Security Policy|violates the following/);
  await page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      document.body.dataset['violations'] = `${document.body.dataset['violations'] ?? ''} ${effectiveDirective}`;
    });
    for (const [name, text] of [
      ['script', 'globalThis.ran = true'],
      ['style', 'body { display: none }'],
    ] as const) {
      const element = document.createElement(name);
      element.textContent = text;
      document.body.append(element);
    }
    // oxlint-disable-next-line eslint/no-implied-eval, typescript/no-implied-eval -- The policy must block it.
    setTimeout('globalThis.ran = true');
    new Image().src = 'http://other.test/pixel.png';
    void fetch('http://other.test/').catch(() => undefined);
  });
  const readViolations = async () => {
    const text = await page.evaluate(() => document.body.dataset['violations'] ?? '');
    return [...new Set(text.trim().split(' '))].toSorted();
  };
  const directives = ['connect-src', 'img-src', 'script-src', 'script-src-elem', 'style-src-elem'];
  await expect.poll(readViolations).toEqual(directives);
  expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
  expect(await page.evaluate(() => getComputedStyle(document.body).display)).not.toBe('none');
});

test('the app starts offline at any of its pages, from the files that the service worker stored', async () => {
  const page = await openApp();
  const zoneSaved = page.waitForResponse(/\/trpc\/user\.update/);
  await signUp(page);
  // A request that the server interrupts would be an error in the console.
  await (await zoneSaved).finished();
  await setOffline(page, true);
  await server.stop();
  await page.reload();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  const second = await openSecondWindow(page, '/today');
  await second.getByRole('heading', { name: 'Today' }).waitFor();
  expect(await second.evaluate(() => navigator.onLine)).toBe(false);
  await server.start();
});

test('the service worker stores no response of the API, and opens no page of it', async () => {
  const page = await openApp();
  await signUp(page);
  await untilStored(page);
  await page.reload();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
  const paths = await page.evaluate(async () => {
    const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)));
    const requests = (await Promise.all(caches.map((cache) => cache.keys()))).flat();
    return requests.map(({ url }) => new URL(url).pathname);
  });
  expect(paths).toContain('/index.html');
  expect(paths.filter((path) => /^\/(?:trpc|api)/.test(path))).toEqual([]);
  const health = await openSecondWindow(page, '/livez');
  expect(await health.textContent('body')).toContain('{"status":"ok"}');
});

test('the browser finds the manifest and has no objection to installing the app', async () => {
  const page = await openApp();
  await untilStored(page);
  const devtools = await page.context().newCDPSession(page);
  const { url, errors } = await devtools.send('Page.getAppManifest');
  expect([url, errors]).toEqual([`${server.origin}/manifest.webmanifest`, []]);
  const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([]);
});
