import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { constants, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive, toDataArgument, type Cluster } from './cluster.ts';
import { toDecisiveLines } from './error.ts';
import { runProgram, toProcessOptions, toProgramPath } from './installation.ts';
import { toSystemCode } from './system-error.ts';

/** A server of the cluster. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Neither starting nor stopping. */
  readonly isReady: boolean;
}

/** A server that was launched, and may have ended since. */
export interface Launch {
  readonly port: number;
  hasEnded(): boolean;
  /** Why it ended. */
  findFailure(): Promise<LaunchFailure>;
}

/** `busy`: another process has, or had a moment ago, its hands on the same data; it is worth another try. */
export interface LaunchFailure {
  readonly reason: 'busy' | 'port-taken' | 'other';
  readonly lines: string;
}

/** Settings of the server by name, as in postgresql.conf. */
export type ServerSettings = Readonly<Record<string, string>>;

const markerName = 'holdfast.folder';
const maximumLogBytes = 5 * 1024 * 1024;
const fastShutdownMs = 30_000;

/** What users write is in statements, in the details of errors, and in errors themselves (`invalid input syntax … "text"`): none is logged. */
const privacySettings: ServerSettings = {
  log_statement: 'none',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** The live server of the cluster, whoever launched it. */
export async function findServer(cluster: Cluster): Promise<RunningServer | undefined> {
  const lock = await readLock(cluster);
  return lock !== undefined && (await isServerOf(cluster, lock.pid)) ? lock : undefined;
}

/** Launches a server; it outlives this process, and listens some moments later. */
export async function launchServer(cluster: Cluster, port: number, settings: ServerSettings): Promise<Launch> {
  await removeStaleLock(cluster);
  const log = await openLog(cluster);
  const { size: logStart } = await log.stat();
  const identity = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...(await toMarker(cluster)),
  };
  const given = Object.entries({ ...privacySettings, ...settings, ...identity }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(
    toProgramPath(cluster.installation, 'postgres'),
    ['-D', toDataArgument(cluster.folder, cluster.installation), ...given],
    {
      ...toProcessOptions(cluster.installation),
      cwd: cluster.folder,
      // A session of its own: Ctrl-C reaches every process of the terminal's, and the server must outlast the connections to it.
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  let spawnError: Error | undefined;
  child.on('error', (error) => (spawnError = error));
  child.unref();
  await log.close();
  return {
    port,
    hasEnded: () => spawnError !== undefined || child.exitCode !== null || child.signalCode !== null,
    findFailure: async () => {
      if (child.exitCode === 0) return { reason: 'busy', lines: 'another process has stopped it' };
      return toFailure(spawnError?.message ?? (await readLogFrom(cluster.logFile, logStart)));
    },
  };
}

/** The port that the cluster was served on last, so that it stays the same; a random one for a new cluster. */
export async function choosePort(cluster: Cluster): Promise<number> {
  const lastCommand = await readFile(join(cluster.folder, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(/"port=(\d+)"/.exec(lastCommand)?.[1] ?? choosePortAtRandom());
}

/** A port that systems do not hand out to outgoing connections, which could take it while the server restarts. */
export function choosePortAtRandom(): number {
  return randomInt(20_000, 30_000);
}

/** Shuts the server down: transactions are rolled back, connections are ended, data is written. Resolves when it is gone. */
export async function shutDown(cluster: Cluster, { pid }: RunningServer): Promise<void> {
  await signal(cluster, pid, 'SIGINT');
  if (await hasGone(cluster, pid, fastShutdownMs)) return;
  // Without the last checkpoint: the next start recovers from the log, as after a crash.
  await signal(cluster, pid, 'SIGQUIT');
  await hasGone(cluster, pid, fastShutdownMs);
}

async function signal({ installation }: Cluster, pid: number, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  try {
    // Windows has no signals; pg_ctl knows how PostgreSQL stands in for them.
    if (process.platform === 'win32') await runProgram(installation, 'pg_ctl', ['kill', name.slice(3), String(pid)]);
    else process.kill(pid, name);
  } catch (error) {
    if (toSystemCode(error) !== 'ESRCH') throw error;
  }
}

async function hasGone(cluster: Cluster, pid: number, patienceMs: number): Promise<boolean> {
  const deadline = Date.now() + patienceMs;
  while (await isServerOf(cluster, pid)) {
    if (Date.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function toFailure(output: string): LaunchFailure {
  const lines = toDecisiveLines(output);
  if (/lock file "postmaster.pid" (?:already exists|is empty)|pre-existing shared memory block/.test(output))
    return { reason: 'busy', lines };
  if (/could not bind .*(?:Address already in use|Only one usage)/.test(output)) return { reason: 'port-taken', lines };
  return { reason: 'other', lines };
}

interface Lock extends RunningServer {
  readonly path: string;
  readonly ageMs: number;
}

/** What postmaster.pid tells; the numbers are NaN while a server that is just starting has not written them yet. */
async function readLock({ folder }: Cluster): Promise<Lock | undefined> {
  const path = join(folder, 'postmaster.pid');
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    const lines = text.split('\n');
    return {
      path,
      pid: Number.parseInt(lines[0] ?? '', 10),
      port: Number.parseInt(lines[3] ?? '', 10),
      isReady: lines[7]?.trim() === 'ready',
      ageMs: Date.now() - mtimeMs,
    };
  } catch (error) {
    if (toSystemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * PostgreSQL itself replaces the lock of a dead process, but refuses to start where the number has gone to another process, as in
 * containers it soon does, and where the lock is empty. Two servers can still not meet: the shared memory of the first one stops the second.
 */
async function removeStaleLock(cluster: Cluster): Promise<void> {
  const lock = await readLock(cluster);
  if (lock === undefined) return;
  const isRemnant = Number.isNaN(lock.pid)
    ? lock.ageMs > 2000
    : isAlive(lock.pid) && (await isUnrelated(cluster, lock.pid));
  if (isRemnant) await rm(lock.path, { force: true });
}

/** A server that bears no mark was launched by hand, and may serve this folder: PostgreSQL shall decide. */
async function isUnrelated(cluster: Cluster, pid: number): Promise<boolean> {
  const command = await findCommand(pid);
  if (command === undefined || (await isServerOf(cluster, pid))) return false;
  return !/\bpostgres\b/.test(command) || command.includes(`${markerName}=`);
}

/**
 * Every server of ours bears its data folder's identity on its command line, the one thing of another account's process that can be read
 * without further rights. A path would be the same after the folder was replaced, and another after it was moved.
 */
async function toMarker({ folder }: Cluster): Promise<ServerSettings> {
  const { dev, ino } = await stat(folder, { bigint: true });
  return { [markerName]: `${dev}:${ino}` };
}

async function isServerOf(cluster: Cluster, pid: number): Promise<boolean> {
  if (Number.isNaN(pid) || !isAlive(pid)) return false;
  const command = await findCommand(pid);
  const marker = (await toMarker(cluster))[markerName];
  return command === undefined ? process.platform === 'win32' : `${command} `.includes(` ${markerName}=${marker} `);
}

/** A process's command line; empty for one that has ended and not been waited for, `undefined` where there is none or Windows. */
async function findCommand(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux')
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    if (process.platform === 'win32') return undefined;
    return (await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)])).stdout.trim();
  } catch {
    return undefined;
  }
}

async function openLog({ logFile, installation: { account } }: Cluster): Promise<FileHandle> {
  const { size } = await stat(logFile).catch(() => ({ size: 0 }));
  if (size > maximumLogBytes) await rename(logFile, `${logFile}.1`).catch(() => {});
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  // Root gives the file away, so that the data's owner can go on without root: it must not be a link to another file.
  const log = await open(logFile, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  if (account !== undefined) await log.chown(account.uid, account.gid);
  return log;
}

async function readLogFrom(path: string, start: number): Promise<string> {
  return (await readFile(path)).subarray(start).toString('utf8');
}
