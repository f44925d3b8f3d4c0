/** Rolling restarts under load. Milliseconds from the time when a request was due. */
export interface RollingRestart {
  workers: number;
  restarts: number;
  perSecond: number;
  requests: number;
  failures: number;
  p50: number;
  p99: number;
  longest: number;
  /** Streams at the same time. */
  openStreams: number;
  /** Streams that were opened one after another, and those that were refused or broken. */
  streams: number;
  streamFailures: number;
  /** Created tasks that a stream did not show. */
  missingChanges: number;
}
