import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { notBuilt, openWebApp } from '../../src/web/app.ts';
import { openServer, post, signUp } from '../fixture.ts';

const html = '<!doctype html><title>App</title>';
const reference = '<!doctype html><title>API</title>';
const script = `export const text = '${'long '.repeat(1000)}';`;
const image = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

const folder = await mkdtemp(join(tmpdir(), 'holdfast-web-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
await mkdir(join(folder, 'assets'));
for (const [path, text] of Object.entries({
  'index.html': html,
  'docs.html': reference,
  'sw.js': script,
  'assets/main-abc.js': script,
})) {
  await writeFile(join(folder, path), text);
  await writeFile(join(folder, `${path}.br`), brotliCompressSync(text));
  await writeFile(join(folder, `${path}.gz`), gzipSync(text));
}
await writeFile(join(folder, 'icon.png'), image);

const webApp = await openWebApp({ isOn: true, isIssuerExternal: false, folder });
const { url, log } = await openServer({}, webApp);
const apiOnly = await openServer({}, notBuilt);

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

/** Requests without the decompression and the default headers of fetch. */
async function get(path: string, headers: Record<string, string> = {}, options: RequestOptions = {}) {
  const { hostname, port } = new URL(url);
  const sent = request({ hostname, port, path, headers, ...options }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

const getPage = (path: string, headers: Record<string, string> = {}) => get(path, { accept: browser, ...headers });

test.each(['/', '/inbox', '/lists/3f0e', '/labels/home%2Foffice', '/search?q=plumber', '/no/such/page', '//inbox'])(
  'a browser that opens %s gets the document, which it must validate before each use',
  async (path) => {
    const { status, headers, body } = await getPage(path);
    expect([status, body.toString()]).toEqual([200, html]);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;font-src 'self';connect-src 'self';" +
        "manifest-src 'self';worker-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    expect(headers.vary).toBe('accept, accept-encoding');
  },
);

test('the reference of the API at /docs may have inline styles, and the pages of the app may not', async () => {
  const { status, headers, body } = await get('/docs', { accept: '*/*' });
  expect([status, body.toString(), headers['cache-control']]).toEqual([200, reference, 'no-cache']);
  const policy = headers['content-security-policy'];
  expect(policy).toContain("default-src 'none';script-src 'self';style-src 'self' 'unsafe-inline';");
  expect((await getPage('/inbox')).headers['content-security-policy']).not.toContain('unsafe-inline');
});

test.each([
  undefined,
  '*/*',
  // Longer lists count as any type.
  `${'a/b,'.repeat(250)}text/html`,
  'application/json',
  'application/json, text/html',
  'text/html;q=0, */*',
  'image/*',
  'x',
  ',',
])('a client that accepts %s gets the index as JSON at /', async (accept) => {
  const { status, headers, body } = await get('/', accept === undefined ? {} : { accept });
  expect([status, headers['content-type'], headers.vary]).toEqual([200, 'application/json; charset=utf-8', 'accept']);
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
  expect(JSON.parse(body.toString())).toMatchObject({ name: 'Holdfast', links: { app: `${url}/` } });
});

test.each(['/inbox', '/labels/home', '/no/such/page'])(
  'a client that is no browser gets NOT_FOUND at %s',
  async (path) => {
    const { status, headers, body } = await get(path, { accept: '*/*' });
    expect([status, headers['cache-control'], headers.vary]).toEqual([404, 'no-store', 'accept']);
    expect(body.toString()).toContain('"code":"NOT_FOUND"');
  },
);

test.each([
  '/assets/gone-abc.js',
  '/assets/',
  '/assets',
  '/assets/../index.html',
  '/assets/..%2f..%2f..%2fpackage.json',
  '/assets/%00',
  '/api/unknown',
  '/api',
  '/trpc/unknown',
  '/trpc',
])('%s is never the document, even for a browser', async (path) => {
  const { status, body } = await getPage(path);
  expect(status).toBe(404);
  expect(body.toString()).not.toContain('<title>');
});

test.each([
  '/../../package.json',
  '/..%2f..%2fpackage.json',
  '/%2e%2e/package.json',
  '/__proto__',
  '/sw.js.br',
  '/sw.js.gz',
  '/%',
])('%s reads no file outside of the app, and none of its compressed copies', async (path) => {
  const { status, body } = await get(path);
  expect([status, body.toString()]).toEqual([404, expect.stringContaining('NOT_FOUND')]);
});

test('a file with a hash in its name is stored for a year, and all others are validated before each use', async () => {
  const cacheControls = await Promise.all(
    ['/assets/main-abc.js', '/sw.js', '/icon.png', '/index.html'].map(
      async (path) => (await get(path)).headers['cache-control'],
    ),
  );
  expect(cacheControls).toEqual(['public, max-age=31536000, immutable', 'no-cache', 'no-cache', 'no-cache']);
});

test.each([
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['br;q=0, *', 'gzip'],
  ['*', 'br'],
  ['identity', undefined],
  ['zstd', undefined],
  ['br;q=0, gzip;q=0', undefined],
  [',;=', undefined],
  [undefined, undefined],
])('a client that accepts the encodings %j gets %s', async (accepted, encoding) => {
  const { status, headers, body } = await get(
    '/assets/main-abc.js',
    accepted === undefined ? {} : { 'accept-encoding': accepted },
  );
  expect([status, headers['content-encoding'], headers.vary]).toEqual([200, encoding, 'accept-encoding']);
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(headers['content-length']).toBe(String(body.length));
  const text = encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body;
  expect(text.toString()).toBe(script);
});

test('an image has its type, and no encoding', async () => {
  const { headers, body } = await get('/icon.png', { 'accept-encoding': 'br, gzip' });
  expect([headers['content-type'], headers['content-encoding'], headers.vary]).toEqual([
    'image/png',
    undefined,
    undefined,
  ]);
  expect(body).toEqual(image);
});

test('a file that has not changed is not sent again, and each encoding has its own etag', async () => {
  const [plain, compressed] = [await getPage('/inbox'), await getPage('/inbox', { 'accept-encoding': 'br' })];
  expect(plain.headers.etag).not.toBe(compressed.headers.etag);
  for (const [etag, encoding] of [
    [plain.headers.etag!, 'identity'],
    [compressed.headers.etag!, 'br'],
  ] as const) {
    const again = await getPage('/inbox', { 'if-none-match': etag, 'accept-encoding': encoding });
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag]);
  }
  const other = await getPage('/inbox', { 'if-none-match': compressed.headers.etag! });
  expect([other.status, other.body.toString()]).toEqual([200, html]);
});

test('HEAD has the headers of GET and no body', async () => {
  for (const path of ['/inbox', '/assets/main-abc.js']) {
    const [gotten, head] = [await getPage(path), await get(path, { accept: browser }, { method: 'HEAD' })];
    expect([head.status, head.body.length]).toEqual([200, 0]);
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control']) {
      expect(head.headers[name]).toBe(gotten.headers[name]);
    }
  }
});

test('many ranges get the file once', async () => {
  const range = `bytes=${Array.from({ length: 500 }, (_, at) => `${at}-`).join(',')}`;
  const { status, body } = await get('/assets/main-abc.js', { range });
  expect([status, body.toString()]).toEqual([200, script]);
});

test('other methods and bodies are refused', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    for (const path of ['/inbox', '/assets/main-abc.js']) {
      expect((await get(path, { accept: browser }, { method })).status).toBe(404);
    }
  }
  for (const path of ['/inbox', '/sw.js', '/']) {
    const { status, body } = await getPage(path, { 'content-length': '5', connection: 'close' });
    expect([status, body.toString()]).toEqual([413, expect.stringContaining('PAYLOAD_TOO_LARGE')]);
  }
});

