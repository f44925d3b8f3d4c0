import { baseline, holdfast } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import { type Operation, operations } from '../operations.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Scale } from '../results.ts';
import type { Rig } from '../rig.ts';
import { median } from '../statistics.ts';
import { verifyContestant } from '../verify.ts';
import { type Rounds, type Target, runRounds, summarise, sumCpu, toRatio } from './rounds.ts';

interface Sizes {
  small: Target;
  large: Target;
}

export const largeSize = { users: 10_000, tasks: 1_000 };

/** Measures the baseline and Holdfast on a small and on a large database, in the same rounds. */
export async function measureScale(rig: Rig, small: BenchDatabase, options: Options): Promise<Scale> {
  reportProgress(
    `Filling a database with ${countTasks({ size: largeSize }).toLocaleString('en')} tasks, which takes minutes`,
  );
  const large = await rig.server.openDatabase('bench_large', largeSize);
  await large.checkpoint();
  for (const database of [small, large]) await database.prewarm();

  const pairs: Sizes[] = [];
  for (const contestant of [baseline, holdfast]) {
    const start = async (database: BenchDatabase) => {
      const running = await rig.start(contestant, database);
      await verifyContestant(running, database, rig.tokens);
      return { running, database };
    };
    pairs.push({ small: await start(small), large: await start(large) });
  }
  const targets = pairs.flatMap((pair) => [pair.small, pair.large]);
  const rounds = await runRounds(rig, targets, { ...options, operations, callsEveryUserFirst: true });
  const results = pairs.flatMap((pair) => {
    const [onSmall, onLarge] = [rounds.get(pair.small)!, rounds.get(pair.large)!];
    return operations.map((operation) => {
      const measured = summarise(onLarge[operation], onSmall[operation]);
      return {
        operation,
        contestant: pair.small.running.contestant.title,
        small: summarise(onSmall[operation], onSmall[operation]),
        large: measured,
        ratio: measured.ratio,
      };
    });
  });
  for (const { running } of targets) await running.stop();
  return {
    environment: readEnvironment(rig.server.version),
    small: countTasks(small),
    large: countTasks(large),
    operations: results,
    losses: Object.fromEntries(
      operations.map((operation) => [operation, toLoss(rounds, operation, pairs as [Sizes, Sizes])]),
    ) as NonNullable<Scale['losses']>,
  };
}

function toLoss(rounds: Rounds, operation: Operation, [baseline, holdfast]: readonly [Sizes, Sizes]) {
  const read = ({ small, large }: Sizes) => [rounds.get(small)![operation], rounds.get(large)![operation]] as const;
  const [[small, large], [ownSmall, ownLarge]] = [read(baseline), read(holdfast)];
  const ratios = ownLarge.map(
    (result, round) => sumCpu(result) / sumCpu(ownSmall[round]!) / (sumCpu(large[round]!) / sumCpu(small[round]!)),
  );
  return {
    baseline: toRatio(small, large, sumCpu),
    holdfast: toRatio(ownSmall, ownLarge, sumCpu),
    ratio: { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) },
  };
}

function countTasks({ size }: Pick<BenchDatabase, 'size'>): number {
  return size.users * size.tasks;
}
