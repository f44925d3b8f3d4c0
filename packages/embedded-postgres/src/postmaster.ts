import { execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { constants, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isAlive, toDataArgument, type Cluster } from './cluster.ts';
import { toDecisiveLines, toSystemCode } from './error.ts';
import { runProgram, toProcessEnvironment, toProcessOptions, toProgramPath } from './installation.ts';

/** A running server of the cluster. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** False while the server starts or stops. */
  readonly isReady: boolean;
}

/** A server process that this process has launched. */
export interface Launch {
  readonly port: number;
  hasEnded(): boolean;
  /** Returns the reason why it ended. */
  findFailure(): Promise<LaunchFailure>;
}

/** `busy`: another process uses the same data, or did a moment ago; a retry can help. */
export interface LaunchFailure {
  readonly reason: 'busy' | 'port-taken' | 'other';
  readonly lines: string;
}

/** Server settings by name, as in postgresql.conf. */
export type ServerSettings = Readonly<Record<string, string>>;

const markerName = 'holdfast.folder';
const maximumLogBytes = 5 * 1024 * 1024;
const fastShutdownMs = 30_000;

/** Statements, error details and some errors (`invalid input syntax … "text"`) contain texts of users, so the server does not log them. */
const privacySettings: ServerSettings = {
  log_statement: 'none',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** Finds the running server of the cluster, even if another process launched it. */
export async function findServer(cluster: Cluster): Promise<RunningServer | undefined> {
  const lock = await readLock(cluster);
  return lock !== undefined && (await isServerOf(cluster, lock.pid)) ? lock : undefined;
}

/** Launches a server that outlives this process. It accepts connections later: use `findServer` and `isReady`. */
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
  const settingArgs = Object.entries({ ...privacySettings, ...settings, ...identity }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(
    toProgramPath(cluster.installation, 'postgres'),
    ['-D', toDataArgument(cluster.folder, cluster.installation), ...settingArgs],
    {
      ...toProcessOptions(cluster.installation),
      cwd: cluster.folder,
      // Detached, because Ctrl-C ends every process of the terminal's session, and the server must end after its clients.
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
      if (child.exitCode === 0) return { reason: 'busy', lines: 'another process stopped it' };
      return toFailure(spawnError?.message ?? (await readLogFrom(cluster.logFile, logStart)));
    },
  };
}

/** Returns the last port of the cluster, so that its URL stays the same, or a random port for a new cluster. */
export async function choosePort(cluster: Cluster): Promise<number> {
  const lastCommand = await readFile(join(cluster.folder, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(/"port=(\d+)"/.exec(lastCommand)?.[1] ?? choosePortAtRandom());
}

/** Returns a port below the ephemeral range, so that no outgoing connection takes it while the server restarts. */
export function choosePortAtRandom(): number {
  return randomInt(20_000, 30_000);
}

/** Shuts the server down (fast mode: roll back, disconnect, checkpoint). Resolves when its process has ended. */
export async function shutDown(cluster: Cluster, { pid }: RunningServer): Promise<void> {
  await signal(cluster, pid, 'SIGINT');
  if (await waitForExit(cluster, pid, fastShutdownMs)) return;
  // Immediate mode, without a checkpoint: the next start recovers as after a crash.
  await signal(cluster, pid, 'SIGQUIT');
  await waitForExit(cluster, pid, fastShutdownMs);
}

async function signal({ installation }: Cluster, pid: number, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  try {
    // Windows has no signals. pg_ctl uses PostgreSQL's replacement for them.
    if (process.platform === 'win32')
      await runProgram(installation, 'pg_ctl', { args: ['kill', name.slice(3), String(pid)] });
    else process.kill(pid, name);
  } catch (error) {
    if (toSystemCode(error) !== 'ESRCH') throw error;
  }
}

async function waitForExit(cluster: Cluster, pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
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

/** Reads postmaster.pid. The numbers are NaN until a starting server has written them. */
async function readLock({ folder }: Cluster): Promise<Lock | undefined> {
  const path = join(folder, 'postmaster.pid');
  try {
    const [{ mtimeMs }, text] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    const lines = text.split('\n');
    return {
      path,
      pid: Number.parseInt(lines[0] ?? '', 10),
      port: Number.parseInt(lines[3] ?? '', 10),
      // A server that follows another one accepts reads.
      isReady: /^(?:ready|standby)$/.test(lines[7]?.trim() ?? ''),
      ageMs: Date.now() - mtimeMs,
    };
  } catch (error) {
    if (toSystemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes a stale postmaster.pid. PostgreSQL replaces the file of a dead process, but refuses to start if the file is empty or if another
 * process has the same ID, which is common in containers. Two servers on the same data remain impossible: the shared memory of the first
 * one stops the second.
 */
async function removeStaleLock(cluster: Cluster): Promise<void> {
  const lock = await readLock(cluster);
  if (lock === undefined) return;
  const isRemnant = Number.isNaN(lock.pid)
    ? lock.ageMs > 2000
    : isAlive(lock.pid) && (await isUnrelated(cluster, lock.pid));
  if (isRemnant) await rm(lock.path, { force: true });
}

/** A postgres process without the marker was launched by hand and may serve this folder, so PostgreSQL must decide. */
async function isUnrelated(cluster: Cluster, pid: number): Promise<boolean> {
  const command = await findCommand(pid);
  if (command === undefined || (await isServerOf(cluster, pid))) return false;
  return !/\bpostgres\b/.test(command) || command.includes(`${markerName}=`);
}

/**
 * Returns the setting that identifies the data folder on the command line of its server. The command line is the only property of another
 * account's process that needs no rights to read. Device and inode instead of the path: a path stays the same if the folder is replaced,
 * and changes if the folder is moved.
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

/** Returns the command line of a process: empty for a zombie, `undefined` if there is no such process, and on Windows. */
async function findCommand(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux')
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    if (process.platform === 'win32') return undefined;
    return (
      await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { env: toProcessEnvironment() })
    ).stdout.trim();
  } catch {
    return undefined;
  }
}

async function openLog({ logFile, installation: { account } }: Cluster): Promise<FileHandle> {
  const { size } = await stat(logFile).catch(() => ({ size: 0 }));
  if (size > maximumLogBytes) await rename(logFile, `${logFile}.1`).catch(() => {});
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  // Root makes the data's owner the owner of the log, for later starts without root. O_NOFOLLOW, because the path could be a link.
  const log = await open(logFile, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
  if (account !== undefined) await log.chown(account.uid, account.gid);
  return log;
}

async function readLogFrom(path: string, start: number): Promise<string> {
  return (await readFile(path)).subarray(start).toString('utf8');
}
