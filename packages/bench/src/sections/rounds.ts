import type { RunningContestant } from '../contestants/running.ts';
import type { BenchDatabase } from '../data.ts';
import type { JobResult } from '../load/job.ts';
import type { Operation } from '../operations.ts';
import { tell } from '../progress.ts';
import type { Measured } from '../results.ts';
import type { Rig } from '../rig.ts';
import { median } from '../statistics.ts';

/** A contestant, and the database that it is on. */
export interface Entry {
  running: RunningContestant;
  database: BenchDatabase;
}

export interface RetryPolicyOptions {
  operations: readonly Operation[];
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number;
  /** Whether each user calls once before each timing, so that all of them are known to whoever remembers their tokens. */
  isGreeting?: boolean;
}

/** What each entry did with each operation, round by round. */
export type RetryPolicy = Map<Entry, Record<Operation, JobResult[]>>;

/**
 * Times every entry with every operation, one after the other within a round, the first to go changing from round to
 * round: what the machine does meanwhile then hits all of them, and the ratios within a round are what can be trusted.
 */
export async function runRounds(
  rig: Rig,
  entries: readonly Entry[],
  options: RetryPolicyOptions,
): Promise<RetryPolicy> {
  const { operations, connections } = options;
  const done: RetryPolicy = new Map();
  for (const entry of entries) done.set(entry, { list: [], get: [], batch: [], update: [], create: [] });

  async function time({ running, database }: Entry, operation: Operation, seconds: number): Promise<JobResult> {
    if (options.isGreeting) {
      const calls = { operation: 'get', ...database.size, isInTurn: true } as const;
      await rig.run(running, { connections, calls, until: { requests: database.size.users } });
    }
    return rig.run(running, { connections, calls: { operation, ...database.size }, until: { ms: seconds * 1000 } });
  }

  tell('warming up');
  for (const operation of operations) {
    for (const entry of entries) await time(entry, operation, options.warmUpSeconds);
  }
  for (let round = 0; round < options.rounds; round++) {
    tell(`round ${round + 1} of ${options.rounds}`);
    for (const operation of operations) {
      for (const { database } of entries) await database.checkpoint();
      for (let turn = 0; turn < entries.length; turn++) {
        const entry = entries[(turn + round) % entries.length]!;
        done.get(entry)![operation].push(await time(entry, operation, options.seconds));
      }
    }
    for (const { database } of entries) await database.tidy();
  }
  return done;
}

/** The medians of an entry's rounds; `base` is what its requests a second are compared with. */
export function summarise(results: readonly JobResult[], base: readonly JobResult[]): Measured {
  const middle = (key: keyof JobResult) => median(results.map((result) => result[key]));
  return {
    ratio: median(results.map(({ requestsPerSecond }, round) => requestsPerSecond / base[round]!.requestsPerSecond)),
    requestsPerSecond: middle('requestsPerSecond'),
    p50: middle('p50'),
    p99: middle('p99'),
    serverCpu: middle('serverCpu'),
    postgresCpu: middle('postgresCpu'),
  };
}
