import { AggregatorRegistry, type Registry } from 'prom-client';
import type { RecordFailure } from '../peers/messages.ts';
import { createRegistry } from '../telemetry/registry.ts';
import type { Hub } from './hub.ts';

type MetricsJson = Awaited<ReturnType<Registry['getMetricsAsJSON']>>;

/** The metrics of all workers together, with those of the main process. */
export interface ServerMetrics {
  /** Counts of a worker that ends remain in the sum, so that counters never decrease. */
  remove(worker: number): void;
}

export function collectServerMetrics(hub: Hub, recordFailure: RecordFailure): ServerMetrics {
  const own = createRegistry({ serves: false });
  /** The last metrics of each worker. */
  const latest = new Map<number, MetricsJson>();
  /** Those of workers that have ended. */
  let ended: MetricsJson = [];
  let adding = Promise.resolve();
  let reading: Promise<string> | undefined;

  async function read(): Promise<string> {
    for (const [worker, metrics] of await hub.ask('metrics', null)) {
      // A worker that is starting has none. The counts of one that has just ended are among those of ended workers already.
      if (metrics !== null && hub.has(worker)) latest.set(worker, metrics as MetricsJson);
    }
    await adding;
    const all = [...latest.values(), ended, await own.getMetricsAsJSON()];
    return AggregatorRegistry.aggregate(all).metrics();
  }

  /** Never rejects. Counts that do not fit are lost. */
  async function addEnded(before: Promise<void>, last: MetricsJson): Promise<void> {
    await before;
    const counts = last.filter(({ type }) => String(type) === 'counter' || String(type) === 'histogram');
    try {
      ended = await AggregatorRegistry.aggregate([ended, counts]).getMetricsAsJSON();
    } catch (error) {
      recordFailure('last metrics', error);
    }
  }

  // Scrapes at the same time share one answer.
  hub.on('read metrics', () => (reading ??= read().finally(() => (reading = undefined))));
  hub.on('last metrics', (metrics, worker) => void latest.set(worker, metrics as MetricsJson));

  return {
    remove(worker) {
      const last = latest.get(worker);
      latest.delete(worker);
      if (last !== undefined) adding = addEnded(adding, last);
    },
  };
}
