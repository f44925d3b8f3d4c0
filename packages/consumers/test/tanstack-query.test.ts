import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile, install, makeFolder, pack, root, run, writeManifest } from './outside.ts';

const page = await readFile(join(root, 'docs/client-apps.md'), 'utf8');
const packages = /^npm install (react .*)$/m.exec(page)![1]!.split(' ');
const folder = await makeFolder();
await writeManifest(folder, {
  dependencies: {
    '@holdfast/client': `file:${await pack('client')}`,
    '@types/node': '24.19.2',
    '@types/react': '19.3.0',
    typescript: '7.0.2',
  },
});
await install(folder);
await install(folder, ...packages);
await cp(join(root, 'packages/consumers/tanstack-query'), folder, { recursive: true });

test('the command of docs/client-apps.md installs one copy of @trpc/client, and the types of both packages fit', async () => {
  const copies = await run('find', ['node_modules', '-path', '*/@trpc/client/package.json'], { cwd: folder });
  expect(copies).toBe('node_modules/@trpc/client/package.json\n');
  expect(await compile(folder, { skipLibCheck: true })).toEqual([]);
});

test('a wrong field of a query does not compile', async () => {
  const source = await readFile(join(folder, 'queries.ts'), 'utf8');
  await writeFile(join(folder, 'wrong.ts'), source.replace('limit: 2', 'limitt: 2'));
  expect((await compile(folder, { skipLibCheck: true })).join('\n')).toContain('limitt');
});
