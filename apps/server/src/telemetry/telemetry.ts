import type { CallReport } from '@holdfast/api';
import { type DatabaseObserver } from '@holdfast/db';
import { currentOperation } from '@holdfast/operation';
import type { TRPCError } from '@trpc/server';
import type { Logger } from 'pino';
import { createMetrics, type Metrics } from './metrics.ts';
import { createSlowStatementLog } from './slow-statements.ts';
import type { Tracing } from './tracing.ts';

/** Everything that watches the server at work: metrics, traces, and the lines that call for attention. */
export interface Watch {
  readonly metrics: Metrics;
  /** Null while traces are off. */
  readonly tracing: Tracing | null;
  /** For the database's pools. */
  readonly observer: DatabaseObserver;
  /** A call that has reached its procedure has ended. */
  recordCall(report: CallReport): void;
  /** What tRPC says of a call that failed, and of a request in which no call could be made. */
  recordFailure(failure: { error: TRPCError; path: string | undefined; ctx: unknown }): void;
}

export interface TelemetryOptions {
  logger: Logger;
  slowQueryMs: number;
  tracing: Tracing | null;
}

export function createTelemetry({ logger, slowQueryMs, tracing }: TelemetryOptions): Watch {
  const metrics = createMetrics();
  const logSlowStatement = createSlowStatementLog({ logger, thresholdMs: slowQueryMs });
  /** What calls have failed with that are counted already: tRPC tells of them once more. */
  const counted = new WeakSet<TRPCError>();
  return {
    metrics,
    tracing,
    observer: {
      onStatement(report) {
        metrics.observer.onStatement!(report);
        logSlowStatement(report);
        tracing?.recordStatement(report);
      },
      onRetry: metrics.observer.onRetry!,
    },
    recordCall(report) {
      metrics.recordCall(report);
      tracing?.recordCall(report);
      if (report.error !== null) counted.add(report.error);
      if (!report.isOverBudget) return;
      const { procedure, cost } = report;
      const requestId = currentOperation()?.requestId ?? null;
      logger.warn({ requestId, procedure, statements: cost.statements }, 'more statements than declared');
    },
    recordFailure({ error, path, ctx }) {
      if (counted.has(error)) return;
      // A failure of no call after there was a context is one of the answer, whose calls have been counted.
      if (path === undefined && ctx !== undefined) return;
      metrics.recordRefusedCall(path, error.code);
    },
  };
}
