import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copySources } from './dockerfile.ts';
import { makeFolder, root, run } from './outside.ts';

const folder = await makeFolder();
await copySources(folder);

/** Returns the hash of each task that has a command. */
async function readHashes(): Promise<Map<string, string>> {
  const turbo = join(root, 'node_modules/.bin/turbo');
  const tasks = ['test', 'lint', 'typecheck', 'consumers'];
  const output = await run(turbo, ['run', ...tasks, '--dry=json'], {
    cwd: folder,
    env: { TURBO_TELEMETRY_DISABLED: '1' },
  });
  const { tasks: found } = JSON.parse(output) as { tasks: { taskId: string; hash: string; command: string }[] };
  return new Map(found.filter(({ command }) => command !== '<NONEXISTENT>').map(({ taskId, hash }) => [taskId, hash]));
}

/** Returns the packages of which tasks run again after a change of a file. */
async function findRerun(path: string): Promise<string[]> {
  const before = await readHashes();
  await appendFile(join(folder, path), '\n');
  const after = await readHashes();
  const changed = [...after].filter(([task, hash]) => before.get(task) !== hash).map(([task]) => task.split('#')[0]!);
  return [...new Set(changed)].map((name) => name.replace('@holdfast/', '')).sort();
}

test.each([
  ['packages/db/test/status.test.ts', ['db']],
  ['packages/db/test/fixtures/migrate.ts', ['db']],
  ['packages/api/test/tasks/list.test.ts', ['api']],
  ['packages/db/src/errors.ts', ['api', 'bench', 'cli', 'client', 'consumers', 'db', 'server']],
  ['apps/server/src/serve.ts', ['cli', 'client', 'consumers', 'server']],
  ['docs/errors.md', ['api', 'db']],
])('a change in %s runs only the tasks of these packages again: %j', async (path, packages) => {
  expect(await findRerun(path)).toEqual(packages);
});
