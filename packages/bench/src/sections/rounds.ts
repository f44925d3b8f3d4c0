import type { RunningContestant } from '../contestants/running.ts';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import type { JobResult } from '../load/job.ts';
import { type Operation, operations } from '../operations.ts';
import { reportProgress } from '../progress.ts';
import type { Measured, Pair, Ratio } from '../results.ts';
import type { Rig } from '../rig.ts';
import { median } from '../statistics.ts';

/** A running contestant and its database. */
export interface Target {
  running: RunningContestant;
  database: BenchDatabase;
}

export interface RoundsOptions {
  operations: readonly Operation[];
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  connections: number;
  /** Requests per second at a fixed rate. Default: as many as the connections can send one after another. */
  toPerSecond?: (operation: Operation, target: Target) => number;
  /** If true, each user calls once before each measurement, so that token caches contain all users. */
  callsEveryUserFirst?: boolean;
}

/** Results of each target by operation, one per round. */
export type Rounds = Map<Target, Record<Operation, JobResult[]>>;

/**
 * Measures every target with every operation in each round, in sequence. The order rotates from round to round, so that
 * other work on the machine affects all targets. Ratios within a round are therefore reliable.
 */
export async function runRounds(rig: Rig, targets: readonly Target[], options: RoundsOptions): Promise<Rounds> {
  const { operations, connections } = options;
  const results: Rounds = new Map();
  for (const target of targets) results.set(target, { list: [], get: [], batch: [], update: [], create: [] });

  async function measure(target: Target, operation: Operation, seconds: number): Promise<JobResult> {
    const { running, database } = target;
    if (options.callsEveryUserFirst) {
      const calls = { operation: 'get', ...database.size, isInTurn: true } as const;
      await rig.run(running, { connections, calls, until: { requests: database.size.users } });
    }
    return rig.run(running, {
      connections,
      perSecond: options.toPerSecond?.(operation, target),
      calls: { operation, ...database.size },
      until: { ms: seconds * 1000 },
    });
  }

  reportProgress('Warm-up');
  for (const operation of operations) {
    for (const target of targets) await measure(target, operation, options.warmUpSeconds);
  }
  for (let round = 0; round < options.rounds; round++) {
    reportProgress(`Round ${round + 1} of ${options.rounds}`);
    for (const operation of operations) {
      for (const { database } of targets) await database.checkpoint();
      for (let turn = 0; turn < targets.length; turn++) {
        const target = targets[(turn + round) % targets.length]!;
        results.get(target)![operation].push(await measure(target, operation, options.seconds));
      }
    }
    for (const { database } of targets) await database.vacuum();
  }
  return results;
}

/** Medians of a target's rounds. `ratio` compares requests per second with `base` round by round. */
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

export const sumCpu = ({ serverCpu, postgresCpu }: JobResult) => serverCpu + postgresCpu;

/** The ratio of a value of `now` to that of `base`, round by round. */
export function toRatio(
  base: readonly JobResult[],
  now: readonly JobResult[],
  read: (result: JobResult) => number,
): Ratio {
  const ratios = now.map((result, round) => read(result) / read(base[round]!));
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}

interface PairOptions<Sides> extends Pick<RoundsOptions, 'rounds' | 'seconds' | 'connections'> {
  /** Version of PostgreSQL. */
  postgres: string;
  results: Rounds;
  base: Target;
  now: Target;
  /** The results of both targets for an operation. */
  toSides(operation: Operation, base: readonly JobResult[], now: readonly JobResult[]): Sides;
}

/** Compares two targets with all operations. */
export function toPair<Sides>(options: PairOptions<Sides>): Pair<Sides> {
  const { postgres, rounds, seconds, connections, results, toSides } = options;
  return {
    environment: readEnvironment(postgres),
    rounds,
    seconds,
    connections,
    operations: operations.map((operation) => {
      const [old, current] = [results.get(options.base)![operation], results.get(options.now)![operation]];
      const ratios = {
        operation,
        cpu: toRatio(old, current, sumCpu),
        requestsPerSecond: toRatio(old, current, (result) => result.requestsPerSecond),
      };
      return Object.assign(ratios, toSides(operation, old, current));
    }),
  };
}
