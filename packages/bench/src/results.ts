import type { Words } from './contestants/contestant.ts';
import type { Operation } from './operations.ts';

/** Where and when something was measured. */
export interface Circumstances {
  at: string;
  processor: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  postgres: string;
  commit: string;
}

/** Medians over the rounds; `ratio` is to the floor within the same round. CPU is in microseconds per request. */
export interface Measured {
  ratio: number;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  serverCpu: number;
  postgresCpu: number;
}

export interface RoundTrips {
  /** Per request, over all connections. */
  trips: number;
  /** Per request, one after the other. */
  depth: number;
}

export interface ContestantResult {
  name: string;
  title: string;
  words: Words;
  /** Packages that make it up, with their versions. */
  versions: Record<string, string>;
  /** Why it could not take part. */
  absence: string | null;
  residentMiB: number;
  measured: Partial<Record<Operation, Measured>>;
  roundTrips: Partial<Record<Operation | 'delete', RoundTrips>>;
}

export interface Comparison {
  circumstances: Circumstances;
  users: number;
  tasks: number;
  connections: number;
  rounds: number;
  seconds: number;
  /** The most that the load process itself used, per request. */
  loadCpu: number;
  contestants: ContestantResult[];
}

export interface OneUser {
  circumstances: Circumstances;
  tasks: number;
  calls: { title: string; p50: number; p99: number }[];
}

export interface Scale {
  circumstances: Circumstances;
  small: number;
  large: number;
  operations: {
    operation: Operation;
    contestant: string;
    small: Measured;
    large: Measured;
    /** Requests a second on the large database to those on the small one, within a round. */
    ratio: number;
  }[];
}

export interface Soak {
  circumstances: Circumstances;
  requests: number;
  requestsPerSecond: number;
  startMiB: number;
  endMiB: number;
  highestMiB: number;
  /** Of the second half, by which time caches and heap have grown to what they need. */
  kibPerThousandRequests: number;
}

export interface Start {
  circumstances: Circumstances;
  /** Milliseconds until `GET /readyz` answers 200. */
  empty: number;
  existing: number;
  existingByPnpm: number | null;
}

export interface Profile {
  circumstances: Circumstances;
  requests: number;
  /** Microseconds of CPU per request in the Node process, profiler included. */
  serverCpu: number;
  shares: { part: string; share: number }[];
}

export interface Backup {
  circumstances: Circumstances;
  tasks: number;
  /** Of the rows as text, in MB. */
  textMB: number;
  steps: {
    title: string;
    seconds: number;
    /** Of what was written, in MB. */
    sizeMB: number | null;
    /** The most memory that the process held. */
    residentMiB: number;
  }[];
}

/** What has been measured so far; each run replaces the sections that it measured. */
export interface Results {
  comparison?: Comparison;
  oneUser?: OneUser;
  scale?: Scale;
  soak?: Soak;
  start?: Start;
  backup?: Backup;
  profile?: Profile;
}
