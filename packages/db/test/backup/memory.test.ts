import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { connect, openBareDatabase } from '../fixture.ts';
import { fillWithMany } from './fill.ts';
import { makeFolder, openEmpty } from './fixture.ts';

const script = fileURLToPath(new URL('../fixtures/measure-backup.ts', import.meta.url));
const run = promisify(execFile);

// With a small heap, V8 collects garbage often, so the peak shows the memory in use.
const smallHeap = ['--max-semi-space-size=1', '--max-old-space-size=40'];

/** Returns the peak memory of a separate process, in bytes. */
async function measure(verb: 'backup' | 'restore', url: string, file: string): Promise<number> {
  const { stdout } = await run(process.execPath, [...smallHeap, script, verb, url, file]);
  return Number(stdout);
}

async function measureBoth(tasks: number) {
  const { url } = await openBareDatabase();
  await fillWithMany(await connect(url), tasks);
  const file = join(makeFolder(), 'backup.tar');
  const backup = await measure('backup', url, file);
  return { backup, restore: await measure('restore', await openEmpty(), file), size: statSync(file).size };
}

test('the memory for backup and restore does not grow with the size of the database', async () => {
  const few = await measureBoth(20_000);
  const many = await measureBoth(100_000);
  const room = 32 * 2 ** 20;
  expect(many.size).toBeGreaterThan(40e6);
  expect(many.backup - few.backup).toBeLessThan(room);
  expect(many.restore - few.restore).toBeLessThan(room);
});
