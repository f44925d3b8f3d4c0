import cluster from 'node:cluster';
import type { Logger } from 'pino';
import type { Shutdown } from '../shutdown.ts';
import { Hub } from './hub.ts';
import { countLimits } from './limits.ts';
import { createRecordFailure } from './record-failure.ts';
import { collectServerMetrics } from './server-metrics.ts';
import { createSupervisor } from './supervisor.ts';
import { forkWorker, type Ready } from './worker-process.ts';

export interface WorkersOptions {
  /** Number of workers. */
  workers: number;
  databaseUrl: string;
  secret: string;
  logger: Logger;
  /** Stops the workers. */
  shutdown: Shutdown;
}

export interface ServedByWorkers extends Ready {
  /** Replaces the workers, one after the other. */
  restart(): void;
}

/** Long enough for a worker to complete its requests and to close its resources, in milliseconds. */
const stopLimitMs = 25_000;

/**
 * Serves with several processes that share one port.
 *
 * @throws StartError if a worker cannot start.
 */
export async function serveWithWorkers(options: WorkersOptions): Promise<ServedByWorkers> {
  const { workers, databaseUrl, secret, logger, shutdown } = options;
  // The main process accepts connections, so that none is lost with the worker for which it waits.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const recordFailure = createRecordFailure(() => logger);
  const hub = new Hub(recordFailure);
  countLimits(hub, workers);
  const metrics = collectServerMetrics(hub, recordFailure);
  const supervisor = createSupervisor({
    workers,
    logger,
    fork: (number) => forkWorker(hub, { number, workers, databaseUrl, secret }),
    onEnded: ({ id }) => metrics.remove(id),
  });
  process.on('exit', () => supervisor.kill());
  shutdown.add({ name: 'workers', limitMs: stopLimitMs, close: () => supervisor.stop() });
  const ready = await supervisor.start();
  return { ...ready, restart: () => void supervisor.restart() };
}
