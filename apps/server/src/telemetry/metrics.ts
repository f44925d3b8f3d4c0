import type { CallReport } from '@holdfast/api';
import { type DatabaseObserver, type PoolState, schemaVersion } from '@holdfast/db';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { procedures, type Route, toProcedure } from '../request/routes.ts';
import { readVersion } from './version.ts';

/** What the server counts of itself; names and numbers only, nothing of users. */
export interface Metrics {
  /** For the database's pools. */
  observer: DatabaseObserver;
  /** A call that has reached its procedure. */
  recordCall(report: CallReport): void;
  /** A call that has failed before. */
  recordRefusedCall(path: string | undefined, outcome: string): void;
  recordAccessRefused(): void;
  recordRateLimited(calls: number): void;
  recordRequest(request: { route: Route; status: number; durationMs: number }): void;
  /** Looks at the state of the pool whenever the metrics are read. */
  watchPool(read: () => PoolState): void;
  readonly contentType: string;
  /** Everything in Prometheus' text format. */
  read(): Promise<string>;
}

/** Seconds: from a call that only looks something up to one that its deadline ends. */
const durations = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

/** Counts in a registry of its own, so that two servers in one process do not share theirs. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  function counter(name: string, help: string, ...labelNames: string[]) {
    return toChildren(new Counter({ name: `holdfast_${name}`, help, labelNames, registers }));
  }
  function histogram(name: string, help: string, options: { buckets: number[]; label?: string }) {
    const labelNames = options.label === undefined ? [] : [options.label];
    return toChildren(
      new Histogram({ name: `holdfast_${name}`, help, labelNames, buckets: options.buckets, registers }),
    );
  }
  function gauge(name: string, help: string, ...labelNames: string[]) {
    return new Gauge({ name: `holdfast_${name}`, help, labelNames, registers });
  }

  const calls = counter('calls_total', 'Calls that have ended, by procedure and outcome.', 'procedure', 'outcome');
  const callSeconds = histogram('call_duration_seconds', 'How long calls took that reached their procedure.', {
    buckets: durations,
    label: 'procedure',
  });
  const callStatements = histogram('call_statements', 'Statements that calls have sent.', {
    buckets: [0, 1, 2, 3, 5, 10, 20],
    label: 'procedure',
  });
  const waitSeconds = histogram('pool_wait_seconds', 'How long calls waited for a connection.', { buckets: durations });
  const statements = counter('statements_total', 'Statements that have ended, by name and outcome.', 'name', 'outcome');
  const statementSeconds = histogram('statement_duration_seconds', 'How long statements took.', {
    buckets: durations,
    label: 'name',
  });
  const retries = counter('retries_total', 'Units of work and connections that were tried again, by cause.', 'cause');
  const refused = counter('access_refused_total', 'Statements that row level security or a missing right stopped.')();
  const limited = counter('rate_limited_calls_total', 'Calls that were refused because their caller makes too many.')();
  const requests = counter(
    'http_requests_total',
    'Requests that were answered, by route and status.',
    'route',
    'status',
  );
  const requestSeconds = histogram('http_request_duration_seconds', 'How long requests took.', {
    buckets: durations,
    label: 'route',
  });
  gauge('build_info', 'What runs here.', 'version', 'schema', 'node').set(
    { version: readVersion(), schema: schemaVersion, node: process.version },
    1,
  );

  // A series that appears with its first count hides that count from `increase()`.
  for (const name of procedures.keys()) calls(name, 'OK').inc(0);
  for (const cause of ['serialization', 'deadlock', 'lock', 'connection']) retries(cause).inc(0);

  return {
    observer: {
      onStatement({ name, errorCode, durationMs }) {
        const known = name ?? 'other';
        statements(known, errorCode === null ? 'ok' : 'failed').inc();
        statementSeconds(known).observe(durationMs / 1000);
      },
      onRetry: (cause) => retries(cause).inc(),
    },
    recordCall({ procedure, outcome, durationMs, cost }) {
      calls(procedure, outcome).inc();
      callSeconds(procedure).observe(durationMs / 1000);
      callStatements(procedure).observe(cost.statements);
      waitSeconds().observe(cost.waitMs / 1000);
    },
    recordRefusedCall: (path, outcome) => calls(toProcedure(path), outcome).inc(),
    recordAccessRefused: () => refused.inc(),
    recordRateLimited: (count) => limited.inc(count),
    recordRequest({ route, status, durationMs }) {
      requests(route, `${Math.floor(status / 100)}xx`).inc();
      requestSeconds(route).observe(durationMs / 1000);
    },
    watchPool(read) {
      registry.registerMetric(
        new Gauge({
          name: 'holdfast_pool_connections',
          help: 'Connections of the pool, by state.',
          labelNames: ['state'],
          registers: [],
          collect() {
            const { total, idle, max } = read();
            for (const [state, count] of Object.entries({ total, idle, max })) this.set({ state }, count);
          },
        }),
      );
      registry.registerMetric(
        new Gauge({
          name: 'holdfast_pool_waiting',
          help: 'Units of work that wait for a connection.',
          registers: [],
          collect() {
            this.set(read().waiting);
          },
        }),
      );
    },
    contentType: registry.contentType,
    read: () => registry.metrics(),
  };
}

/**
 * The children of a metric, each made once: looking one up by its labels costs prom-client several times as much as
 * counting.
 */
function toChildren<Child>(metric: { labels(...values: string[]): Child }): (first?: string, second?: string) => Child {
  const byFirst = new Map<string | undefined, Map<string | undefined, Child>>();
  return (first, second) => {
    let bySecond = byFirst.get(first);
    if (bySecond === undefined) byFirst.set(first, (bySecond = new Map()));
    let child = bySecond.get(second);
    if (child === undefined) {
      child = metric.labels(...[first, second].filter((value) => value !== undefined));
      bySecond.set(second, child);
    }
    return child;
  };
}
