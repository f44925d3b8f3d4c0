import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { copyCluster, isRunning, makeFolder, open, openInProcess, query } from './fixtures/embedded-server.ts';

test('a second process joins the running server, and the last process to stop shuts it down', async () => {
  const dataDir = copyCluster();
  const starter = await openInProcess(dataDir);
  const joiner = await open({ dataDir });
  expect(joiner.url).toBe(starter.url);

  await starter.stop();
  expect(await query(joiner.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await joiner.stop();

  expect(await isRunning(dataDir, joiner.url)).toBe(false);
});

test('the server shuts down if the last two processes that use it stop it at the same time', async () => {
  const dataDir = copyCluster();
  const [one, other] = [await open({ dataDir }), await open({ dataDir })];

  await Promise.all([one.stop(), other.stop()]);

  expect(await isRunning(dataDir, one.url)).toBe(false);
});

test('a process that opens the server while the last process stops it gets a running server', async () => {
  const dataDir = copyCluster();
  const last = await open({ dataDir });

  const [next] = await Promise.all([open({ dataDir }), last.stop()]);

  expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('two processes that open an empty folder at once create one cluster and share it', async () => {
  const dataDir = makeFolder();

  const [one, other] = await Promise.all([openInProcess(dataDir), open({ dataDir })]);

  expect(other.url).toBe(one.url);
  expect(await query(one.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(readdirSync(dataDir).toSorted()).toEqual(['postgres', 'postgres.log']);
});

test('Ctrl-C in a terminal ends the process and not the server', async () => {
  const dataDir = copyCluster();
  const opened = await openInProcess(dataDir);
  process.kill(-(opened.child.pid ?? 0), 'SIGINT');
  await once(opened.child, 'exit');

  expect(await query(opened.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await open({ dataDir });
});
