import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openScratchServer } from '../src/scratch-server.ts';
import { isServed, makeFolder, query, removeFolder } from './fixtures/embedded-server.ts';

const fixture = fileURLToPath(new URL('fixtures/open-scratch.ts', import.meta.url));

test.each(['SIGINT', 'SIGKILL'] as const)('a scratch server ends with a process that %s has ended', async (signal) => {
  const child = spawn(process.execPath, [fixture], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url, dataDir } = JSON.parse(line) as { url: string; dataDir: string };
  onTestFinished(() => removeFolder(dataDir));
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  // As Ctrl+C does, to all that belong together.
  process.kill(-child.pid!, signal);
  await expect.poll(() => isServed(dataDir, url)).toBe(false);
  await expect.poll(() => existsSync(dataDir)).toBe(false);
});

test('a scratch server that is stopped leaves nothing', async () => {
  const { url, dataDir, stop } = await openScratchServer();
  await stop();
  expect(await isServed(dataDir, url)).toBe(false);
  expect(existsSync(dataDir)).toBe(false);
});

test('a process that ends while it removes its scratch server leaves nothing', async () => {
  const dataDir = makeFolder();
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres/pg_hba.conf'), '');
  const end = fileURLToPath(new URL('../src/watchdog.ts', import.meta.url));
  const child = spawn(process.execPath, [end, dataDir], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(dataDir)).toBe(false);
});
