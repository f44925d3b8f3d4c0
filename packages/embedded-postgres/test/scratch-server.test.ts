import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openScratchServer } from '../src/scratch-server.ts';
import { isRunning, makeFolder, query, removeFolder } from './fixtures/embedded-server.ts';

const fixture = fileURLToPath(new URL('fixtures/open-scratch.ts', import.meta.url));

test.each(['SIGINT', 'SIGKILL'] as const)(
  'a scratch server and its data are removed after %s ends its process',
  async (signal) => {
    const child = spawn(process.execPath, [fixture], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { url, dataDir } = JSON.parse(line) as { url: string; dataDir: string };
    onTestFinished(() => removeFolder(dataDir));
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    // Like Ctrl-C, this signals the whole process group.
    process.kill(-child.pid!, signal);
    await expect.poll(() => isRunning(dataDir, url)).toBe(false);
    await expect.poll(() => existsSync(dataDir)).toBe(false);
  },
);

test('stop removes a scratch server and its data', async () => {
  const { url, dataDir, stop } = await openScratchServer();
  await stop();
  expect(await isRunning(dataDir, url)).toBe(false);
  expect(existsSync(dataDir)).toBe(false);
});

test('the watchdog removes a data folder that its process removed only in part', async () => {
  const dataDir = makeFolder();
  mkdirSync(join(dataDir, 'postgres'));
  writeFileSync(join(dataDir, 'postgres/pg_hba.conf'), '');
  const watchdog = fileURLToPath(new URL('../src/watchdog.ts', import.meta.url));
  const child = spawn(process.execPath, [watchdog, dataDir], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(existsSync(dataDir)).toBe(false);
});
