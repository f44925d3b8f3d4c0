import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a stream learns about a change: this process wrote it, or the poll found it. */
export type WakeUpSource = 'commit' | 'poll';

/**
 * Why a stream ends: the client disconnected, its time is over, the access has ended, a user with fewer streams needed its place,
 * or the server stops.
 */
export type EndReason = 'client' | 'duration' | 'access' | 'place' | 'shutdown';

/** Why a stream is refused: its user or the process has too many, or the server stops. */
export type StreamRefusal = 'user' | 'process' | 'shutdown';

/** Metrics of the streams of changes. */
export interface StreamMetrics {
  /** Adds a gauge that reads the number of open streams at each scrape. */
  observeStreams(read: () => number): void;
  /** Records that a client has received a change. */
  recordDelivery(source: WakeUpSource, lagMs: number): void;
  recordEndedStream(reason: EndReason): void;
  recordRefusedStream(reason: StreamRefusal): void;
  /** Records a stream that was disconnected because its client did not read. */
  recordDroppedStream(): void;
}

const sources: WakeUpSource[] = ['commit', 'poll'];
const endReasons: EndReason[] = ['client', 'duration', 'access', 'place', 'shutdown'];
const refusals: StreamRefusal[] = ['user', 'process', 'shutdown'];

/** Histogram buckets in seconds, from a change of this process to one that a slow poll finds. */
const lagBuckets = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 1.5, 2, 5, 10, 20];

export function createStreamMetrics(registry: Registry): StreamMetrics {
  const registers = [registry];
  const labelled = (label: string) => ({ labelNames: [label], registers });
  const delivery = new Histogram({
    name: 'holdfast_stream_delivery_seconds',
    help: 'Time from the commit of a change to its delivery to a stream, by how the stream learned about it.',
    buckets: lagBuckets,
    ...labelled('source'),
  });
  const ended = new Counter({
    name: 'holdfast_streams_ended_total',
    help: 'Ended streams of changes, by reason.',
    ...labelled('reason'),
  });
  const refused = new Counter({
    name: 'holdfast_streams_refused_total',
    help: 'Refused streams of changes, by reason.',
    ...labelled('reason'),
  });
  const dropped = new Counter({
    name: 'holdfast_streams_dropped_total',
    help: 'Streams of changes that ended because the client did not read.',
    registers,
  });
  // Start each series at 0: `increase()` does not see the first count of a new series.
  for (const source of sources) delivery.zero({ source });
  for (const reason of endReasons) ended.inc({ reason }, 0);
  for (const reason of refusals) refused.inc({ reason }, 0);

  return {
    observeStreams(read) {
      registry.registerMetric(
        new Gauge({
          name: 'holdfast_streams',
          help: 'Open streams of changes.',
          registers: [],
          collect() {
            this.set(read());
          },
        }),
      );
    },
    recordDelivery: (source, lagMs) => delivery.observe({ source }, Math.max(0, lagMs) / 1000),
    recordEndedStream: (reason) => ended.inc({ reason }),
    recordRefusedStream: (reason) => refused.inc({ reason }),
    recordDroppedStream: () => dropped.inc(),
  };
}
