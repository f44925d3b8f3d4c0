import type { Cleanup } from '../cleanup.ts';
import { createHoldfastWithWorkers } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import type { JobResult } from '../load/job.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Workers } from '../results.ts';
import type { Rig } from '../rig.ts';
import { median } from '../statistics.ts';
import { verifyContestant } from '../verify.ts';
import { measureRollingRestart } from './rolling-restart.ts';
import { measurePair, summarise, toRatio } from './rounds.ts';

/** Measures one process and several workers on the same database, in the same rounds, and then rolling restarts. */
export async function measureWorkers(
  rig: Rig,
  database: BenchDatabase,
  { options, cleanup }: { options: Options; cleanup: Cleanup },
): Promise<Workers> {
  const start = async (workers: number) => {
    const contestant = createHoldfastWithWorkers(workers);
    reportProgress(`${contestant.title}: checking responses`);
    const running = await rig.start(contestant, database);
    await verifyContestant(running, database, rig.tokens);
    return { running, database };
  };
  const [one, several] = [await start(1), await start(options.workers)];
  await database.vacuum();
  const pair = await measurePair(rig, [one, several], {
    ...options,
    toSides: (_operation, base, now) => ({
      serverCpu: toRatio(base, now, (result) => result.serverCpu),
      mainCpu: median(now.map((result) => result.mainCpu)),
      one: { ...summarise(base, base), cores: median(base.map(toCores)) },
      several: { ...summarise(now, base), cores: median(now.map(toCores)) },
    }),
  });
  const rollingRestart = await measureRollingRestart(rig, database, { options, cleanup });
  return { workers: options.workers, ...pair, rollingRestart };
}

/** The CPU seconds per second of the server, PostgreSQL and the load. */
function toCores({ requestsPerSecond, serverCpu, postgresCpu, loadCpu }: JobResult): number {
  return (requestsPerSecond * (serverCpu + postgresCpu + loadCpu)) / 1e6;
}
