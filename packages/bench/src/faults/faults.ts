import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '@holdfast/db/testing';
import { Client } from 'pg';

/** A fault between the server and its database. It is over when `run` resolves. */
export interface Fault {
  name: string;
  run(): Promise<void>;
}

export interface FaultContext {
  proxy: FaultProxy;
  /** Superuser URL of the same database, without the proxy. */
  adminUrl: string;
  dataDir: string;
  /** Resolves when PostgreSQL serves again after a kill. */
  untilRestored(): Promise<unknown>;
}

const between = (least: number, most: number) => least + Math.random() * (most - least);

/** One fault of each kind. */
export function createFaults({ proxy, adminUrl, dataDir, untilRestored }: FaultContext): Fault[] {
  const temporary = (name: string, least: number, most: number, begin: () => unknown): Fault => ({
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
    { name: 'a response lost, then a reset', run: () => proxy.loseResponse(Math.ceil(between(1, 20))) },
    { name: 'a response lost, then no data', run: () => proxy.loseResponse(Math.ceil(between(1, 20)), 'stall') },
    temporary('a short black hole', 500, 2_000, () => proxy.stall('everything')),
    temporary('a long black hole', 8_000, 12_000, () => proxy.stall('everything')),
    temporary('responses stalled', 3_000, 8_000, () => proxy.stall('responses')),
    temporary('connections closed and refused', 2_000, 5_000, () => proxy.disable()),
    temporary('new connections refused, backends terminated', 1_000, 3_000, async () => {
      await proxy.refuseConnections();
      await terminateBackends(adminUrl);
    }),
    temporary('300 ms more each way', 3_000, 5_000, () => proxy.slow({ latencyMs: 300 })),
    temporary('20 kB/s', 3_000, 5_000, () => proxy.slow({ bytesPerSecond: 20_000 })),
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
