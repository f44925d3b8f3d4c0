import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../child.ts';
import type { Cleanup } from '../cleanup.ts';
import { createHoldfastWithWorkers } from '../contestants/index.ts';
import type { BenchDatabase } from '../data.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { RollingRestart } from '../restart/result.ts';
import type { SteadyLoadJob, SteadyLoadResult } from '../restart/steady-load.ts';
import type { Rig } from '../rig.ts';

const perSecond = 200;
const [followed, streamsPerUser] = [20, 1];
/** Before the first restart, and after each one. */
const settleMs = 3000;

/** Replaces all workers several times while clients send requests at a fixed rate and follow their changes. */
export async function measureRollingRestart(
  rig: Rig,
  database: BenchDatabase,
  { options, cleanup }: { options: Pick<Options, 'workers' | 'restarts'>; cleanup: Cleanup },
): Promise<RollingRestart> {
  const { workers, restarts } = options;
  const { size } = database;
  const running = await rig.start(createHoldfastWithWorkers(workers), database);
  const tokens = rig.tokens.slice(0, size.users);
  const job: SteadyLoadJob = { url: running.url, tokens, size, perSecond, followed, streamsPerUser };
  const load = startChild<SteadyLoadResult>(new URL('../restart/steady-load.ts', import.meta.url), job, cleanup);
  await sleep(settleMs);
  for (let restart = 1; restart <= restarts; restart++) {
    reportProgress(`Rolling restart ${restart} of ${restarts}`);
    process.kill(running.pid, 'SIGUSR2');
    // The load process ends early only if it fails.
    await Promise.race([running.findInLog('"rolling restart done"', restart), load.result]);
    await sleep(settleMs);
  }
  load.stop();
  const { examples, ...result } = await load.result;
  for (const example of examples) reportProgress(`A failure: ${example}`);
  await running.stop();
  return { workers, restarts, perSecond, openStreams: followed * streamsPerUser, ...result };
}
