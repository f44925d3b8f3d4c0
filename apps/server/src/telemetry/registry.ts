import { type Aggregator, collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges of prom-client with the ending of counters. The metrics without this ending have the same numbers by type. */
const misnamedMetrics = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Metrics that are not the sum of those of all workers. The average of prom-client would hide one blocked event loop. */
const aggregators: [name: string, aggregator: Aggregator][] = [
  ['process_start_time_seconds', 'min'],
  ['process_max_fds', 'min'],
  ...['lag', 'lag_mean', 'lag_stddev', 'lag_p50', 'lag_p90', 'lag_p99'].map((lag): [string, Aggregator] => [
    `nodejs_eventloop_${lag}_seconds`,
    'max',
  ]),
];

/** Creates a registry with the metrics of the process. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedMetrics) registry.removeSingleMetric(name);
  for (const [name, aggregator] of aggregators) {
    const metric = registry.getSingleMetric(name) as { aggregator?: Aggregator } | undefined;
    if (metric !== undefined) metric.aggregator = aggregator;
  }
  return registry;
}
