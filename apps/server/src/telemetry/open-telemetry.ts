import type { CallReport } from '@holdfast/api';
import type { StatementReport } from '@holdfast/db';
import { currentOperation, type Operation } from '@holdfast/operation';
import {
  type Attributes,
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { RequestEnd, TracedRequest, Tracing, TracingSettings } from './tracing.ts';
import { readVersion } from './version.ts';

/** Sends traces over OTLP. The exporter reads the endpoint from OpenTelemetry's standard variables. */
export function createTracing(settings: TracingSettings, logger: Logger): Tracing {
  const version = readVersion();
  const exporter = reportFailures(new OTLPTraceExporter(), logger);
  const provider = new TracerProvider({
    sampler: createSampler(settings),
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'holdfast', 'service.version': version }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('holdfast', version);
  /** The contexts of request spans, by the request's operation. */
  const requestContexts = new WeakMap<Operation, Context>();
  /** Statements of calls that have not ended, by the call's operation. */
  const pendingStatements = new WeakMap<Operation, StatementReport[]>();

  function addSpan(name: string, parent: Context, fields: SpanFields): Span {
    const { from, to, kind, attributes, errorCode } = fields;
    const span = tracer.startSpan(name, { kind, startTime: from, attributes }, parent);
    setError(span, errorCode);
    span.end(to);
    return span;
  }

  function addStatement(report: StatementReport, parent: Context): void {
    const { name, startedAt, durationMs, rows, errorCode } = report;
    const summary = name ?? toVerb(report.sql);
    const attributes = {
      'db.system.name': 'postgresql',
      'db.query.summary': summary,
      'db.query.text': report.sql,
      'db.response.returned_rows': rows,
      ...(errorCode !== null && { 'db.response.status_code': errorCode }),
    };
    addSpan(summary, parent, {
      from: startedAt,
      to: startedAt + durationMs,
      kind: SpanKind.CLIENT,
      attributes,
      errorCode,
    });
  }

  return {
    beginRequest(operation, { method, traceparent }: TracedRequest) {
      const parent = toContext(traceparent);
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER }, parent);
      const { traceId } = span.spanContext();
      if (span.isRecording()) requestContexts.set(operation, trace.setSpan(parent, span));
      return { traceId, end: (end: RequestEnd) => endRequest(span, method, end) };
    },
    recordCall({ procedure, outcome, durationMs }: CallReport) {
      const operation = currentOperation();
      const request = operation?.parent && requestContexts.get(operation.parent);
      if (!operation || !request) return;
      const to = performance.timeOrigin + performance.now();
      const errorCode = outcome === 'OK' ? null : outcome;
      const attributes = { 'rpc.system.name': 'trpc', 'rpc.method': procedure };
      const span = addSpan(procedure, request, {
        from: to - durationMs,
        to,
        kind: SpanKind.INTERNAL,
        attributes,
        errorCode,
      });
      const context = trace.setSpan(request, span);
      for (const report of pendingStatements.get(operation) ?? []) addStatement(report, context);
      pendingStatements.delete(operation);
    },
    recordStatement(report) {
      const { operation } = report;
      if (operation === null) return;
      // The span of a call is created when the call ends. Its statements wait until then.
      const isCall = operation.parent !== null && operation.name !== null && requestContexts.has(operation.parent);
      if (!isCall) {
        const request = findRequestContext(requestContexts, operation);
        if (request) addStatement(report, request);
        return;
      }
      const pending = pendingStatements.get(operation);
      if (pending) pending.push(report);
      else pendingStatements.set(operation, [report]);
    },
    close: () => provider.shutdown(),
  };
}

interface SpanFields {
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  kind: SpanKind;
  attributes: Attributes;
  errorCode: string | null;
}

function endRequest(span: Span, method: string, { route, status, requestId, userId, errorCode }: RequestEnd): void {
  span.updateName(`${method} ${route}`);
  span.setAttributes({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'holdfast.request_id': requestId,
    ...(userId !== undefined && { 'user.id': userId }),
  });
  // By OpenTelemetry's convention, a 4xx status is not an error of the server's span.
  if (status >= 500) setError(span, errorCode ?? String(status));
  else if (errorCode !== undefined) span.setAttribute('error.type', errorCode);
  span.end();
}

function setError(span: Span, errorCode: string | null): void {
  if (errorCode === null) return;
  span.setAttribute('error.type', errorCode);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function findRequestContext(contexts: WeakMap<Operation, Context>, operation: Operation): Context | undefined {
  for (let at: Operation | null = operation; at !== null; at = at.parent) {
    const found = contexts.get(at);
    if (found) return found;
  }
  return undefined;
}

const toVerb = (sql: string) => /^\w+/.exec(sql)?.[0].toUpperCase() ?? 'SQL';

/** The context of the caller's span by W3C Trace Context. Without a valid header, the request starts a new trace. */
function toContext(traceparent: string | undefined): Context {
  const [, version, traceId, spanId, flags] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/.exec(traceparent ?? '') ?? [];
  if (version === undefined || version === 'ff') return ROOT_CONTEXT;
  const parent: SpanContext = {
    traceId: traceId!,
    spanId: spanId!,
    traceFlags: Number.parseInt(flags!, 16) & 1,
    isRemote: true,
  };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

function createSampler({ sampler, ratio }: TracingSettings): Sampler {
  const name = sampler.replace('parentbased_', '');
  const root =
    name === 'always_on'
      ? new AlwaysOnSampler()
      : name === 'always_off'
        ? new AlwaysOffSampler()
        : new TraceIdRatioBasedSampler(ratio);
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

const reportIntervalMs = 60_000;

/** Logs failed deliveries at most once a minute. The SDK itself does not report them. */
function reportFailures(exporter: SpanExporter, logger: Logger): SpanExporter {
  let reportedAt = -Infinity;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const now = performance.now();
        if (result.error !== undefined && now - reportedAt > reportIntervalMs) {
          reportedAt = now;
          logger.warn({ spans: spans.length }, 'traces not delivered');
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}
