import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '@holdfast/db/testing';
import { Client } from 'pg';

/** Something that goes wrong between the server and its database, and is over when this resolves. */
export interface Disturbance {
  name: string;
  run(): Promise<void>;
}

export interface Scene {
  proxy: FaultProxy;
  /** To the same database past the proxy, as superuser. */
  adminUrl: string;
  dataDir: string;
  /** Resolves when the PostgreSQL that has been killed serves again. */
  untilRestored(): Promise<unknown>;
}

const between = (least: number, most: number) => least + Math.random() * (most - least);

/** Each kind once. */
export function createDisturbances({ proxy, adminUrl, dataDir, untilRestored }: Scene): Disturbance[] {
  const lasting = (name: string, least: number, most: number, begin: () => unknown): Disturbance => ({
    name,
    async run() {
      await begin();
      await sleep(between(least, most));
      await proxy.restore();
    },
  });
  return [
    { name: 'backends terminated', run: () => terminateBackends(adminUrl) },
    {
      name: 'PostgreSQL killed',
      async run() {
        const restored = untilRestored();
        const [pid] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
        process.kill(Number(pid), 'SIGKILL');
        await restored;
      },
    },
    { name: 'connections reset', run: async () => proxy.resetConnections() },
    { name: 'an answer lost, then a reset', run: () => proxy.loseResponse(Math.ceil(between(1, 20))) },
    { name: 'an answer lost, then silence', run: () => proxy.loseResponse(Math.ceil(between(1, 20)), 'stall') },
    lasting('a short black hole', 500, 2_000, () => proxy.stall('everything')),
    lasting('a long black hole', 8_000, 12_000, () => proxy.stall('everything')),
    lasting('answers swallowed', 3_000, 8_000, () => proxy.stall('responses')),
    lasting('connections cut and refused', 2_000, 5_000, () => proxy.disable()),
    lasting('new connections refused, backends terminated', 1_000, 3_000, async () => {
      await proxy.refuseConnections();
      await terminateBackends(adminUrl);
    }),
    lasting('300 ms more each way', 3_000, 5_000, () => proxy.slow({ latencyMs: 300 })),
    lasting('20 kB/s', 3_000, 5_000, () => proxy.slow({ bytesPerSecond: 20_000 })),
  ];
}

async function terminateBackends(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'holdfast' and pid <> pg_backend_pid()`,
  );
  await client.end();
}
