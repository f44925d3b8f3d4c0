import type { Contestant } from '../contestants/contestant.ts';
import { contestants, holdfast } from '../contestants/index.ts';
import { installPeer } from '../contestants/install.ts';
import { readVersions } from '../contestants/versions.ts';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import { operations } from '../operations.ts';
import type { Options } from '../options.ts';
import { readResidentBytes } from '../process-times.ts';
import { reportProgress } from '../progress.ts';
import type { Comparison, ContestantResult } from '../results.ts';
import type { Rig } from '../rig.ts';
import { verifyContestant } from '../verify.ts';
import { countRoundTrips } from './round-trips.ts';
import { type Target, runRounds, summarise } from './rounds.ts';

/** The same tasks with all features of Holdfast, and without the indexes and the trigger of features that others lack. */
export interface Databases {
  holdfast: BenchDatabase;
  others: BenchDatabase;
}

/** Measures Holdfast and its peers relative to the baseline. */
export async function compare(rig: Rig, databases: Databases, options: Options): Promise<Comparison> {
  const chosen = contestants.filter(
    ({ name }) => options.only.length === 0 || name === 'baseline' || options.only.includes(name),
  );
  const results = new Map<Contestant, ContestantResult>();
  for (const contestant of chosen) results.set(contestant, await createResult(contestant));

  const targets: Target[] = [];
  for (const contestant of chosen) {
    const result = results.get(contestant)!;
    try {
      reportProgress(`${contestant.title}: checking responses, counting round trips`);
      await installPeer(contestant);
      const database = contestant === holdfast ? databases.holdfast : databases.others;
      const running = await rig.start(contestant, database);
      await verifyContestant(running, database, rig.tokens);
      result.roundTrips = await countRoundTrips(rig, database, contestant);
      targets.push({ running, database });
    } catch (error) {
      if (contestant.folder === null) throw error;
      result.skipReason = (error as Error).message;
      reportProgress(`${contestant.title} is skipped: ${result.skipReason}`);
    }
  }
  for (const database of Object.values(databases)) await database.vacuum();

  const rounds = await runRounds(rig, targets, { ...options, operations });
  const base = rounds.get(targets[0]!)!;
  for (const target of targets) {
    const result = results.get(target.running.contestant)!;
    for (const operation of operations) {
      result.measured[operation] = summarise(rounds.get(target)![operation], base[operation]);
    }
    result.residentMiB = readResidentBytes(target.running.pid) / 2 ** 20;
    await target.running.stop();
  }
  return {
    environment: readEnvironment(rig.server.version),
    ...databases.holdfast.size,
    connections: options.connections,
    rounds: options.rounds,
    seconds: options.seconds,
    loadCpu: Math.max(...[...rounds.values()].flatMap((each) => Object.values(each).flat()).map((one) => one.loadCpu)),
    contestants: [...results.values()],
  };
}

async function createResult(contestant: Contestant): Promise<ContestantResult> {
  return {
    name: contestant.name,
    title: contestant.title,
    versions: await readVersions(contestant),
    skipReason: null,
    residentMiB: Number.NaN,
    measured: {},
    roundTrips: {},
  };
}
