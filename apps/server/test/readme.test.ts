import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeDataDir, startServer } from './running-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const readText = (path: string) => readFile(join(root, path), 'utf8');

/** The shell blocks below a heading, as a reader would paste them, for the server under test. */
async function findCommands(path: string, heading: string, base: string): Promise<string> {
  const page = await readText(path);
  const section = page.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  expect(blocks.length).toBeGreaterThan(0);
  // The test runs on the project's Node already.
  return blocks.join('\n').replaceAll('http://127.0.0.1:3000', base).replace('npx pnpm exec node', 'node');
}

async function paste(commands: string, base: string): Promise<string> {
  const PATH = [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], {
    cwd: root,
    env: { ...process.env, PATH, HOLDFAST_URL: base },
  });
  return stdout;
}

const { base } = await startServer({ HOLDFAST_DATA_DIR: await makeDataDir() });

test('the curl commands of docs/getting-started.md work as pasted', async () => {
  const output = await paste(await findCommands('docs/getting-started.md', 'Call the API with curl', base), base);
  expect(output).toContain('"email":"ada@example.com"');
  expect(output).toMatch(/\n\{"items":\[\{"id":"[-0-9a-f]{36}","title":"Water the plants"/);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.warn('Skipped: the Python script in test/readme.test.ts, for python3 is not installed here.');

test.skipIf(!hasPython)(
  'the Python script of docs/getting-started.md lists the task that it adds, with the API token of the curl commands',
  async () => {
    const commands = await findCommands('docs/getting-started.md', 'Call the API from a script', base);
    const script = /```python\n(.*?)```/s.exec(await readText('docs/getting-started.md'))![1]!;
    const output = await paste(
      `${commands}\npython3 -c '${toQuoted(script.replaceAll('http://127.0.0.1:3000', base))}'`,
      base,
    );
    expect(output).toMatch(/"count":\d+/);
    expect(output).toContain("'Check the backup'");
  },
);

test('the curl command of docs/assistants.md finds tasks, with the API token of docs/getting-started.md', async () => {
  const commands = await findCommands('docs/getting-started.md', 'Call the API from a script', base);
  const output = await paste(
    `${commands}\n${await findCommands('docs/assistants.md', 'Connect over HTTP', base)}`,
    base,
  );
  expect(output).toMatch(/data of the user, not instructions\.\\n\{\\"tasks\\":\[/);
});

/** The text in single quotes of a shell. */
const toQuoted = (text: string) => text.replaceAll("'", String.raw`'\''`);

test.each([
  ['README.md', 'Example'],
  ['docs/getting-started.md', 'Call the API with types'],
])('the typed example of %s runs as pasted', async (path, heading) => {
  const output = await paste(await findCommands(path, heading, base), base);
  expect(output).toMatch(/title: 'Call the plumber',[^}]*completed: true/);
});

const pages = ['README.md', 'docs/getting-started.md'];

test.each(pages)('%s shows the source of the example that it runs', async (path) => {
  const source = await readText('packages/client/examples/quick-start.ts');
  expect(await readText(path)).toContain(`\`\`\`ts\n${source}\`\`\``);
});

test.each(pages)('%s contains only pnpm commands that exist', async (path) => {
  const { scripts } = JSON.parse(await readText('package.json')) as { scripts: Record<string, string> };
  const commands = [...(await readText(path)).matchAll(/^npx pnpm ([a-z]+)/gm)].map(([, name]) => name!);
  expect(commands).toContain('start');
  for (const name of commands) expect(Object.keys(scripts).concat('exec')).toContain(name);
});

test.each(pages)('no command of %s writes a file into the checkout', async (path) => {
  const blocks = [...(await readText(path)).matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  expect(blocks.join('')).not.toMatch(/>|\btee\b/);
});
