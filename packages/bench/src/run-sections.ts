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

/** Measures the selected sections, prints them, and writes the page if requested. */
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

  const results: Results = {};
  if (options.isComparing) results.comparison = await compare(rig, await openBoth(), options);
  if (options.against !== undefined) results.change = await measureChange(rig, await openBoth(), options);
  if (options.workers > 0) results.workers = await measureWorkers(rig, await openDatabase(), { options, cleanup });
  if (options.isLarge) results.scale = await measureScale(rig, await openDatabase(), options);
  if (options.bigTasks > 0) results.big = await measureBig(rig, options.bigTasks);
  if (options.soakRequests > 0) results.soak = await soak(rig, await openDatabase(), options);
  if (options.isOneUser) results.oneUser = await measureOneUser(rig, await openDatabase());
  if (options.isLive) results.live = await measureLive(rig, await openDatabase(), { options, cleanup });
  if (options.isProfiling) results.profile = await profile(rig, await openDatabase(), options);
  if (options.isBackup) results.backup = await measureBackup(rig);
  if (options.isAbuse) results.abuse = await measureAbuse(rig, { options, cleanup });
  if (options.isStart) results.start = await measureStart(rig.server.version, cleanup);
  if (options.isWeb) results.web = await measureWeb(rig.server.version, cleanup);

  process.stdout.write(`${toReport(results)}\n`);
  if (options.isWriting) await writeReport(results);
}
