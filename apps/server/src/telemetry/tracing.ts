import type { CallReport } from '@holdfast/api';
import type { StatementReport } from '@holdfast/db';
import type { Operation } from '@holdfast/operation';
import type { Logger } from 'pino';

/** Sampling of traces, from OpenTelemetry's standard variables. */
export interface TracingSettings {
  sampler: 'always_on' | 'always_off' | 'traceidratio' | `parentbased_${'always_on' | 'always_off' | 'traceidratio'}`;
  /** The share of traces to sample, from 0 to 1. Used by the `traceidratio` samplers. */
  ratio: number;
}

export interface TracedRequest {
  method: string;
  /** The W3C header that identifies the caller's span. */
  traceparent: string | undefined;
}

export interface RequestEnd {
  route: string;
  status: number;
  requestId: string;
  userId: string | undefined;
  errorCode: string | undefined;
}

/** Creates spans of requests, calls and statements. Spans contain no values. */
export interface Tracing {
  /** Starts the span of a request. The operation is the request's work. */
  beginRequest(operation: Operation, request: TracedRequest): RequestSpan;
  recordCall(report: CallReport): void;
  recordStatement(report: StatementReport): void;
  /** Sends the remaining spans. */
  close(): Promise<void>;
}

export interface RequestSpan {
  readonly traceId: string;
  end(end: RequestEnd): void;
}

/** Starts tracing, or returns null without settings. Loads OpenTelemetry's SDK only if tracing is on. */
export async function openTracing(settings: TracingSettings | null, logger: Logger): Promise<Tracing | null> {
  if (settings === null) return null;
  const { createTracing } = await import('./open-telemetry.ts');
  return createTracing(settings, logger);
}
