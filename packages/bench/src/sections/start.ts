import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../cleanup.ts';
import { holdfast } from '../contestants/index.ts';
import { readEnvironment } from '../environment.ts';
import { reportProgress } from '../progress.ts';
import type { Start } from '../results.ts';
import { median } from '../statistics.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const repetitions = 5;
const startLimitMs = 60_000;

/** Time from the command until `GET /readyz` returns 200, with the embedded PostgreSQL, as on a developer's machine. */
export async function measureStart(postgres: string, cleanup: Cleanup): Promise<Start> {
  reportProgress('Starting Holdfast several times');
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-bench-start-'));
  cleanup.add(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
  const node = [process.execPath, ...holdfast.flags, 'apps/server/src/main.ts'];
  const pnpm = findPnpm();
  const measure = (command: string[]) => timeStart(command, dataDir, cleanup);
  const empty = await measure(node);
  const existing: number[] = [];
  const byPnpm: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    existing.push(await measure(node));
    if (pnpm !== null) byPnpm.push(await measure([...pnpm, 'start']));
  }
  return {
    environment: readEnvironment(postgres),
    empty,
    existing: median(existing),
    existingByPnpm: pnpm === null ? null : median(byPnpm),
  };
}

/** The command of the pnpm that started this process, or null. */
function findPnpm(): string[] | null {
  const path = process.env['npm_execpath'];
  if (path === undefined || !path.includes('pnpm')) return null;
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path];
}

async function timeStart([command, ...args]: string[], dataDir: string, cleanup: Cleanup): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(command!, args, {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'development', DATABASE_URL: '', PORT: '0', HOLDFAST_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A new process group, so that a signal reaches the children of pnpm too.
    detached: true,
  });
  cleanup.add(() => stop(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  while (!(await isReady(/http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]))) {
    if (child.exitCode !== null || performance.now() - startedAt > startLimitMs)
      throw new Error(`${command} ${args.join(' ')} did not start:\n${output.slice(-2000)}`);
    await sleep(5);
  }
  const ms = performance.now() - startedAt;
  await stop(child);
  return ms;
}

async function isReady(url: string | undefined): Promise<boolean> {
  if (url === undefined) return false;
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // The streams close when the last process of the group exits.
  const closed = once(child, 'close');
  process.kill(-child.pid!, 'SIGTERM');
  await closed;
}
