import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { makeDataDir, startServer } from './running-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');

/** The shell blocks below a heading, as a reader would paste them, aimed at the server under test. */
function commandsBelow(heading: string, base: string): string {
  const section = readme.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  expect(blocks.length).toBeGreaterThan(0);
  // The runtime that this test already runs on, and a name that no reader's file has.
  return blocks
    .join('\n')
    .replaceAll('http://127.0.0.1:3000', base)
    .replace('npx pnpm exec node', 'node')
    .replaceAll('try.ts', script);
}

const script = `try-readme-${process.pid}.ts`;

async function paste(commands: string): Promise<string> {
  const PATH = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: root,
    env: { ...process.env, PATH },
  });
  return stdout;
}

const { base } = await startServer({ HOLDFAST_DATA_DIR: await makeDataDir() });
afterAll(() => rm(join(root, 'packages/client', script), { force: true }));

test('the walk-through with curl works as pasted', async () => {
  const output = await paste(commandsBelow('Try it with curl', base));
  expect(output).toContain('"email":"ada@example.com"');
  expect(output).toMatch(/"result":\{"data":\{"items":\[\{"id":"[-0-9a-f]{36}","title":"Water the plants"/);
});

test('the walk-through with types works as pasted', async () => {
  const output = await paste(commandsBelow('Try it with types', base));
  expect(output).toMatch(/title: 'Call the plumber',[^}]*completed: true/);
});
