import type { DialectName } from '../contestants/dialect.ts';
import type { Call, Operation } from '../operations.ts';

/** What the load process is to do. */
export interface Job {
  dialect: DialectName;
  url: string;
  connections: number;
  /** What is called: random tasks of random users, or of one user after the other, or the same over and over. */
  calls:
    | { operation: Operation | 'mixed'; users: number; tasks: number; isInTurn?: boolean }
    | { user: number; call: Call };
  /** When it ends: after so long, or so many requests. */
  until: { ms: number } | { requests: number };
  /** Whose CPU time is measured meanwhile. */
  server: number;
  postmaster: number;
}

/** What came of it. Times are in milliseconds, CPU in microseconds per request (NaN where it cannot be told). */
export interface JobResult {
  requests: number;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  serverCpu: number;
  postgresCpu: number;
  /** Of the load process itself, to see that it was not what held the others up. */
  loadCpu: number;
}

export type ToLoad = { tokens: string } | { job: Job };
export type FromLoad = { result: JobResult } | { failure: string };
