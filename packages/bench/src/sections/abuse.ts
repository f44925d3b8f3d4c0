import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Account,
  addEscapedTasks,
  addLabelledTasks,
  addLargeTasks,
  addManyTasks,
  addRepetitiveTasks,
  createAccount,
  fetchToken,
  manyTasksUser,
  preparedUsers,
  prepareUsers,
  searchedUsers,
} from '../abuse/accounts.ts';
import type { AttackJob, AttackResult } from '../abuse/attacker.ts';
import { type AttackName, attackNames, attacks } from '../abuse/attacks.ts';
import type { UserJob, UserResult } from '../abuse/user.ts';
import { startChild } from '../child.ts';
import type { Cleanup } from '../cleanup.ts';
import { holdfast } from '../contestants/index.ts';
import { type RunningContestant, startContestant } from '../contestants/running.ts';
import type { BenchDatabase } from '../data.ts';
import { readEnvironment } from '../environment.ts';
import { type Options, UsageError } from '../options.ts';
import { readOwnTime, readPeakBytes } from '../process-times.ts';
import { reportProgress } from '../progress.ts';
import type { Abuse } from '../results.ts';
import type { Rig } from '../rig.ts';
import { quantile } from '../statistics.ts';

const callsPerSecond = 40;
const signInsPerSecond = 2;
/** The attack runs so long before the measurement. */
const leadMs = 1000;
const crowdSize = 9;
const preparedCount = Object.keys(preparedUsers).length;
/** Rounds with accounts of their own. An address may sign up 30 per minute. */
const preparedRounds = 2;
const settleLimitMs = 60_000;
/** Files of 16 MB. */
const logFiles = 128;

/** With the default limits. */
const server = {
  ...holdfast,
  env: {
    AUTH_SECRET: holdfast.env['AUTH_SECRET']!,
    // The port changes, but tokens and sessions must remain valid.
    PUBLIC_URL: 'http://tasks.example.org',
  },
};

interface People {
  user: Account;
  /** One per round, because a round must not begin with the limits that another one has used up. */
  attackers: { account: Account; taskId: string }[];
  /** Accounts that attack together. */
  crowd: Account[];
  /** Accounts with much data, by `preparedUsers`. Rounds take turns. */
  prepared: Account[][];
}

interface Measurement {
  quiet: UserResult[];
  attacked: UserResult[];
  attackSeconds: number;
  attackCpu: number;
  serverCpu: number;
  attackRequests: number;
}

/** The latency of one user's requests, with and without an attack on the server, in alternating rounds. */
export async function measureAbuse(
  rig: Rig,
  { options, cleanup }: { options: Options; cleanup: Cleanup },
): Promise<Abuse> {
  const names = toAttackNames(options.attacks);
  const database = await rig.server.openDatabase('abuse', { users: 100, tasks: 20 });
  const start = () => startContestant(server, startOptions(rig, database, cleanup));
  const people = await createPeople(await start(), database, options.rounds);
  await createLogFiles(database);
  const rows: Abuse['attacks'] = [];
  for (const name of names) {
    for (const kind of toKinds(name)) {
      reportProgress(`Attack: ${attacks[name].title}${kind === 'calls' ? '' : ', measured with sign-ins'}`);
      const running = await start();
      const measured = await measureAttack({ running, name, kind, people, options, cleanup });
      rows.push({ name, kind, ...summarise(measured), peakMiB: readPeakBytes(running.pid) / 2 ** 20 });
      await running.stop();
      // The files of the write-ahead log become free for the next attack.
      await database.checkpoint();
    }
  }
  const { rounds, seconds } = options;
  const environment = readEnvironment(rig.server.version);
  return { environment, rounds, seconds, callsPerSecond, signInsPerSecond, attacks: rows };
}

/**
 * Creates files of the write-ahead log, which later writes use again as on a server that has been in use. Without them, some writes
 * wait 50 ms for a new file.
 */
async function createLogFiles({ admin, checkpoint }: BenchDatabase): Promise<void> {
  for (let count = 0; count < logFiles; count++) {
    await admin.query(`select pg_logical_emit_message(true, 'benchmark', 'next file'), pg_switch_wal()`);
  }
  await checkpoint();
}

/** @throws UsageError if an attack is unknown. */
export function toAttackNames(names: readonly string[]): readonly AttackName[] {
  const unknown = names.find((name) => !(name in attacks));
  if (unknown !== undefined)
    throw new UsageError(`Unknown attack '${unknown}'. Pass some of: ${attackNames.join(', ')}.`);
  return names.length === 0 ? attackNames : (names as AttackName[]);
}

/** Attacks on passwords delay sign-ins first. */
function toKinds(name: AttackName): UserJob['kind'][] {
  return ['none', 'abandoned-sign-ins', 'wrong-passwords'].includes(name) ? ['calls', 'sign-ins'] : ['calls'];
}

