import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Line } from '@holdfast/db/testing';
import { Client } from 'pg';

/** A fault between the server and its database. It is over when `run` resolves. */
export interface Disturbance {
  name: string;
  run(): Promise<void>;
}

export interface Scene {
  line: Line;
  /** To the same database past the line, as superuser. */
  adminUrl: string;
  dataDir: string;
  /** Resolves when PostgreSQL serves again after a kill. */
  untilRestored(): Promise<unknown>;
}

const between = (least: number, most: number) => least + Math.random() * (most - least);

/** Each kind once. */
export function createDisturbances({ line, adminUrl, dataDir, untilRestored }: Scene): Disturbance[] {
  const lasting = (name: string, least: number, most: number, begin: () => unknown): Disturbance => ({
    name,
    async run() {
      await begin();
      await sleep(between(least, most));
      await line.mend();
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
    { name: 'connections reset', run: async () => line.reset() },
    { name: 'an answer lost, then a reset', run: () => line.loseAnswer(Math.ceil(between(1, 20))) },
    { name: 'an answer lost, then silence', run: () => line.loseAnswer(Math.ceil(between(1, 20)), 'silence') },
    lasting('a short black hole', 500, 2_000, () => line.silence('everything')),
    lasting('a long black hole', 8_000, 12_000, () => line.silence('everything')),
    lasting('answers swallowed', 3_000, 8_000, () => line.silence('answers')),
    lasting('connections cut and refused', 2_000, 5_000, () => line.cut()),
    lasting('new connections refused, backends terminated', 1_000, 3_000, async () => {
      await line.refuse();
      await terminateBackends(adminUrl);
    }),
    lasting('300 ms more each way', 3_000, 5_000, () => line.slow({ latencyMs: 300 })),
    lasting('20 kB/s', 3_000, 5_000, () => line.slow({ bytesPerSecond: 20_000 })),
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
