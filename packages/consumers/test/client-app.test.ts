import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { compile, install, makeFolder, pack, root, run, unpack, writeManifest } from './outside.ts';
import { signUp, startServer } from './server.ts';

const folder = await makeFolder();
const manifest = await readFile(join(root, 'packages/consumers/node_modules/@trpc/client/package.json'), 'utf8');
const trpc = (JSON.parse(manifest) as { version: string }).version;
await writeManifest(folder, {
  dependencies: {
    '@trpc/client': trpc,
    '@trpc/server': trpc,
    '@types/node': '24.19.2',
    typescript: '7.0.2',
  },
});
await install(folder);
await unpack(await pack('api'), join(folder, 'node_modules/@holdfast/api'));
await cp(join(root, 'packages/consumers/client-app'), folder, { recursive: true });

test.each([true, false])(
  'a client app type-checks without MikroORM, zod and @holdfast/db, and no type is any (skipLibCheck: %s)',
  async (skipLibCheck) => {
    expect(await compile(folder, { skipLibCheck })).toEqual([]);
  },
);

test('the browser bundle of a client app contains no server code', async () => {
  const options = { bundle: true, minify: true, write: false, format: 'esm', platform: 'browser' } as const;
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [join(folder, 'app.ts')],
    metafile: true,
  });
  console.log(`Client app with tRPC's client: ${gzipSync(outputFiles[0]!.contents).length} bytes gzip`);
  expect(Object.keys(metafile.inputs).filter((path) => /holdfast\/(api|db)|mikro-orm|zod/.test(path))).toEqual([]);
});

test('a client app with tRPC’s client runs against a live server', async () => {
  const base = await startServer();
  const env = { BASE: base, TOKEN: await signUp(base) };
  expect(await run(process.execPath, ['main.ts'], { cwd: folder, env })).toBe('Call the plumber, true, CONFLICT\n');
});
