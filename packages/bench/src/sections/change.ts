import { createHoldfastFromCheckout, holdfast } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import { readCommit, readEnvironment } from '../environment.ts';
import { operations } from '../operations.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Change } from '../results.ts';
import type { Rig } from '../rig.ts';
import { verifyContestant } from '../verify.ts';
import type { Databases } from './comparison.ts';
import { countRoundTrips } from './round-trips.ts';
import { runRounds, sumCpu, summarise, toRatio } from './rounds.ts';

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

  const results = await runRounds(rig, [before.target, after.target], { ...options, operations });
  for (const { target } of [before, after]) await target.running.stop();
  return {
    environment: readEnvironment(rig.server.version),
    before: commit,
    rounds: options.rounds,
    seconds: options.seconds,
    connections: options.connections,
    operations: operations.map((operation) => {
      const [old, now] = [results.get(before.target)![operation], results.get(after.target)![operation]];
      return {
        operation,
        cpu: toRatio(old, now, sumCpu),
        requestsPerSecond: toRatio(old, now, (result) => result.requestsPerSecond),
        before: { ...summarise(old, old), ...before.roundTrips[operation]! },
        after: { ...summarise(now, old), ...after.roundTrips[operation]! },
      };
    }),
  };
}
