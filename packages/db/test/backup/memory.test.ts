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

/** The most memory that a process of its own held. */
async function measure(verb: 'backup' | 'restore', url: string, file: string): Promise<number> {
  const { stdout } = await run(process.execPath, [script, verb, url, file]);
  return Number(stdout);
}

async function measureBoth(tasks: number) {
  const { url } = await openBareDatabase();
  await fillWithMany(await connect(url), tasks);
  const file = join(makeFolder(), 'backup.tar');
  const backup = await measure('backup', url, file);
  return { backup, restore: await measure('restore', await openEmpty(), file), size: statSync(file).size };
}

test('memory does not grow with the database', async () => {
  // Both are more than Node lets pile up before it collects.
  const few = await measureBoth(20_000);
  const many = await measureBoth(100_000);
  const room = 32 * 2 ** 20;
  expect(many.size).toBeGreaterThan(40e6);
  expect(many.backup - few.backup).toBeLessThan(room);
  expect(many.restore - few.restore).toBeLessThan(room);
}, 120_000);
