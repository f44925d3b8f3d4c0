import { openAuthStore } from '@holdfast/db';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { maintain } from '../src/maintenance.ts';
import { createMetrics } from '../src/telemetry/metrics.ts';
import { alterDatabase, openDatabaseUrl, openServer, signUp } from './fixture.ts';

const url = await openDatabaseUrl();
const store = openAuthStore({ url });
afterAll(() => store.close());

function createJob() {
  const log: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line) => void log.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const run = () => maintain({ url, logger, metrics, observer: {} }, new AbortController().signal);
  return { run, log, readMetrics: () => metrics.read() };
}

test('maintenance reports the rows that it removed in the log and in the metrics', async () => {
  const server = await openServer({ DATABASE_URL: url });
  await signUp(server.url, 'ada@example.org');
  await store.kysely
    .updateTable('session')
    .set({ expiresAt: new Date('2020-01-01') })
    .execute();
  const { run, log, readMetrics } = createJob();
  await run();
  expect(log).toMatchObject([{ level: 30, msg: 'maintenance', removed: { sessions: 1, verifications: 0 } }]);
  const metrics = await readMetrics();
  expect(metrics).toContain('holdfast_maintenance_runs_total{outcome="done"} 1');
  expect(metrics).toContain('holdfast_maintenance_removed_rows_total{kind="sessions"} 1');
});

test('maintenance that fails is logged without users’ texts and counted, and does not throw', async () => {
  const { run, log, readMetrics } = createJob();
  await alterDatabase(url, 'revoke all on auth.verification from current_user');
  await run();
  expect(log).toMatchObject([{ level: 40, msg: 'maintenance failed', code: 'ACCESS_REFUSED' }]);
  expect(await readMetrics()).toContain('holdfast_maintenance_runs_total{outcome="failed"} 1');
});
