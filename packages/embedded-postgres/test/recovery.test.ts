import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  copyCluster,
  findBackend,
  isRunning,
  kill,
  makeFolder,
  open,
  openInProcess,
  query,
  readServerPid,
  spawnBystander,
  spawnFixture,
  writeLock,
} from './fixtures/embedded-server.ts';

test('after SIGKILL of its process, an orphaned server is joined and has the data', async () => {
  const dataDir = copyCluster();
  const killed = await openInProcess(dataDir);
  await query(killed.url, "create table notes (words text); insert into notes values ('kept')");
  const pid = readServerPid(dataDir);
  await kill(killed.child);

  const next = await open({ dataDir });

  expect(readServerPid(dataDir)).toBe(pid);
  expect(await query(next.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
  await next.stop();
  expect(await isRunning(dataDir, next.url)).toBe(false);
});

test('after SIGKILL of the process and the server, the next start recovers the data', async () => {
  const dataDir = copyCluster();
  const killed = await openInProcess(dataDir);
  await query(killed.url, "create table notes (words text); insert into notes values ('kept')");
  process.kill(readServerPid(dataDir), 'SIGKILL');
  await kill(killed.child);

  const next = await open({ dataDir });

  expect(next.url).toBe(killed.url);
  expect(await query(next.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
});

test('after SIGKILL of the server, it restarts on the same port for every process with a lease', async () => {
  const dataDir = copyCluster();
  const events: string[] = [];
  const starter = await openInProcess(dataDir);
  const joiner = await open({ dataDir, onEvent: ({ kind }) => events.push(kind) });
  await query(starter.url, "create table notes (words text); insert into notes values ('kept')");
  const killedPid = readServerPid(dataDir);
  process.kill(killedPid, 'SIGKILL');

  await expect.poll(() => events).toEqual(['lost', 'restored']);

  expect(readServerPid(dataDir)).not.toBe(killedPid);
  expect(await query(starter.url, 'select words from notes')).toEqual([{ words: 'kept' }]);
  await joiner.stop();
  expect(await query(starter.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await starter.stop();
  expect(await isRunning(dataDir, starter.url)).toBe(false);
});

test('after SIGKILL of a backend during a query, the lease is taken again', async () => {
  const dataDir = copyCluster();
  const events: string[] = [];
  const { url } = await open({ dataDir, onEvent: ({ kind }) => events.push(kind) });
  const dying = query(url, 'select pg_sleep(60)').catch(() => 'ended');
  process.kill(await findBackend(url, 'select pg_sleep(60)'), 'SIGKILL');

  expect(await dying).toBe('ended');
  await expect.poll(() => events).toEqual(['lost', 'restored']);
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('after SIGKILL during the creation of a cluster, the next start creates it and removes the draft', async () => {
  const dataDir = makeFolder();
  const child = spawnFixture(dataDir);
  await expect.poll(() => readdirSync(dataDir).some((name) => name.includes('.draft-')), { interval: 5 }).toBe(true);
  await sleep(100);
  await kill(child);
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);

  const { url } = await open({ dataDir });

  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(readdirSync(dataDir).toSorted()).toEqual(['postgres', 'postgres.log']);
});

test('a stale postmaster.pid with the process ID of another process does not prevent the start', async () => {
  const dataDir = copyCluster();
  const bystander = spawnBystander(dataDir);
  writeLock(dataDir, `${bystander.pid}\n/elsewhere\n1700000000\n25432\n\n127.0.0.1\n  1234567  89\nready   \n`);

  const { url } = await open({ dataDir });

  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(bystander.exitCode).toBeNull();
});

test("a postmaster.pid in a copy of a running server's folder does not lead to that server", async () => {
  const dataDir = copyCluster();
  const original = await open({ dataDir });
  const copy = makeFolder();
  execFileSync('cp', ['-a', join(dataDir, 'postgres'), copy]);

  const { url } = await open({ dataDir: copy });

  expect(url).not.toBe(original.url);
  expect(await query(original.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('an empty postmaster.pid does not prevent the start', async () => {
  const dataDir = copyCluster();
  writeLock(dataDir, '');

  const { url } = await open({ dataDir });

  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});
