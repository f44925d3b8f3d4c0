import type { Cleanup } from './cleanup.ts';
import type { BenchDatabase } from './data.ts';
import type { Options } from './options.ts';
import { reportProgress } from './progress.ts';
import { toReport } from './report/report.ts';
import { writeReport } from './report/write.ts';
import type { Results } from './results.ts';
import { openRig } from './rig.ts';
import { measureAbuse } from './sections/abuse.ts';
import { measureBackup } from './sections/backup.ts';
import { measureBig } from './sections/big.ts';
import { measureChange } from './sections/change.ts';
import { compare } from './sections/comparison.ts';
import { measureLive } from './sections/live.ts';
import { measureOneUser } from './sections/one-user.ts';
import { profile } from './sections/profile.ts';
import { largeSize, measureScale } from './sections/scale.ts';
import { soak } from './sections/soak.ts';
import { measureStart } from './sections/start.ts';
import { measureWeb } from './sections/web.ts';
import { measureWorkers } from './sections/workers.ts';

/** Measures the selected sections. Prints each one, and writes the page with it if requested. */
export async function runSections(options: Options, cleanup: Cleanup): Promise<void> {
  if (options.isPageOnly) return writeReport({});
  // More users than the database has at first: those with many tasks.
  const users = Math.max(options.users, options.isLarge ? largeSize.users : 0) + 3;
  const rig = await openRig({ users, server: options.server }, cleanup);
  const databases = new Map<string, BenchDatabase>();
  const openDatabase = async ({ isForPeers = false } = {}) => {
    const name = isForPeers ? 'bench_peers' : 'bench';
    const known = databases.get(name);
    if (known !== undefined) return known;
    reportProgress(`Filling a database with ${(options.users * options.tasks).toLocaleString('en')} tasks`);
    const size = { users: options.users, tasks: options.tasks };
    const database = await rig.server.openDatabase(name, size, { isForPeers });
    databases.set(name, database);
    return database;
  };
  const openBoth = async () => ({ holdfast: await openDatabase(), others: await openDatabase({ isForPeers: true }) });

  const add = async <Name extends keyof Results>(
    isWanted: boolean,
    name: Name,
    measure: () => Promise<NonNullable<Results[Name]>>,
  ) => {
    if (!isWanted) return;
    const results: Results = { [name]: await measure() };
    process.stdout.write(`${toReport(results)}\n`);
    // At once, so that nothing is lost if a later section fails.
    if (options.isWriting) await writeReport(results);
  };
  await add(options.isComparing, 'comparison', async () => compare(rig, await openBoth(), options));
  await add(options.against !== undefined, 'change', async () => measureChange(rig, await openBoth(), options));
  await add(options.workers > 0, 'workers', async () =>
    measureWorkers(rig, await openDatabase(), { options, cleanup }),
  );
  await add(options.isLarge, 'scale', async () => measureScale(rig, await openDatabase(), options));
  await add(options.bigTasks > 0, 'big', () => measureBig(rig, options.bigTasks));
  await add(options.soakRequests > 0, 'soak', async () => soak(rig, await openDatabase(), options));
  await add(options.isOneUser, 'oneUser', async () => measureOneUser(rig, await openDatabase()));
  await add(options.isLive, 'live', async () => measureLive(rig, await openDatabase(), { options, cleanup }));
  await add(options.isProfiling, 'profile', async () => profile(rig, await openDatabase(), options));
  await add(options.isBackup, 'backup', () => measureBackup(rig));
  await add(options.isAbuse, 'abuse', () => measureAbuse(rig, { options, cleanup }));
  await add(options.isStart, 'start', () => measureStart(rig.server.version, cleanup));
  await add(options.isWeb, 'web', () => measureWeb(rig.server.version, cleanup));
}
