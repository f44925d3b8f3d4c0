import type { CallReport } from '@holdfast/api';
import type { DatabaseObserver } from '@holdfast/db';
import { currentOperation } from '@holdfast/operation';
import type { TRPCError } from '@trpc/server';
import type { Logger } from 'pino';
import { createMetrics, type Metrics } from './metrics.ts';
import { createSlowStatementLog } from './slow-statements.ts';
import type { Tracing } from './tracing.ts';

/** Metrics, traces, and the log lines that need attention. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Null if tracing is off. */
  readonly tracing: Tracing | null;
  /** Receives the events of the database pools. */
  readonly observer: DatabaseObserver;
  /** Records the end of a call that reached its procedure. */
  recordCall(report: CallReport): void;
  /** Records an error from tRPC: a failed call, or a request without any call. */
  recordFailure(failure: { error: TRPCError; path: string | undefined; ctx: unknown }): void;
}

export interface TelemetryOptions {
  logger: Logger;
  slowQueryMs: number;
  tracing: Tracing | null;
}

export function createTelemetry({ logger, slowQueryMs, tracing }: TelemetryOptions): Telemetry {
  const metrics = createMetrics();
  const logSlowStatement = createSlowStatementLog({ logger, thresholdMs: slowQueryMs });
  /** Errors of calls that are already counted, since tRPC reports them a second time. */
  const countedErrors = new WeakSet<TRPCError>();
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
      if (report.error !== null) countedErrors.add(report.error);
      if (!report.isOverBudget) return;
      const { procedure, cost } = report;
      const requestId = currentOperation()?.requestId ?? null;
      logger.warn({ requestId, procedure, statements: cost.statements }, 'more statements than declared');
    },
    recordFailure({ error, path, ctx }) {
      if (countedErrors.has(error)) return;
      // An error without a path but with a context concerns the response. Its calls are already counted.
      if (path === undefined && ctx !== undefined) return;
      metrics.recordRejectedCall(path, error.code);
    },
  };
}
