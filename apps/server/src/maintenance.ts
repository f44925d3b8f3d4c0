import { type DatabaseObserver, type MaintenanceKind, type MaintenanceResult, runMaintenance } from '@holdfast/db';
import type { Logger } from 'pino';
import { describeError } from './telemetry/log-fields.ts';
import type { Metrics } from './telemetry/metrics.ts';

export interface MaintenanceJobOptions {
  url: string;
  /** Days after which the trash is emptied. 0 means never. */
  trashDays: number;
  logger: Logger;
  metrics: Metrics;
  observer: DatabaseObserver;
  /** Whether the database is in use. The job leaves an unused database alone, so that its server can suspend. */
  isInUse: () => boolean;
}

export interface MaintenanceJob {
  /** Ends after the running batch. */
  close(): Promise<void>;
}

const checkMs = 60_000;
const intervalMs = 3_600_000;

/** Runs maintenance every hour, the first time within the first hour, while the database is in use. */
export function startMaintenance(options: MaintenanceJobOptions): MaintenanceJob {
  const { isInUse } = options;
  const ending = new AbortController();
  // Servers that start together spread their runs.
  let dueAt = performance.now() + Math.random() * intervalMs;
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (running !== undefined || performance.now() < dueAt || !isInUse()) return;
    dueAt = performance.now() + intervalMs;
    running = maintain(options, ending.signal).finally(() => (running = undefined));
  }, checkMs).unref();
  return {
    async close() {
      clearInterval(timer);
      ending.abort();
      await running;
    },
  };
}

/** Runs maintenance once, and records the result. Never rejects. */
export async function maintain(options: Omit<MaintenanceJobOptions, 'isInUse'>, signal: AbortSignal): Promise<void> {
  const { url, trashDays, logger, metrics, observer } = options;
  const startedAt = performance.now();
  const counts: Partial<Record<MaintenanceKind, number>> = {};
  const onBatch = (kind: MaintenanceKind, rows: number) => {
    counts[kind] = (counts[kind] ?? 0) + rows;
    metrics.recordMaintenanceRows(kind, rows);
  };
  let result: MaintenanceResult;
  try {
    result = await runMaintenance({ url, trashDays, observer, signal, onBatch });
  } catch (error) {
    metrics.recordMaintenance('failed');
    logger.warn({ ...describeError(error), ...toLogFields(counts) }, 'maintenance failed');
    return;
  }
  if (result === 'busy') return metrics.recordMaintenance('busy');
  metrics.recordMaintenance('done');
  const durationMs = Math.round(performance.now() - startedAt);
  logger.info({ ...toLogFields(counts), durationMs }, 'maintenance');
}

function toLogFields({ 'search texts': folded = 0, ...removed }: Partial<Record<MaintenanceKind, number>>) {
  return { removed, folded };
}
