import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { openFixture, untilStored } from './fixture.ts';

const { server, openApp } = await openFixture();

/** What follows the text of the service worker, as in a newer build. */
let addition = '';

// Forwards to the server. A browser treats this address as secure.
const proxy = createServer((req, res) => {
  const { method, headers, url } = req;
  const isWorker = url === '/sw.js';
  const { 'if-none-match': _etag, 'accept-encoding': _encodings, ...rest } = headers;
  const forwarded = request(server.url + url, { method, headers: isWorker ? rest : headers }, (response) => {
    const { 'content-length': length, etag, ...others } = response.headers;
    res.writeHead(
      response.statusCode!,
      isWorker ? others : { ...others, ...(length && { 'content-length': length }), ...(etag && { etag }) },
    );
    response.on('end', () => res.end(isWorker ? addition : ''));
    response.pipe(res, { end: false });
  });
  forwarded.on('error', () => res.destroy());
  res.on('close', () => forwarded.destroy());
  req.pipe(forwarded);
}).listen(0, '127.0.0.1');
await once(proxy, 'listening');
afterAll(() => {
  proxy.close();
  proxy.closeAllConnections();
});
const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

test('a newer version waits until all windows of the older one are closed, and reloads none of them', async () => {
  const page = await openApp();
  await page.goto(origin);
  await untilStored(page);
  const second = await page.context().newPage();
  await second.goto(origin);
  for (const window of [page, second]) await window.evaluate(() => Object.assign(globalThis, { isSameDocument: true }));
  addition = '\n// A newer version.';
  const states = await second.evaluate(async () => {
    const registration = (await navigator.serviceWorker.getRegistration())!;
    await registration.update();
    const worker = registration.installing ?? registration.waiting!;
    while (worker.state === 'installing')
      await new Promise((resolve) => worker.addEventListener('statechange', resolve, { once: true }));
    return { newer: worker.state, older: registration.active?.state };
  });
  expect(states).toEqual({ newer: 'installed', older: 'activated' });
  for (const window of [page, second]) expect(await window.evaluate(() => 'isSameDocument' in globalThis)).toBe(true);
});
