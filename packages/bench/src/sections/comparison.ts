import { readCircumstances } from '../circumstances.ts';
import type { Contestant } from '../contestants/contestant.ts';
import { contestants } from '../contestants/index.ts';
import { installPeer } from '../contestants/install.ts';
import { readVersions } from '../contestants/versions.ts';
import type { BenchDatabase } from '../data.ts';
import { operations } from '../operations.ts';
import type { Options } from '../options.ts';
import { readResidentBytes } from '../process-times.ts';
import { tell } from '../progress.ts';
import type { Comparison, ContestantResult } from '../results.ts';
import type { Rig } from '../rig.ts';
import { verifyContestant } from '../verify.ts';
import { countRoundTrips } from './round-trips.ts';
import { type Entry, runRounds, summarise } from './rounds.ts';

/** Holdfast and its peers against the floor. */
export async function compare(rig: Rig, database: BenchDatabase, options: Options): Promise<Comparison> {
  const chosen = contestants.filter(
    ({ name }) => options.only.length === 0 || name === 'floor' || options.only.includes(name),
  );
  const results = new Map<Contestant, ContestantResult>();
  for (const contestant of chosen) results.set(contestant, await createResult(contestant));

  const entries: Entry[] = [];
  for (const contestant of chosen) {
    const result = results.get(contestant)!;
    try {
      tell(`${contestant.title}: checking answers, counting round trips`);
      await installPeer(contestant);
      const running = await rig.start(contestant, database);
      await verifyContestant(running, database, rig.tokens);
      result.roundTrips = await countRoundTrips(rig, database, contestant);
      entries.push({ running, database });
    } catch (error) {
      if (contestant.folder === null) throw error;
      result.absence = (error as Error).message;
      tell(`${contestant.title} is left out: ${result.absence}`);
    }
  }
  await database.tidy();

  const rounds = await runRounds(rig, entries, { ...options, operations });
  const base = rounds.get(entries[0]!)!;
  for (const entry of entries) {
    const result = results.get(entry.running.contestant)!;
    for (const operation of operations) {
      result.measured[operation] = summarise(rounds.get(entry)![operation], base[operation]);
    }
    result.residentMiB = readResidentBytes(entry.running.pid) / 2 ** 20;
    await entry.running.stop();
  }
  return {
    circumstances: readCircumstances(rig.server.version),
    ...database.size,
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
    words: contestant.words,
    versions: await readVersions(contestant),
    absence: null,
    residentMiB: Number.NaN,
    measured: {},
    roundTrips: {},
  };
}
