import type { Environment } from './environment.ts';
import type { Operation } from './operations.ts';
import type { RollingRestart } from './restart/result.ts';
import type { Web } from './sections/web.ts';

/** Medians over the rounds. `ratio`: requests per second relative to the baseline in the same round. CPU: microseconds per request. */
export interface Measured {
  ratio: number;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  serverCpu: number;
  postgresCpu: number;
}

export interface RoundTrips {
  /** Round trips per request, over all connections. */
  trips: number;
  /** Consecutive round trips per request. */
  depth: number;
}

export interface ContestantResult {
  name: string;
  title: string;
  /** Versions by package name. */
  versions: Record<string, string>;
  /** The error that excluded the contestant. */
  skipReason: string | null;
  residentMiB: number;
  measured: Partial<Record<Operation, Measured>>;
  roundTrips: Partial<Record<Operation | 'delete', RoundTrips>>;
}

export interface Comparison {
  environment: Environment;
  users: number;
  tasks: number;
  connections: number;
  rounds: number;
  seconds: number;
  /** The highest CPU time of the load process, in microseconds per request. */
  loadCpu: number;
  contestants: ContestantResult[];
}

/** A ratio in each round, new checkout to old: median, lowest and highest. */
export interface Ratio {
  median: number;
  lowest: number;
  highest: number;
}

/** Two servers compared in the same rounds. `Sides` are the results of both for an operation. */
export interface Pair<Sides> {
  environment: Environment;
  rounds: number;
  seconds: number;
  connections: number;
  operations: (Sides & {
    operation: Operation;
    /** CPU per request of all processes of the server and of PostgreSQL. */
    cpu: Ratio;
    requestsPerSecond: Ratio;
  })[];
}

/** This checkout compared with another one. */
export interface Change extends Pair<{ before: Measured & RoundTrips; after: Measured & RoundTrips }> {
  /** Commit of the other checkout. */
  before: string;
}

/** CPU seconds per second of the server, PostgreSQL and the load. */
interface Cores {
  cores: number;
}

interface WorkersSides {
  one: Measured & Cores;
  several: Measured & Cores;
  /** CPU per request of all processes of the server, without PostgreSQL. */
  serverCpu: Ratio;
  /** Microseconds per request of the main process of several workers. */
  mainCpu: number;
}

interface FixedRateSides {
  perSecond: number;
  /** CPU per request of one process that gets as many requests per second as each worker does. */
  partCpu: number;
  /** That of all processes of several workers relative to it. */
  partRatio: Ratio;
}

/** One process compared with several workers. */
export interface Workers {
  workers: number;
  /** As many requests as the connections can send one after another: what each of the servers can do. */
  closedLoop: Pair<WorkersSides>;
  /** The same number of requests per second for both: CPU at equal work. */
  fixedRate: Pair<WorkersSides & FixedRateSides>;
  rollingRestart: RollingRestart;
}

export interface OneUser {
  environment: Environment;
  tasks: number;
  calls: { title: string; p50: number; p99: number }[];
}

export interface Scale {
  environment: Environment;
  small: number;
  large: number;
  operations: {
    operation: Operation;
    contestant: string;
    small: Measured;
    large: Measured;
    /** Requests per second on the large database relative to the small one in the same round. */
    ratio: number;
  }[];
  /** CPU per request on the large database relative to the small one, and Holdfast's ratio relative to the baseline's. */
  losses?: Record<Operation, { baseline: Ratio; holdfast: Ratio; ratio: Ratio }>;
}

/** Migrations and work in the background, each beside one user who writes. */
export interface Big {
  environment: Environment;
  tasks: number;
  /** Milliseconds between the beginnings of two writes. */
  writeEveryMs: number;
  steps: {
    title: string;
    /** Rows that the step removed or changed, if it counts them. */
    rows: number | null;
    seconds: number;
    /** Writes that ended during the step, and how many of them failed. */
    writes: number;
    failures: number;
    /** The longest time during the step in which one write waited or ran. */
    longestWriteMs: number;
  }[];
}

export interface Soak {
  environment: Environment;
  requests: number;
  requestsPerSecond: number;
  startMiB: number;
  endMiB: number;
  highestMiB: number;
  /** Growth in the second half. In the first half, caches and heap grow to their working size. */
  kibPerThousandRequests: number;
}

/** One user's latency beside an attack. */
export interface Abuse {
  environment: Environment;
  rounds: number;
  seconds: number;
  callsPerSecond: number;
  signInsPerSecond: number;
  attacks: {
    name: string;
    /** The well-behaved user's requests. */
    kind: 'calls' | 'sign-ins';
    /** Milliseconds, over the requests of all rounds. */
    quiet: { p50: number; p99: number };
    attacked: { p50: number; p99: number };
    /** The user's failed requests during the attack. */
    failures: number;
    /** Requests and bare connections of the attackers in all rounds. */
    attackRequests: number;
    /** CPU seconds per second during the attack. */
    attackCores: number;
    serverCores: number;
    /** Peak memory of the server's process. */
    peakMiB: number;
  }[];
}

export interface Start {
  environment: Environment;
  /** Milliseconds until `GET /readyz` returns 200. */
  empty: number;
  existing: number;
  existingByPnpm: number | null;
}

export interface Profile {
  environment: Environment;
  requests: number;
  /** Microseconds of CPU per request in the Node process, including the profiler. */
  serverCpu: number;
  shares: { part: string; share: number }[];
}

export interface Backup {
  environment: Environment;
  tasks: number;
  /** Size of the rows as text, in MB. */
  textMB: number;
  steps: {
    title: string;
    seconds: number;
    /** Size of the written file, in MB. */
    sizeMB: number | null;
    /** Peak memory of the process. */
    residentMiB: number;
  }[];
}

/** The change feed, and live streams. CPU is microseconds per request in the Node process + in all processes of PostgreSQL. */
export interface Live {
  environment: Environment;
  rounds: number;
  /** Each call with the one that it is compared with. The ratio is of CPU in the same round. */
  calls: { title: string; base: string; ratio: Ratio; measured: Measured; baseMeasured: Measured }[];
  firstCopies: { tasks: number; seconds: number }[];
  streams: {
    writesPerSecond: number;
    watchers: number;
    writes: number;
    /** Milliseconds from the response to a write until its change is at the watcher. */
    p50: number;
    p99: number;
  };
  idle: { streams: number; startMiB: number; endMiB: number; cores: number };
}

/** All stored results. A run replaces the sections that it measures. */
export interface Results {
  comparison?: Comparison;
  change?: Change;
  oneUser?: OneUser;
  live?: Live;
  scale?: Scale;
  big?: Big;
  soak?: Soak;
  start?: Start;
  web?: Web;
  backup?: Backup;
  profile?: Profile;
  abuse?: Abuse;
  workers?: Workers;
}
