import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Closings } from '../closings.ts';
import type { Contestant } from './contestant.ts';

/** A contestant's server process. */
export interface RunningContestant {
  contestant: Contestant;
  url: string;
  pid: number;
  /** The last lines that it wrote about errors. */
  readErrors(): Promise<string>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Where its output goes. */
  folder: string;
  databaseUrl: string;
  /** What tells it which tokens to trust. */
  issuerEnv: Record<string, string>;
  closings: Closings;
}

const startLimitMs = 60_000;
const stopLimitMs = 5_000;

let started = 0;

/** Starts one process of the contestant, as in production, and waits until it says where it listens. */
export async function startContestant(contestant: Contestant, options: StartOptions): Promise<RunningContestant> {
  const logFile = join(options.folder, `${contestant.name}-${started++}.log`);
  // A file, as under a service manager: a pipe would have to be read by this process, on the same cores.
  const log = await open(logFile, 'w');
  const child = spawn(process.execPath, [...contestant.flags, fileURLToPath(contestant.main)], {
    cwd: options.folder,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      PORT: '0',
      DATABASE_URL: options.databaseUrl,
      ...options.issuerEnv,
      ...contestant.env,
    },
    stdio: ['ignore', log.fd, log.fd],
    // Ctrl-C is for the rig, which then stops its children in order.
    detached: process.platform !== 'win32',
  });
  await log.close();
  const ended = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;

  async function stop(): Promise<void> {
    if (hasEnded()) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
    await ended;
    clearTimeout(timer);
  }

  options.closings.add(stop);
  async function readErrors(): Promise<string> {
    const lines = (await readFile(logFile, 'utf8')).split('\n');
    return lines
      .filter((line) => /error/i.test(line))
      .slice(-5)
      .join('\n');
  }

  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const text = await readFile(logFile, 'utf8');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (url !== undefined) return { contestant, url, pid: child.pid!, readErrors, stop };
    if (hasEnded() || Date.now() > deadline) {
      await stop();
      throw new Error(`${contestant.title} did not start:\n${text.slice(-3000)}`);
    }
    await sleep(20);
  }
}
