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
  const run = () => maintain({ url, trashDays: 30, logger, metrics, observer: {} }, new AbortController().signal);
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

test('maintenance reports the tasks that it removed from the trash or folded in the log and in the metrics', async () => {
  await alterDatabase(
    url,
    `set role holdfast_tools;
    insert into users (id) values ('0190a000-0000-7000-8000-00000000000a');
    insert into tasks (user_id, id, title, created_at, updated_at, deleted_at)
      select '0190a000-0000-7000-8000-00000000000a', gen_random_uuid(), 'secret title', '2020-01-01', '2020-01-01', deleted_at
      from unnest(array['2020-02-01', null, null]::timestamptz[]) as deleted_at;
    insert into changes (user_id, revision, at)
      select '0190a000-0000-7000-8000-00000000000a', n, '2020-01-01' from generate_series(1, 5) n;
    update users set revision = 5;
    reset role`,
  );
  const { run, log, readMetrics } = createJob();
  await run();
  const removed = { 'tasks in the trash': 1, 'lists in the trash': 0, changes: 5 };
  expect(log).toMatchObject([{ level: 30, msg: 'maintenance', removed, folded: 2 }]);
  expect(JSON.stringify(log)).not.toContain('secret');
  const metrics = await readMetrics();
  expect(metrics).toContain('holdfast_maintenance_removed_rows_total{kind="tasks in the trash"} 1');
  expect(metrics).toContain('holdfast_maintenance_removed_rows_total{kind="changes"} 5');
  expect(metrics).toContain('holdfast_maintenance_folded_tasks_total 2');
  expect(metrics).not.toContain('search texts');
});

test('maintenance that fails is logged without users’ texts and counted, and does not throw', async () => {
  const { run, log, readMetrics } = createJob();
  await alterDatabase(url, 'revoke all on auth.verification from current_user');
  await run();
  // The other kinds of work were done.
  const removed = { sessions: 0, 'rate limits': 0, 'tasks in the trash': 0 };
  expect(log).toMatchObject([{ level: 40, msg: 'maintenance failed', code: 'ACCESS_REFUSED', removed }]);
  expect(await readMetrics()).toContain('holdfast_maintenance_runs_total{outcome="failed"} 1');
});
