import type { Cleanup } from '../cleanup.ts';
import { createHoldfastWithWorkers } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import type { JobResult } from '../load/job.ts';
import { type Operation, operations } from '../operations.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Workers } from '../results.ts';
import type { Rig } from '../rig.ts';
import { median } from '../statistics.ts';
import { verifyContestant } from '../verify.ts';
import { measureRollingRestart } from './rolling-restart.ts';
import { runRounds, summarise, type Target, toPair, toRatio } from './rounds.ts';

/** The fixed rate, relative to what one process can do. It leaves time on the cores that the server, PostgreSQL and the load share. */
const rateShare = 0.5;

/** Measures one process and several workers on the same database, in the same rounds, and then rolling restarts. */
export async function measureWorkers(
  rig: Rig,
  database: BenchDatabase,
  { options, cleanup }: { options: Options; cleanup: Cleanup },
): Promise<Workers> {
  const { workers } = options;
  const start = async (workers: number): Promise<Target> => {
    const contestant = createHoldfastWithWorkers(workers);
    reportProgress(`${contestant.title}: checking responses`);
    const running = await rig.start(contestant, database);
    await verifyContestant(running, database, rig.tokens);
    return { running, database };
  };
  const [one, several] = [await start(1), await start(workers)];
  await database.vacuum();
  const common = { ...options, operations, postgres: rig.server.version, base: one, now: several };

  const results = await runRounds(rig, [one, several], common);
  const closedLoop = toPair({ ...common, results, toSides: (_operation, base, now) => toSides(base, now) });

  const toPerSecond = (operation: Operation) =>
    median(results.get(one)![operation].map(({ requestsPerSecond }) => requestsPerSecond)) * rateShare;
  // A process takes more CPU per request if it has fewer of them, since others use the caches meanwhile.
  const part: Target = { ...one };
  const fixed = await runRounds(rig, [one, several, part], {
    ...common,
    // The closed loop was the warm-up.
    warmUpSeconds: 0,
    toPerSecond: (operation, target) => toPerSecond(operation) / (target === part ? workers : 1),
  });
  const fixedRate = toPair({
    ...common,
    results: fixed,
    toSides: (operation, base, now) => ({
      perSecond: toPerSecond(operation),
      partCpu: median(fixed.get(part)![operation].map(toServerCpu)),
      partRatio: toRatio(fixed.get(part)![operation], now, toServerCpu),
      ...toSides(base, now),
    }),
  });
  for (const { running } of [one, several]) await running.stop();
  const rollingRestart = await measureRollingRestart(rig, database, { options, cleanup });
  return { workers, closedLoop, fixedRate, rollingRestart };
}

const toServerCpu = ({ serverCpu }: JobResult) => serverCpu;

function toSides(base: readonly JobResult[], now: readonly JobResult[]) {
  return {
    serverCpu: toRatio(base, now, toServerCpu),
    mainCpu: median(now.map((result) => result.mainCpu)),
    one: { ...summarise(base, base), cores: median(base.map(toCores)) },
    several: { ...summarise(now, base), cores: median(now.map(toCores)) },
  };
}

/** The CPU seconds per second of the server, PostgreSQL and the load. */
function toCores({ requestsPerSecond, serverCpu, postgresCpu, loadCpu }: JobResult): number {
  return (requestsPerSecond * (serverCpu + postgresCpu + loadCpu)) / 1e6;
}
