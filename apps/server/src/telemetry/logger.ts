import { hostname } from 'node:os';
import { type DestinationStream, type Logger, pino } from 'pino';
import { readVersion } from './version.ts';

/** Creates the logger. Each line names the service and its version. */
export function createLogger(level: string, output: DestinationStream): Logger {
  const base = { service: 'holdfast', version: readVersion(), pid: process.pid, hostname: hostname() };
  return pino({ level, base }, output);
}
