import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export interface RunningServer {
  base: string;
  process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
}

const started: ChildProcess[] = [];
const dataDirs: string[] = [];

// Registered here, because a hook that is registered while a test runs is never called.
afterAll(async () => {
  for (const child of started) await end(child, 'SIGKILL');
  for (const dataDir of dataDirs) {
    await killPostgres(dataDir).catch(() => {});
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
});

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** Starts the server as `pnpm start` does, in a process of its own, and waits until it serves. */
export async function startServer(env: Record<string, string>): Promise<RunningServer> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env['PATH'], PORT: '0', NODE_ENV: 'development', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const base = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on('data', look);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
  });
  return { base, process: child, output: () => text };
}

/** Sends the signal and waits for the end of the process; gives its exit code. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}

/** A data folder of the test's own; what still serves from it at the end is ended, and the folder removed. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-server-'));
  dataDirs.push(dataDir);
  return dataDir;
}

/** Kills the embedded PostgreSQL of a data folder without a word. */
export async function killPostgres(dataDir: string): Promise<void> {
  const [pid] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');
}
