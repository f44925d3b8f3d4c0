import type { Logger } from 'pino';
import { describeError } from './telemetry/log-fields.ts';

/** A resource that must be closed before the process ends. */
interface Closable {
  name: string;
  /** Milliseconds to wait before the next resource is closed. */
  limitMs: number;
  close: () => Promise<unknown>;
}

/** The graceful shutdown of the process. */
export interface Shutdown {
  isStopping(): boolean;
  /** Resources are closed in reverse order. */
  add(closable: Closable): void;
  /** Closes all resources, even if some fail. Later calls return the first call's promise. */
  close(): Promise<void>;
}

export function createShutdown(logger: Logger): Shutdown {
  const closables: Closable[] = [];
  let closed: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (let next = closables.pop(); next !== undefined; next = closables.pop()) {
      const { name, limitMs, close } = next;
      await withLimit(close(), limitMs).catch((error: unknown) =>
        logger.error({ ...describeError(error), resource: name }, 'not closed cleanly'),
      );
    }
  }

  return {
    isStopping: () => closed !== undefined,
    add: (closable) => closables.push(closable),
    close: () => (closed ??= closeAll()),
  };
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** Shuts down gracefully on SIGTERM, SIGINT and uncaught errors. A second signal ends the process at once. */
export function shutDownOnSignals(shutdown: Shutdown, logger: Logger): void {
  async function end(exitCode: number): Promise<void> {
    if (shutdown.isStopping()) process.exit(1);
    await shutdown.close();
    process.exit(exitCode);
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'shutting down');
      void end(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal(describeError(error), event);
      void end(1);
    });
  }
}
