import type { CallReport } from '@holdfast/api';
import {
  type DatabaseObserver,
  type MaintenanceKind,
  maintenanceKinds,
  type PoolState,
  schemaVersion,
} from '@holdfast/db';
import { Counter, Gauge, Histogram } from 'prom-client';
import { procedures, type Route, routeNames, toProcedure, unknownProcedure } from '../request/routes.ts';
import { createRegistry } from './registry.ts';
import { createStreamMetrics, type StreamMetrics } from './stream-metrics.ts';
import { readVersion } from './version.ts';

/** Metrics of the server. They contain names and numbers, but no users' data. */
export interface Metrics extends StreamMetrics {
  /** Receives the events of the database pools. */
  observer: DatabaseObserver;
  /** Records a call that reached its procedure. */
  recordCall(report: CallReport): void;
  /** Records a call that failed before it reached its procedure. */
  recordRejectedCall(path: string | undefined, outcome: string): void;
  recordAccessRefused(): void;
  recordRateLimited(calls: number): void;
  recordRefusedConnection(): void;
  recordRequest(request: { route: Route; status: number; durationMs: number }): void;
  /** Records a run of maintenance. */
  recordMaintenance(outcome: MaintenanceOutcome): void;
  /** Records a batch of maintenance: the rows that it removed, or the tasks whose search text it made. */
  recordMaintenanceRows(kind: MaintenanceKind, rows: number): void;
  /** Adds gauges that read the pool's state at each scrape. */
  observePool(read: () => PoolState): void;
  /** @param read Returns milliseconds, or null if the lag is not known. */
  observeReplica(read: () => number | null): void;
  readonly contentType: string;
  /** Returns all metrics of this process in Prometheus' text format. */
  read(): Promise<string>;
  /** Returns the same metrics, so that the main process can add those of all workers. */
  toJson(): Promise<unknown>;
}

/** `busy` if another server does the work. */
export type MaintenanceOutcome = 'done' | 'busy' | 'failed';

/** Histogram buckets in seconds, from a short read to a call that its deadline ends. */
const durationBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20];

/** The outcomes that alerts read. */
const outcomes = ['OK', 'INTERNAL_SERVER_ERROR', 'SERVICE_UNAVAILABLE', 'GATEWAY_TIMEOUT'];

/** Creates the metrics in a separate registry, so that two servers in one process do not share counts. */
export function createMetrics(): Metrics {
  const registry = createRegistry({ serves: true });
  const registers = [registry];

  function counter(name: string, help: string, ...labelNames: string[]) {
    return toChildren(new Counter({ name: `holdfast_${name}`, help, labelNames, registers }));
  }
  function histogram(name: string, help: string, options: { buckets: number[]; label?: string }) {
    const labelNames = options.label === undefined ? [] : [options.label];
    const metric = new Histogram({ name: `holdfast_${name}`, help, labelNames, buckets: options.buckets, registers });
    /** Creates the series with count 0. */
    const zero = (value: string) => metric.zero({ [labelNames[0]!]: value });
    return Object.assign(toChildren(metric), { zero });
  }

  const calls = counter('calls_total', 'Ended calls, by procedure and outcome.', 'procedure', 'outcome');
  const callSeconds = histogram('call_duration_seconds', 'Duration of calls that reached their procedure.', {
    buckets: durationBuckets,
    label: 'procedure',
  });
  const callStatements = histogram('call_statements', 'Statements per call.', {
    buckets: [0, 1, 2, 3, 5, 10, 20],
    label: 'procedure',
  });
  const waitSeconds = histogram('pool_wait_seconds', 'Time that calls waited for a connection.', {
    buckets: durationBuckets,
  });
  const statements = counter('statements_total', 'Ended statements, by name and outcome.', 'name', 'outcome');
  const statementSeconds = histogram('statement_duration_seconds', 'Duration of statements.', {
    buckets: durationBuckets,
    label: 'name',
  });
  const retries = counter('retries_total', 'Retried transactions and connection attempts, by cause.', 'cause');
  const refused = counter('access_refused_total', 'Calls stopped by row-level security or a missing privilege.')();
  const limited = counter('rate_limited_calls_total', 'Calls rejected by the rate limit.')();
  const refusedConnections = counter('refused_connections_total', 'Connections closed at once by a limit.')();
  const requests = counter('http_requests_total', 'Ended HTTP requests, by route and status.', 'route', 'status');
  const requestSeconds = histogram('http_request_duration_seconds', 'Duration of HTTP requests.', {
    buckets: durationBuckets,
    label: 'route',
  });
  const maintenanceRuns = counter('maintenance_runs_total', 'Runs of maintenance, by outcome.', 'outcome');
  const maintenanceRows = counter('maintenance_removed_rows_total', 'Rows removed by maintenance, by kind.', 'kind');
  const foldedTasks = counter('maintenance_folded_tasks_total', 'Tasks whose search text maintenance made.')();
  const recordMaintenanceRows = (kind: MaintenanceKind, rows: number) =>
    kind === 'search texts' ? foldedTasks.inc(rows) : maintenanceRows(kind).inc(rows);
  const help = 'Version of the server, newest migration and Node.js version. Always 1.';
  const labelNames = ['version', 'schema', 'node'];
  // The sum of several workers would be more than 1.
  new Gauge({ name: 'holdfast_build_info', help, labelNames, registers, aggregator: 'first' }).set(
    { version: readVersion(), schema: schemaVersion, node: process.version },
    1,
  );

  // Start each series at 0: `increase()` does not see the first count of a new series.
  for (const name of [...procedures.keys(), unknownProcedure]) {
    for (const outcome of outcomes) calls(name, outcome).inc(0);
    callSeconds.zero(name);
    callStatements.zero(name);
  }
  for (const route of routeNames) {
    for (const status of ['2xx', '3xx', '4xx', '5xx']) requests(route, status).inc(0);
    requestSeconds.zero(route);
  }
  for (const cause of ['serialization', 'deadlock', 'lock', 'connection']) retries(cause).inc(0);

  for (const outcome of ['done', 'busy', 'failed']) maintenanceRuns(outcome).inc(0);
  for (const kind of maintenanceKinds) recordMaintenanceRows(kind, 0);

  return {
    ...createStreamMetrics(registry),
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
    recordRejectedCall: (path, outcome) => calls(toProcedure(path), outcome).inc(),
    recordAccessRefused: () => refused.inc(),
    recordRateLimited: (count) => limited.inc(count),
    recordRefusedConnection: () => refusedConnections.inc(),
    recordRequest({ route, status, durationMs }) {
      requests(route, `${Math.floor(status / 100)}xx`).inc();
      requestSeconds(route).observe(durationMs / 1000);
    },
    recordMaintenance: (outcome) => maintenanceRuns(outcome).inc(),
    recordMaintenanceRows,
    observePool(read) {
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
          help: 'Transactions that wait for a connection.',
          registers: [],
          collect() {
            this.set(read().waiting);
          },
        }),
      );
    },
    observeReplica(read) {
      registry.registerMetric(
        new Gauge({
          name: 'holdfast_replica_lag_seconds',
          help: 'Time by which the replica lagged behind at most when it was last compared.',
          registers: [],
          aggregator: 'max',
          collect() {
            const lagMs = read();
            if (lagMs !== null) this.set(lagMs / 1000);
          },
        }),
      );
    },
    contentType: registry.contentType,
    read: () => registry.metrics(),
    toJson: () => registry.getMetricsAsJSON(),
  };
}

/** Caches the children of a metric. In prom-client, a lookup by labels costs several times as much as a count. */
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
