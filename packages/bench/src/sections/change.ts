import { createHoldfastFromCheckout, holdfast } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import { readCommit } from '../environment.ts';
import { operations } from '../operations.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Change } from '../results.ts';
import type { Rig } from '../rig.ts';
import { verifyContestant } from '../verify.ts';
import type { Databases } from './comparison.ts';
import { countRoundTrips } from './round-trips.ts';
import { runRounds, summarise, toPair } from './rounds.ts';

/** Measures the server of another checkout and the server of this one on the same tasks. */
export async function measureChange(rig: Rig, databases: Databases, options: Options): Promise<Change> {
  const start = async (database: BenchDatabase, contestant = holdfast) => {
    reportProgress(`${contestant.title}: checking responses, counting round trips`);
    const running = await rig.start(contestant, database);
    await verifyContestant(running, database, rig.tokens);
    return { target: { running, database }, roundTrips: await countRoundTrips(rig, database, contestant) };
  };
  const folder = options.against!;
  const commit = readCommit(folder);
  const [before, after] = [
    await start(databases.others, createHoldfastFromCheckout(folder, commit)),
    await start(databases.holdfast),
  ];
  for (const database of Object.values(databases)) await database.vacuum();

  const targets = [before.target, after.target] as const;
  const pair = toPair({
    ...options,
    postgres: rig.server.version,
    results: await runRounds(rig, targets, { ...options, operations }),
    base: before.target,
    now: after.target,
    toSides: (operation, old, now) => ({
      before: { ...summarise(old, old), ...before.roundTrips[operation]! },
      after: { ...summarise(now, old), ...after.roundTrips[operation]! },
    }),
  });
  for (const { running } of targets) await running.stop();
  return { before: commit, ...pair };
}
