import type { DialectName } from '../contestants/dialect.ts';
import type { Call, Operation } from '../operations.ts';

/** One measurement of the load process. */
export interface Job {
  dialect: DialectName;
  url: string;
  connections: number;
  /**
   * Requests are due at this rate, for all connections together, whether or not earlier ones have a response. They wait if no
   * connection is free. Default: each connection sends its next request when the last response is complete.
   */
  perSecond?: number | undefined;
  /** Random tasks of random users, or of all users in turn, or one of the given calls. `update once` is an update with an `operationId`. */
  calls:
    | { operation: Operation | 'mixed' | 'update once'; users: number; tasks: number; isInTurn?: boolean }
    | readonly { user: number; call: Call }[];
  /** Ends after this time, or after this number of requests. */
  until: { ms: number } | { requests: number };
  /** Process IDs for the measurement of CPU time. */
  server: number;
  postmaster: number;
}

/** Times are in milliseconds, at a fixed rate from the time when a request was due. CPU is in microseconds per request (NaN if unknown). */
export interface JobResult {
  requests: number;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  serverCpu: number;
  /** The part of the server's first process, without its children. */
  mainCpu: number;
  postgresCpu: number;
  /** CPU of the load process, to check that it is not the bottleneck. */
  loadCpu: number;
}

export type ToLoad = { tokens: string } | { job: Job };
export type FromLoad = { result: JobResult } | { failure: string };
