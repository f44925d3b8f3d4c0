import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { compile, install, makeFolder, pack, root, run, writeManifest } from './outside.ts';
import { startServer } from './server.ts';

const folder = await makeFolder();
await writeManifest(folder, {
  dependencies: { '@holdfast/client': `file:${await pack('client')}`, '@types/node': '24.19.2', typescript: '7.0.2' },
});
await install(folder);
await cp(join(root, 'packages/consumers/typed-client'), folder, { recursive: true });

test.each([true, false])(
  'an app that depends only on @holdfast/client type-checks, and no type is any (skipLibCheck: %s)',
  async (skipLibCheck) => {
    expect(await compile(folder, { skipLibCheck })).toEqual([]);
  },
);

/** Size of the app's bundle in bytes, gzip. */
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

test('the client adds less than 12,000 bytes (gzip) to a browser bundle', async () => {
  const own = await measure(['@trpc/*', 'uuid']);
  console.info(`@holdfast/client in an app, gzip: ${own} bytes, ${await measure([])} with its dependencies`);
  expect(own).toBeLessThan(12_000);
});

test('an app that uses @holdfast/client runs against a live server', async () => {
  const env = { BASE: await startServer() };
  expect(await run(process.execPath, ['main.ts'], { cwd: folder, env })).toBe('Call the plumber, true, CONFLICT\n');
});
