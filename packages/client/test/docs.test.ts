import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { errorOf } from './fixture.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const page = await readFile(new URL('../../../docs/client-apps.md', import.meta.url), 'utf8');
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');

/** Compiles the examples of both pages as modules of an app. Rejects with the compiler's output. */
async function compile(replace: (code: string) => string = (code) => code): Promise<void> {
  const blocks = [...(page + readme).matchAll(/```(tsx?)\n(.*?)```/gs)];
  expect(blocks.length).toBeGreaterThan(3);
  const names = blocks.map(([, kind], index) => `example-${process.pid}-${index}.${kind}`);
  const config = `${folder}example-${process.pid}.json`;
  try {
    for (const [index, [, , code]] of blocks.entries()) await writeFile(folder + names[index]!, replace(code!));
    const options = { jsx: 'react-jsx', lib: ['es2024', 'dom'], noUnusedLocals: false };
    await writeFile(config, JSON.stringify({ extends: '../tsconfig.json', compilerOptions: options, include: names }));
    await promisify(execFile)('tsc', ['-p', config], { cwd: folder });
  } finally {
    for (const name of names) await rm(folder + name, { force: true });
    await rm(config, { force: true });
  }
}

test('the examples in docs/client-apps.md and the README compile', async () => {
  await expect(compile()).resolves.toBeUndefined();
});

test('an example with a wrong field does not compile', async () => {
  const error = await errorOf(compile((code) => code.replaceAll('title:', 'titel:')));
  expect(error['stdout']).toContain('titel');
});

test('docs/client-apps.md names every error code of the client', async () => {
  const source = await readFile(new URL('../src/errors.ts', import.meta.url), 'utf8');
  const unions = source.match(/export type (SignInCode|ClientCode) =[^;]*;/g)!.join('');
  const codes = unions.match(/(?<=')[A-Z_]+(?=')/g)!;
  expect(codes).toHaveLength(18);
  for (const code of codes) expect(page).toContain(`\`${code}\``);
});
