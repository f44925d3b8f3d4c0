import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openServer } from './server.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const read = (path: string) => readFile(join(dist, path));
const html = (await read('index.html')).toString();

const scriptBytesMax = 130 * 1000;

/** The scripts that the document loads at once: those that it names, and those that they import statically. */
async function findFirstScripts(): Promise<Map<string, Buffer>> {
  const scripts = new Map<string, Buffer>();
  const waiting = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path!);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (scripts.has(path)) continue;
    const content = await read(path);
    scripts.set(path, content);
    for (const [, name] of content
      .toString()
      .matchAll(/(?:^|[;}\s])(?:import|export)[^;'"`()]*?["']\.\/([^"']+\.js)["']/g)) {
      waiting.push(`assets/${name}`);
    }
  }
  return scripts;
}

test('the JavaScript before the first list is at most 130 kB with gzip', async () => {
  const scripts = await findFirstScripts();
  expect(scripts.size).toBeGreaterThan(0);
  const sizes = [...scripts].map(([path, content]) => [path, gzipSync(content, { level: 9 }).length] as const);
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0);
  console.info(`gzip: ${bytes} bytes of JavaScript before the first list`);
  expect(bytes, sizes.map(([path, size]) => `${path} ${size}`).join('\n')).toBeLessThanOrEqual(scriptBytesMax);
});

test('the document contains no inline script, style or handler, which its policy would block', () => {
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:/i);
});

test('each text of the build has equal compressed copies that are smaller', async () => {
  const scripts = await findFirstScripts();
  for (const path of ['index.html', 'sw.js', 'manifest.webmanifest', ...scripts.keys()]) {
    const [content, br, gz] = await Promise.all([read(path), read(`${path}.br`), read(`${path}.gz`)]);
    expect(brotliDecompressSync(br).equals(content)).toBe(true);
    expect(gunzipSync(gz).equals(content)).toBe(true);
    expect(br.length).toBeLessThan(content.length);
  }
});

test('the manifest makes the app installable, and its icons have the sizes that it states', async () => {
  const manifest = JSON.parse((await read('manifest.webmanifest')).toString());
  expect(manifest).toMatchObject({ name: 'Holdfast', start_url: '/', scope: '/', display: 'standalone' });
  const icons = manifest.icons as { src: string; sizes: string; type: string; purpose?: string }[];
  expect(icons.map(({ sizes, purpose = 'any' }) => `${sizes} ${purpose}`)).toEqual([
    'any any',
    '192x192 any',
    '512x512 any',
    '512x512 maskable',
  ]);
  for (const { src, sizes, type } of icons.filter(({ type }) => type === 'image/png')) {
    const content = await read(src);
    // The header of a PNG contains its width and height.
    expect([src, `${content.readUInt32BE(16)}x${content.readUInt32BE(20)}`, type]).toEqual([src, sizes, 'image/png']);
    expect((await stat(join(dist, src))).size).toBeLessThan(30_000);
  }
});

const server = await openServer();

test('the server sends the built document with its policy, and its scripts compressed and for a year', async () => {
  const page = await fetch(`${server.url}/inbox`, { headers: { accept: 'text/html' } });
  expect(await page.text()).toBe(html);
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none';script-src 'self';/);
  for (const [path, content] of await findFirstScripts()) {
    const script = await fetch(`${server.url}/${path}`, { headers: { 'accept-encoding': 'gzip, br' } });
    expect(script.headers.get('content-encoding')).toBe('br');
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await script.text()).toBe(content.toString());
  }
  const worker = await fetch(`${server.url}/sw.js`);
  expect([worker.status, worker.headers.get('cache-control')]).toEqual([200, 'no-cache']);
});