function startOptions(rig: Rig, database: BenchDatabase, cleanup: Cleanup) {
  return { folder: rig.folder, databaseUrl: database.ownerUrl, issuerEnv: {}, cleanup };
}

async function createPeople(running: RunningContestant, { admin }: BenchDatabase, rounds: number): Promise<People> {
  const user = await createAccount(running.url, 1);
  const attackers: People['attackers'] = [];
  for (let round = 0; round < rounds; round++) {
    const account = await createAccount(running.url, 2 + round);
    attackers.push({ account, taskId: await addLargeTasks(admin, account.userId) });
  }
  const crowd: Account[] = [];
  while (crowd.length < crowdSize) crowd.push(await createAccount(running.url, 2 + rounds + crowd.length));
  for (const { userId } of crowd) await addEscapedTasks(admin, userId, 60);
  for (const { userId } of crowd.slice(0, 3)) await addLabelledTasks(admin, userId);
  for (const at of searchedUsers) await addRepetitiveTasks(admin, crowd[at]!.userId);
  await addManyTasks(admin, crowd[manyTasksUser]!.userId);
  const prepared: Account[][] = [];
  let number = 2 + rounds + crowdSize;
  while (prepared.length < preparedRounds) {
    const accounts: Account[] = [];
    while (accounts.length < preparedCount) accounts.push(await createAccount(running.url, number++));
    await prepareUsers(
      admin,
      accounts.map(({ userId }) => userId),
    );
    prepared.push(accounts);
  }
  await running.stop();
  return { user, attackers, crowd, prepared };
}

interface AttackOptions {
  running: RunningContestant;
  name: AttackName;
  kind: UserJob['kind'];
  people: People;
  options: Options;
  cleanup: Cleanup;
}

async function measureAttack({ running, name, kind, people, options, cleanup }: AttackOptions): Promise<Measurement> {
  const { url, pid } = running;
  const perSecond = kind === 'calls' ? callsPerSecond : signInsPerSecond;
  const token = await fetchToken(url, people.user);
  const measureUser = (seconds: number) => {
    const requests = Math.ceil(perSecond * seconds);
    const job: UserJob = { url, kind, token, credentials: people.user, perSecond, requests };
    return startChild<UserResult>(new URL('../abuse/user.ts', import.meta.url), job, cleanup).result;
  };
  const measured: Measurement = {
    quiet: [],
    attacked: [],
    attackSeconds: 0,
    attackCpu: 0,
    serverCpu: 0,
    attackRequests: 0,
  };
  const tokens: string[] = [];
  for (const account of people.crowd) tokens.push(await fetchToken(url, account));
  await measureUser(options.warmUpSeconds);
  for (const [round, { account, taskId }] of people.attackers.entries()) {
    const preparedTokens: string[] = [];
    for (const prepared of people.prepared[round % preparedRounds]!)
      preparedTokens.push(await fetchToken(url, prepared));
    const email = people.user.email;
    const { session } = account;
    const target = { url, taskId, tokens, preparedTokens, email, session, token: await fetchToken(url, account) };
    measured.quiet.push(await measureUser(options.seconds));
    const limitMs = options.seconds * 1000 + 90_000;
    const attack: AttackJob = { attack: name, target, limitMs };
    const attacker = startChild<AttackResult>(new URL('../abuse/attacker.ts', import.meta.url), attack, cleanup);
    await sleep(leadMs);
    const [startedAt, attackCpu, serverCpu] = [performance.now(), readOwnTime(attacker.pid), readOwnTime(pid)];
    measured.attacked.push(await measureUser(options.seconds));
    measured.attackSeconds += (performance.now() - startedAt) / 1000;
    measured.attackCpu += (readOwnTime(attacker.pid) - attackCpu) / 1e6;
    measured.serverCpu += (readOwnTime(pid) - serverCpu) / 1e6;
    attacker.stop();
    measured.attackRequests += (await attacker.result).requests;
    await untilIdle(pid);
  }
  return measured;
}

/** Waits until the server has finished the work of an attack, so that it does not count for the next quiet round. */
async function untilIdle(pid: number): Promise<void> {
  const deadline = performance.now() + settleLimitMs;
  for (;;) {
    const before = readOwnTime(pid);
    await sleep(500);
    const isIdle = !(readOwnTime(pid) - before > 30_000);
    if (isIdle || performance.now() > deadline) return;
  }
}

function summarise({ quiet, attacked, attackSeconds, attackCpu, serverCpu, attackRequests }: Measurement) {
  return {
    quiet: toQuantiles(quiet),
    attacked: toQuantiles(attacked),
    failures: attacked.reduce((sum, { failures }) => sum + failures, 0),
    attackRequests,
    attackCores: attackCpu / attackSeconds,
    serverCores: serverCpu / attackSeconds,
  };
}

function toQuantiles(results: readonly UserResult[]) {
  const latencies = results.flatMap((result) => result.latencies);
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}
