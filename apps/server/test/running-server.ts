import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LaunchedServer, launchServer } from '@holdfast/db/testing';
import { afterAll } from 'vitest';

export interface RunningServer {
  base: string;
  process: ChildProcess;
  /** All output so far. */
  output(): string;
}

const started: LaunchedServer[] = [];
const dataDirs: string[] = [];

// Registered here, since a hook that is registered while a test runs is never called.
afterAll(async () => {
  for (const server of started) await server.stop();
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
  const server = await launchServer(main, { PORT: '0', NODE_ENV: 'development', WORKERS: workersOfRun, ...env });
  started.push(server);
  return { base: server.url, process: server.process, output: server.output };
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
