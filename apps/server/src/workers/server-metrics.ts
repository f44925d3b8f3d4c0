import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';
import { setAggregators } from '../telemetry/aggregators.ts';
import type { Hub } from './hub.ts';

type MetricsJson = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The metrics of all workers together, with those of the main process. */
export interface ServerMetrics {
  /** Counts of a worker that ends remain in the sum, so that counters never decrease. */
  remove(worker: number): Promise<void>;
}

export function collectServerMetrics(hub: Hub): ServerMetrics {
  const own = new Registry();
  collectDefaultMetrics({ register: own });
  setAggregators(own);
  /** The last metrics of each worker. */
  const latest = new Map<number, MetricsJson>();
  let ended: MetricsJson = [];
  let reading: Promise<string> | undefined;

  async function read(): Promise<string> {
    for (const [worker, metrics] of await hub.ask('metrics', null)) latest.set(worker, metrics as MetricsJson);
    const all = [...latest.values(), ended, await own.getMetricsAsJSON()];
    return AggregatorRegistry.aggregate(all).metrics();
  }

  // Scrapes at the same time share one answer.
  hub.on('read metrics', () => (reading ??= read().finally(() => (reading = undefined))));
  hub.on('last metrics', (metrics, worker) => void latest.set(worker, metrics as MetricsJson));

  return {
    async remove(worker) {
      const last = latest.get(worker);
      latest.delete(worker);
      if (last === undefined) return;
      const counts = last.filter(({ type }) => String(type) === 'counter' || String(type) === 'histogram');
      ended = await AggregatorRegistry.aggregate([ended, counts]).getMetricsAsJSON();
    },
  };
}
