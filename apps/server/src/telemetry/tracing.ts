import type { CallReport } from '@holdfast/api';
import type { StatementReport } from '@holdfast/db';
import type { Operation } from '@holdfast/operation';
import type { Logger } from 'pino';

/** How traces are made, from OpenTelemetry's own variables. */
export interface TracingSettings {
  sampler: 'always_on' | 'always_off' | 'traceidratio' | `parentbased_${'always_on' | 'always_off' | 'traceidratio'}`;
  /** The share of traces that is kept, from 0 to 1, where the sampler asks for one. */
  ratio: number;
}

export interface TracedRequest {
  method: string;
  /** The header that names the caller's span. */
  traceparent: string | undefined;
}

export interface RequestEnd {
  route: string;
  status: number;
  requestId: string;
  userId: string | undefined;
  errorCode: string | undefined;
}

/** Told of requests, calls and statements, of which it makes spans; never of a value. */
export interface Tracing {
  /** Begins the span of a request whose work is the operation. */
  beginRequest(operation: Operation, request: TracedRequest): RequestSpan;
  recordCall(report: CallReport): void;
  recordStatement(report: StatementReport): void;
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

export interface RequestSpan {
  readonly traceId: string;
  end(end: RequestEnd): void;
}

/** Starts tracing where it is asked for; only then is any of OpenTelemetry's SDK loaded. */
export async function openTracing(settings: TracingSettings | null, logger: Logger): Promise<Tracing | null> {
  if (settings === null) return null;
  const { createTracing } = await import('./open-telemetry.ts');
  return createTracing(settings, logger);
}
