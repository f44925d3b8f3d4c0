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
  'an app with @holdfast/client and nothing else type-checks, and nothing is any (skipLibCheck %s)',
  async (skipLibCheck) => {
    expect(await compile(folder, { skipLibCheck })).toEqual([]);
  },
);

/** Bytes of the app's bundle, compressed. */
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

test('the client is small in a browser’s bundle', async () => {
  const own = await measure(['@trpc/*', 'uuid']);
  console.info(
    `@holdfast/client in an app, gzip: ${own} bytes of its own, ${await measure([])} with everything it needs`,
  );
  expect(own).toBeLessThan(12_000);
});

test('an app with the client runs against a live server', async () => {
  const env = { BASE: await startServer() };
  expect(await run(process.execPath, ['main.ts'], { cwd: folder, env })).toBe('Call the plumber, true, CONFLICT\n');
});
