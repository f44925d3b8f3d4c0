import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabaseUrl, signUp } from '../fixture.ts';
import { watch } from '../live/watcher.ts';
import { makeDataDir } from '../running-server.ts';
import { reachBoth, send, startWorkers } from './fixture.ts';

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const toProbes = (count: number) => `\nholdfast_http_requests_total{route="livez",status="2xx"} ${count}\n`;

const readPostmaster = async (dataDir: string) =>
  Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

test('a killed worker is replaced, later each time, while the other one and PostgreSQL serve on', async () => {
  const dataDir = await makeDataDir();
  const server = await startWorkers({ HOLDFAST_DATA_DIR: dataDir });
  const postmaster = await readPostmaster(dataDir);
  const { jwt } = await signUp(server.base, 'ada@example.org');
  await reachBoth(server, { path: '/livez' });
  const readMetrics = async () => (await send(server.base, { path: '/metrics' })).body;
  expect(await readMetrics()).toContain(toProbes(12));
  const survivor = server.pids(2).at(-1)!;
  for (let kill = 0; kill < 2; kill += 1) {
    process.kill(server.pids(1).at(-1)!, 'SIGKILL');
    expect(await server.findLine('worker ended', kill)).toMatchObject({ worker: 1, exit: 'SIGKILL', level: 50 });
    expect(await server.findLine('worker will be replaced', kill)).toMatchObject({
      worker: 1,
      waitMs: 100 * 2 ** kill,
    });
    expect((await send(server.base, { path: '/trpc/user.me', token: jwt })).status).toBe(200);
    await server.findLine('worker replaced', kill);
    await reachBoth(server, { path: '/livez' });
    // The counts of workers that have ended remain in the sum.
    expect(await readMetrics()).toContain(toProbes(12 * (kill + 2)));
  }
  expect(server.pids(2)).toEqual([survivor]);

  // Counts of a worker that has ended do not remain in the limits.
  const streams = await Promise.all([1, 2, 3, 4].map(() => watch(server.base, { jwt })));
  for (const { pages } of streams) await expect.poll(() => pages.length).toBe(1);
  let open = streams.length;
  for (const { ended } of streams) void ended.then(() => (open -= 1));
  process.kill(survivor, 'SIGKILL');
  await expect.poll(() => open).toBeLessThan(streams.length);
  await expect.poll(async () => (await readMetrics()).includes(`\nholdfast_streams ${open}\n`)).toBe(true);

  expect(await readPostmaster(dataDir)).toBe(postmaster);
  expect(await server.stop()).toBe(0);
  expect(isRunning(postmaster)).toBe(false);
  for (const pid of [...server.pids(1), ...server.pids(2)]) expect(isRunning(pid)).toBe(false);
});

test('a request that a killed worker had not taken yet fails at once, and its client does not wait', async () => {
  const server = await startWorkers({ DATABASE_URL: await openDatabaseUrl() });
  await reachBoth(server, { path: '/livez' });
  const [pid] = server.pids(1);
  // The worker gets a connection, and does not take it.
  process.kill(pid!, 'SIGSTOP');
  const outcomes = [1, 2, 3, 4, 5, 6].map(() =>
    send(server.base, { path: '/livez' }).then(
      ({ status }) => status,
      ({ code }: { code: string }) => code,
    ),
  );
  expect(await Promise.race(outcomes)).toBe(200);
  process.kill(pid!, 'SIGKILL');
  const others = (await Promise.all(outcomes)).filter((outcome) => outcome !== 200);
  expect(others).toEqual(['ECONNRESET']);
});

test('a worker that cannot start ends the server with the reason', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(startWorkers({ DATABASE_URL: await openDatabaseUrl(), PORT: String(port) })).rejects.toThrow(
    `The server exited with 1:\nPort ${port} on 127.0.0.1 is already in use. Stop that program, or change PORT.\n`,
  );
});

test('more workers than connections to the database are refused', async () => {
  await expect(startWorkers({ DATABASE_URL: 'postgres://h/d', DATABASE_POOL_MAX: '1' })).rejects.toThrow(
    'DATABASE_POOL_MAX must not be less than WORKERS, since each worker needs a connection',
  );
});

test('the workers end with a main process that was killed', async () => {
  const server = await startWorkers({ DATABASE_URL: await openDatabaseUrl() });
  await reachBoth(server, { path: '/livez' });
  const pids = [...server.pids(1), ...server.pids(2)];
  expect(pids.map(isRunning)).toEqual([true, true]);
  await server.stop('SIGKILL');
  for (const pid of pids) await expect.poll(() => isRunning(pid)).toBe(false);
});
