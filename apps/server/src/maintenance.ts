import { type DatabaseObserver, type MaintenanceResult, runMaintenance } from '@holdfast/db';
import type { Logger } from 'pino';
import { describeError } from './telemetry/log-fields.ts';
import type { Metrics } from './telemetry/metrics.ts';

export interface MaintenanceJobOptions {
  url: string;
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
  let running = Promise.resolve();
  const timer = setInterval(() => {
    if (performance.now() < dueAt || !isInUse()) return;
    dueAt = performance.now() + intervalMs;
    running = maintain(options, ending.signal);
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
  const { url, logger, metrics, observer } = options;
  const startedAt = performance.now();
  let result: MaintenanceResult;
  try {
    result = await runMaintenance({ url, observer, signal });
  } catch (error) {
    metrics.recordMaintenance('failed');
    logger.warn(describeError(error), 'maintenance failed');
    return;
  }
  if (result === 'busy') return metrics.recordMaintenance('busy');
  metrics.recordMaintenance('done', result);
  const durationMs = Math.round(performance.now() - startedAt);
  logger.info({ removed: Object.fromEntries(result), durationMs }, 'maintenance');
}