test('calls keep no-store and their own policy when a browser opens them', async () => {
  await signUp(url, 'ada@example.org');
  for (const path of ['/trpc/user.me', '/api/auth/token', '/api/auth/unknown', '/livez', '/readyz', '/metrics']) {
    const { headers } = await getPage(path);
    expect([path, headers['cache-control'], headers['content-security-policy']]).toEqual([
      path,
      'no-store',
      "default-src 'none';frame-ancestors 'none'",
    ]);
  }
  expect((await post(`${url}/trpc/task.create`, { title: 'x' }, { accept: browser })).status).toBe(401);
});

test('logs and metrics name pages and files as web, and logs contain no label and no search', async () => {
  const paths = [
    '/labels/my%20secret',
    '/Labels/secret/2',
    '/lists/secret',
    '/search?q=secret',
    '/assets/main-abc.js',
    '/',
  ];
  for (const path of paths) await getPage(path, { 'x-request-id': 'page-1' });
  await get('/labels/secret', { 'x-request-id': 'page-1' });
  const lines = log.filter(({ requestId }) => requestId === 'page-1');
  expect(lines.map(({ path, status }) => [path, status])).toEqual([
    ['/labels', 200],
    ['/Labels', 200],
    ['/lists', 200],
    ['/search', 200],
    ['/assets/main-abc.js', 200],
    ['/', 200],
    ['/labels', 404],
  ]);
  expect(JSON.stringify(lines)).not.toContain('secret');
  const metrics = (await get('/metrics')).body.toString();
  expect(metrics).toContain('holdfast_http_requests_total{route="web",status="2xx"}');
  expect(metrics).not.toContain('secret');
});

test('a server without the built app tells a browser what to run, and lists its routes for other clients', async () => {
  const page = await fetch(apiOnly.url, { headers: { accept: browser } });
  expect([page.status, page.headers.get('vary')]).toEqual([404, 'accept']);
  const message = 'The web app is not built. Run `pnpm build`, and restart the server.';
  expect(await page.json()).toMatchObject({ error: { message, data: { code: 'NOT_FOUND' } } });
  const index = await (await fetch(apiOnly.url)).json();
  expect(index).toMatchObject({ name: 'Holdfast' });
  expect(index).not.toHaveProperty('links.app');
  expect((await fetch(`${apiOnly.url}/inbox`, { headers: { accept: browser } })).status).toBe(404);
});

test('the reason for a missing app names the setting or the command that brings it back', async () => {
  const options = { isOn: true, isIssuerExternal: false, folder };
  expect((await openWebApp({ ...options, isOn: false })).problem).toContain('Set WEB_APP=true');
  expect((await openWebApp({ ...options, isIssuerExternal: true })).problem).toContain('Unset AUTH_ISSUER');
  expect((await openWebApp({ ...options, folder: join(folder, 'missing') })).problem).toContain('Run `pnpm build`');
  expect((await openWebApp({ ...options, folder: join(folder, 'assets') })).files).toBeNull();
});
