import type { Logger } from 'pino';
import { describeError } from './telemetry/log-fields.ts';

/** Something that must be closed before the process ends. */
interface Closing {
  name: string;
  /** Milliseconds after which the next one is closed all the same. */
  limitMs: number;
  close: () => Promise<unknown>;
}

/** The orderly end. */
export interface Shutdown {
  isStopping(): boolean;
  /** What was added last is closed first. */
  add(closing: Closing): void;
  /** Closes everything, whether each one succeeds or not. Later calls wait for the first. */
  close(): Promise<void>;
}

export function createShutdown(logger: Logger): Shutdown {
  const closings: Closing[] = [];
  let closed: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    for (let next = closings.pop(); next !== undefined; next = closings.pop()) {
      const { name, limitMs, close } = next;
      await withLimit(close(), limitMs).catch((error: unknown) =>
        logger.error({ ...describeError(error), closing: name }, 'not closed in order'),
      );
    }
  }

  return {
    isStopping: () => closed !== undefined,
    add: (closing) => closings.push(closing),
    close: () => (closed ??= closeAll()),
  };
}

async function withLimit(work: Promise<unknown>, limitMs: number): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not done after ${limitMs} ms`)), limitMs);
  await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}

/** Ends the process in order on SIGTERM and SIGINT, and on a defect; at once when it is told twice. */
export function endOnSignals(shutdown: Shutdown, logger: Logger): void {
  async function end(exitCode: number): Promise<void> {
    if (shutdown.isStopping()) process.exit(1);
    await shutdown.close();
    process.exit(exitCode);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      logger.info({ signal }, 'shutting down');
      void end(0);
    });
  }
  for (const defect of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(defect, (error: unknown) => {
      logger.fatal(describeError(error), defect);
      void end(1);
    });
  }
}
