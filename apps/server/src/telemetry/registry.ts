import { type Aggregator, collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges of prom-client with the ending of counters. The metrics without this ending have the same numbers by type. */
const misnamedMetrics = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

const lagMetrics = ['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map(
  (kind) => `nodejs_eventloop_lag${kind}_seconds`,
);

/** Metrics that are not the sum of those of all workers. The average of prom-client would hide one blocked event loop. */
const aggregators: [name: string, aggregator: Aggregator][] = [
  ['process_start_time_seconds', 'min'],
  ['process_max_fds', 'min'],
  ...lagMetrics.filter((name) => !name.includes('_min')).map((name): [string, Aggregator] => [name, 'max']),
];

/** The longest interval that Node accepts, in milliseconds. */
const neverMs = 2 ** 31 - 1;

/**
 * Creates a registry with the metrics of the process.
 *
 * @param serves Whether the process serves requests. Otherwise its event loop is not measured: the timer for it wakes the process
 *   a hundred times per second, which takes a percent of a core.
 */
export function createRegistry({ serves }: { serves: boolean }): Registry {
  const registry = new Registry();
  // prom-client always starts the timer.
  collectDefaultMetrics({ register: registry, ...(!serves && { eventLoopMonitoringPrecision: neverMs }) });
  for (const name of [...misnamedMetrics, ...(serves ? [] : lagMetrics)]) registry.removeSingleMetric(name);
  for (const [name, aggregator] of aggregators) {
    const metric = registry.getSingleMetric(name) as { aggregator?: Aggregator } | undefined;
    if (metric !== undefined) metric.aggregator = aggregator;
  }
  return registry;
}
