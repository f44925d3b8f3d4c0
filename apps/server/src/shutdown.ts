import { destination, type Logger } from 'pino';
import type { StopReason } from './peers/place.ts';
import { describeError } from './telemetry/log-fields.ts';
import { createLogger, flushLog } from './telemetry/logger.ts';

/** A resource that must be closed before the process ends. */
interface Closable {
  name: string;
  /** Milliseconds to wait before the next resource is closed. */
  limitMs: number | ((reason: StopReason) => number);
  close: (reason: StopReason) => Promise<unknown>;
}

/** The graceful shutdown of the process. */
export interface Shutdown {
  isStopping(): boolean;
  /** Null until the shutdown starts. */
  reason(): StopReason | null;
  /** Resources are closed in reverse order. */
  add(closable: Closable): void;
  /** Closes all resources, even if some fail. Later calls return the first call's promise. @param reason Default `stopped`. */
  close(reason?: StopReason): Promise<void>;
}

export function createShutdown(logger: Logger): Shutdown {
  const closables: Closable[] = [];
  let closed: Promise<void> | undefined;
  let closedFor: StopReason | null = null;

  async function closeAll(reason: StopReason): Promise<void> {
    for (let next = closables.pop(); next !== undefined; next = closables.pop()) {
      const { name, limitMs, close } = next;
      const limit = typeof limitMs === 'number' ? limitMs : limitMs(reason);
      const closing = (async () => close(reason))();
      await withLimit(closing, limit).catch((error: unknown) =>
        logger.error({ ...describeError(error), resource: name }, 'not closed cleanly'),
      );
    }
  }

  return {
    isStopping: () => closedFor !== null,
    reason: () => closedFor,
    add: (closable) => closables.push(closable),
    close(reason = 'stopped') {
      closedFor ??= reason;
      return (closed ??= closeAll(reason));
    },
  };
}

export interface LogOptions {
  level: string;
  /** Lines are buffered, since each write is expensive. */
  output: { minLength: number; maxWrite?: number; periodicFlush: number };
  /** The number of the worker. Default: the server is one process. */
  worker?: number;
}

/** Opens the log of this process, and its shutdown, which flushes the log last and starts on uncaught errors too. */
export function openLog({ level, output: options, worker }: LogOptions): { logger: Logger; shutdown: Shutdown } {
  const output = destination(options);
  // At exit, pino would retry without end to write to a closed pipe. The shutdown below flushes the log instead.
  output.flushSync = () => {};
  const logger = createLogger(level, output, worker);
  const shutdown = createShutdown(logger);
  // The reader of the log can be slow or gone. After this limit, the remaining lines are lost.
  shutdown.add({ name: 'log', limitMs: 1000, close: () => flushLog(logger) });
  shutDownOnErrors(shutdown, logger);
  return { logger, shutdown };
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

async function end(shutdown: Shutdown, exitCode: number): Promise<void> {
  if (shutdown.isStopping()) process.exit(1);
  await shutdown.close();
  process.exit(exitCode);
}

/** Shuts down gracefully on SIGTERM and SIGINT. A second signal ends the process at once. */
export function shutDownOnSignals(shutdown: Shutdown, logger: Logger): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'shutting down');
      void end(shutdown, 0);
    });
  }
}

/** Shuts down gracefully on uncaught errors. */
function shutDownOnErrors(shutdown: Shutdown, logger: Logger): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal(describeError(error), event);
      void end(shutdown, 1);
    });
  }
}
