import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programEnv } from '@holdfast/db/testing';
import { afterAll } from 'vitest';

export interface RunningServer {
  base: string;
  process: ChildProcess;
  /** All output so far. */
  output(): string;
}

const started: ChildProcess[] = [];
const dataDirs: string[] = [];

// Registered here, since a hook that is registered while a test runs is never called.
afterAll(async () => {
  for (const child of started) await end(child, 'SIGKILL');
  for (const dataDir of dataDirs) {
    await killPostgres(dataDir).catch(() => {});
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
});

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** With `WORKERS=2 pnpm test`, all servers of the tests have two workers. */
export const workersOfRun = process.env['WORKERS'] ?? '1';

/** Starts the server in a separate process as `pnpm start` does, and waits until it listens. */
export async function startServer(env: Record<string, string>): Promise<RunningServer> {
  const child = spawn(process.execPath, [main], {
    env: { ...programEnv, PORT: '0', NODE_ENV: 'development', WORKERS: workersOfRun, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  const base = await new Promise<string>((resolve, reject) => {
    const findUrl = () => {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on('data', findUrl);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
  });
  return { base, process: child, output: () => text };
}

export type Line = Record<string, unknown>;

/** Adds all complete log lines of a server to the list: those so far, and further ones as they arrive. */
export function collectLines(server: RunningServer, lines: Line[] = []): Line[] {
  let rest = '';
  const read = (text: string) => {
    const added = (rest + text).split('\n');
    rest = added.pop()!;
    for (const line of added) if (line.startsWith('{')) lines.push(JSON.parse(line) as Line);
  };
  read(server.output());
  server.process.stdout!.on('data', (chunk) => read(String(chunk)));
  return lines;
}

/** Sends the signal, waits for the end of the process, and returns its exit code. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, 'exit');
  }
  return child.exitCode;
}

/** Creates a data folder. After the tests, its PostgreSQL is killed and the folder removed. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-server-'));
  dataDirs.push(dataDir);
  return dataDir;
}

/** Kills the embedded PostgreSQL of a data folder with SIGKILL. */
export async function killPostgres(dataDir: string): Promise<void> {
  const [pid] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGKILL');
}
