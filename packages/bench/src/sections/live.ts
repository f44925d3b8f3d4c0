import { startChild } from '../child.ts';
import type { Cleanup } from '../cleanup.ts';
import { holdfast } from '../contestants/index.ts';
import type { RunningContestant } from '../contestants/running.ts';
import { addTasks, type BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import { toTaskId } from '../identities.ts';
import type { DelayJob, DelayResult } from '../live/delay.ts';
import type { FirstCopyJob, FirstCopyResult } from '../live/first-copy.ts';
import type { IdleStreamsJob, IdleStreamsResult } from '../live/idle-streams.ts';
import type { Job, JobResult } from '../load/job.ts';
import type { Call } from '../operations.ts';
import type { Options } from '../options.ts';
import { reportProgress } from '../progress.ts';
import type { Live } from '../results.ts';
import type { Rig } from '../rig.ts';
import { sendRequest } from '../send-request.ts';
import { median, quantile } from '../statistics.ts';
import { sumCpu, summarise, toRatio } from './rounds.ts';

/** Calls of one user would wait for each other. */
const pollers = 200;
const writesPerSecond = 200;
const watchers = 20;
const delaySeconds = 10;
const idleStreams = 10_000;
const streamsPerUser = 20;
const idleSeconds = 20;
const copySizes = [10_000, 100_000];

const server = {
  ...holdfast,
  env: { ...holdfast.env, CONNECTIONS_MAX: '20000' },
};

interface Context {
  rig: Rig;
  database: BenchDatabase;
  options: Options;
  cleanup: Cleanup;
}

/** The cost of the change feed, first copies through the typed client, the delay of live streams, and idle streams. */
export async function measureLive(
  rig: Rig,
  database: BenchDatabase,
  { options, cleanup }: { options: Options; cleanup: Cleanup },
): Promise<Live> {
  const context = { rig, database, options, cleanup };
  const running = await rig.start(server, database);
  const calls = await measureCalls(context, running);
  const firstCopies: Live['firstCopies'] = [];
  for (const tasks of copySizes) firstCopies.push(await measureFirstCopy(context, running, tasks));
  const streams = await measureDelay(context, running);
  await running.stop();
  return {
    environment: readEnvironment(rig.server.version),
    rounds: options.rounds,
    calls,
    firstCopies,
    streams,
    idle: await measureIdleStreams(context),
  };
}

async function measureCalls({ rig, database, options }: Context, running: RunningContestant): Promise<Live['calls']> {
  reportProgress('The cost of the change feed');
  const changes: { user: number; call: Call }[] = [];
  const gets: { user: number; call: Call }[] = [];
  for (let user = 0; user < Math.min(pollers, database.size.users); user++) {
    const since = await findCursor(running, { user, token: rig.tokens[user] });
    changes.push({ user, call: { operation: 'changes', since } });
    gets.push({ user, call: { operation: 'get', id: toTaskId(user, 1) } });
  }
  const pairs: [title: string, base: string, calls: Job['calls'], baseCalls: Job['calls']][] = [
    ['changes.list without a change', 'task.get', changes, gets],
    [
      'update with an operationId',
      'without',
      { operation: 'update once', ...database.size },
      { operation: 'update', ...database.size },
    ],
  ];
  const measured: Live['calls'] = [];
  for (const [title, base, calls, baseCalls] of pairs) {
    const run = (calls: Job['calls'], seconds: number) =>
      rig.run(running, { connections: options.connections, calls, until: { ms: seconds * 1000 } });
    for (const each of [calls, baseCalls]) await run(each, options.warmUpSeconds);
    const [results, baseResults]: JobResult[][] = [[], []];
    for (let round = 0; round < options.rounds; round++) {
      await database.checkpoint();
      results!.push(await run(calls, options.seconds));
      baseResults!.push(await run(baseCalls, options.seconds));
    }
    measured.push({
      title,
      base,
      ratio: toRatio(baseResults!, results!, sumCpu),
      measured: summarise(results!, baseResults!),
      baseMeasured: summarise(baseResults!, baseResults!),
    });
    await database.vacuum();
  }
  return measured;
}

/** Writes once, and returns the cursor after the user's last change. */
async function findCursor(
  running: RunningContestant,
  caller: { user: number; token: string | undefined },
): Promise<string> {
  await sendRequest(running, { operation: 'create', title: 'The latest change' }, caller);
  for (let since = ''; ;) {
    const call = { operation: 'changes', ...(since !== '' && { since }) } as { operation: 'changes'; since: string };
    const { body } = await sendRequest(running, call, caller);
    const page = (body as { result: { data: { cursor: string; hasMore: boolean } } }).result.data;
    since = page.cursor;
    if (!page.hasMore) return since;
  }
}

let nextUser = 0;

/** Each first copy is of a user without tasks before. The rig has tokens for two users more than the database has. */
async function measureFirstCopy(
  { rig, database, cleanup }: Context,
  { url }: RunningContestant,
  tasks: number,
): Promise<Live['firstCopies'][number]> {
  reportProgress(`First copy of ${tasks.toLocaleString('en')} tasks`);
  const user = database.size.users + nextUser++;
  await addTasks(database.admin, user, tasks);
  await database.vacuum();
  const job: FirstCopyJob = { url, token: rig.tokens[user]! };
  const runs: number[] = [];
  for (let run = 0; run < 3; run++) {
    const program = new URL('../live/first-copy.ts', import.meta.url);
    const result = await startChild<FirstCopyResult>(program, job, cleanup).result;
    if (result.tasks < tasks) throw new Error(`The first copy has ${result.tasks} tasks, not ${tasks}.`);
    runs.push(result.durationMs);
  }
  return { tasks, seconds: median(runs) / 1000 };
}

async function measureDelay({ rig, cleanup }: Context, { url }: RunningContestant): Promise<Live['streams']> {
  reportProgress('The delay of live streams');
  const writes = writesPerSecond * delaySeconds;
  const job: DelayJob = { url, tokens: rig.tokens.slice(1, 1 + watchers), perSecond: writesPerSecond, writes };
  const program = new URL('../live/delay.ts', import.meta.url);
  const { delays } = await startChild<DelayResult>(program, job, cleanup).result;
  return { writesPerSecond, watchers, writes, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
}

async function measureIdleStreams({ rig, database, cleanup }: Context): Promise<Live['idle']> {
  const count = Math.min(database.size.users, idleStreams / streamsPerUser);
  const streams = count * streamsPerUser;
  reportProgress(`${streams.toLocaleString('en')} idle streams`);
  const earlier = await rig.start(server, database);
  const users: IdleStreamsJob['users'] = [];
  for (const [user, token] of rig.tokens.slice(0, count).entries())
    users.push({ token, since: await findCursor(earlier, { user, token }) });
  await earlier.stop();
  const running = await rig.start(server, database);
  const { url, pid } = running;
  const job: IdleStreamsJob = { url, pid, streams, users, seconds: idleSeconds };
  const program = new URL('../live/idle-streams.ts', import.meta.url);
  const { startBytes, endBytes, cores } = await startChild<IdleStreamsResult>(program, job, cleanup).result;
  await running.stop();
  return { streams, startMiB: startBytes / 2 ** 20, endMiB: endBytes / 2 ** 20, cores };
}
