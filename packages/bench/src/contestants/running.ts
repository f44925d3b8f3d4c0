import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../child.ts';
import type { Cleanup } from '../cleanup.ts';
import type { Contestant } from './contestant.ts';

/** A contestant's server process. */
export interface RunningContestant {
  contestant: Contestant;
  url: string;
  pid: number;
  /** The last five log lines that contain `error`. */
  readErrors(): Promise<string>;
  /** Waits until the log has the text so many times. */
  findInLog(text: string, times: number): Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Folder of the log file, and working directory of the process. */
  folder: string;
  databaseUrl: string;
  /** Settings of the token issuer: issuer, audience and key URL. */
  issuerEnv: Record<string, string>;
  cleanup: Cleanup;
}

const startLimitMs = 60_000;
const stopLimitMs = 5_000;
/** Reading the log must not slow down the server. */
const findMs = 500;

let started = 0;

/**
 * Starts one process of the contestant, as in production, and waits until it prints its URL.
 *
 * @throws Error with the output if the process exits, or prints no URL within 60 s.
 */
export async function startContestant(contestant: Contestant, options: StartOptions): Promise<RunningContestant> {
  const logFile = join(options.folder, `${contestant.name}-${started++}.log`);
  // The log goes to a file. This process would have to read a pipe, on the same cores.
  const log = await open(logFile, 'w');
  const child = spawn(process.execPath, [...contestant.flags, fileURLToPath(contestant.main)], {
    cwd: options.folder,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: compileCache,
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      ...options.issuerEnv,
      ...contestant.env,
    },
    stdio: ['ignore', log.fd, log.fd],
    // Only the benchmark's process receives Ctrl-C. Its cleanup then stops the servers in order.
    detached: process.platform !== 'win32',
  });
  await log.close();
  const exited = once(child, 'exit');
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;

  async function stop(): Promise<void> {
    if (hasExited()) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await exited;
    clearTimeout(timer);
  }

  options.cleanup.add(stop);
  async function readErrors(): Promise<string> {
    const lines = (await readFile(logFile, 'utf8')).split('\n');
    return lines
      .filter((line) => /error/i.test(line))
      .slice(-5)
      .join('\n');
  }

  async function findInLog(text: string, times: number): Promise<void> {
    for (;;) {
      if ((await readFile(logFile, 'utf8')).split(text).length > times) return;
      if (hasExited()) throw new Error(`${contestant.title} exited.`);
      await sleep(findMs);
    }
  }

  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const text = await readFile(logFile, 'utf8');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (url !== undefined) return { contestant, url, pid: child.pid!, readErrors, findInLog, stop };
    if (hasExited() || Date.now() > deadline) {
      await stop();
      throw new Error(`${contestant.title} did not start:\n${text.slice(-3000)}`);
    }
    await sleep(20);
  }
}
