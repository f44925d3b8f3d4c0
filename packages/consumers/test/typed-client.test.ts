import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { hoverAll } from './language-server.ts';
import { compile, install, makeFolder, pack, root, run, writeManifest } from './outside.ts';
import { startServer } from './server.ts';

const folder = await makeFolder();
await writeManifest(folder, {
  dependencies: { '@holdfast/client': `file:${await pack('client')}`, '@types/node': '24.19.2', typescript: '7.0.2' },
});
await install(folder);
await cp(join(root, 'packages/consumers/typed-client'), folder, { recursive: true });

test.each([true, false])(
  'an app that installs only @holdfast/client type-checks and no type is any (skipLibCheck %s)',
  async (skipLibCheck) => {
    expect(await compile(folder, { skipLibCheck })).toEqual([]);
  },
);

test('an editor shows docs for every field of an input or output', async () => {
  const hovers = await hoverAll(folder, 'fields.ts', /\b\w+(?=: )|(?<=\b(one|raw|page|me|own|home)\.)\w+/g);
  expect(hovers.length).toBeGreaterThan(120);
  expect(hovers.filter(({ docs }) => docs === '').map(({ place }) => place)).toEqual([]);
  expect(hovers.find(({ place }) => place.startsWith('limit'))?.docs).toBe(
    'Tasks per page, from 1 to 200. Default: 50.',
  );
});

/** Compressed size of the app's bundle, in bytes. */
async function measure(external: string[]): Promise<number> {
  const entryPoints = [join(folder, 'app.ts')];
  const { outputFiles } = await build({
    entryPoints,
    external,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
  });
  return gzipSync(outputFiles[0]!.contents).length;
}

test('the client is small in an app’s browser bundle', async () => {
  const own = await measure(['@trpc/*', 'uuid']);
  console.info(
    `@holdfast/client in an app, gzip: ${own} bytes without dependencies, ${await measure([])} bytes with them`,
  );
  expect(own).toBeLessThan(12_000);
});

test('an app with the client runs against a live server', async () => {
  const env = { BASE: await startServer() };
  expect(await run(process.execPath, ['main.ts'], { cwd: folder, env })).toBe('Call the plumber, true, CONFLICT\n');
});
