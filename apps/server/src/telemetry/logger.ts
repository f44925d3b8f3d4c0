import { hostname } from 'node:os';
import { type DestinationStream, type Logger, pino } from 'pino';
import { readVersion } from './version.ts';

/**
 * Creates the logger. Each line names the service, its version and the worker.
 *
 * @param worker The number of the worker. Default: the server is one process.
 */
export function createLogger(level: string, output: DestinationStream, worker?: number): Logger {
  const base = {
    service: 'holdfast',
    version: readVersion(),
    pid: process.pid,
    hostname: hostname(),
    ...(worker !== undefined && { worker }),
  };
  return pino({ level, base }, output);
}

/** The first flush ends with the write in progress. The second one writes the lines that were added since. */
export async function flushLog(logger: Logger): Promise<void> {
  for (let turn = 1; turn <= 2; turn += 1) await new Promise((resolve) => logger.flush(resolve));
}
