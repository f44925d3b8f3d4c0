import type { Registry } from 'prom-client';

type Aggregator = 'first' | 'max' | 'min';

/** Metrics that are not the sum of those of all workers. The average of prom-client would hide one blocked event loop. */
const aggregators: [name: string, aggregator: Aggregator][] = [
  ['holdfast_build_info', 'first'],
  ['process_start_time_seconds', 'min'],
  ['process_max_fds', 'min'],
  ...['lag', 'lag_mean', 'lag_stddev', 'lag_p50', 'lag_p90', 'lag_p99'].map((lag): [string, Aggregator] => [
    `nodejs_eventloop_${lag}_seconds`,
    'max',
  ]),
];

export function setAggregators(registry: Registry): void {
  for (const [name, aggregator] of aggregators) {
    const metric = registry.getSingleMetric(name) as { aggregator?: Aggregator } | undefined;
    if (metric !== undefined) metric.aggregator = aggregator;
  }
}
