import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from '../cleanup.ts';
import { holdfast } from '../contestants/index.ts';
import { readEnvironment } from '../environment.ts';
import { startLocalServer } from '../local-server.ts';
import { reportProgress } from '../progress.ts';
import type { Start } from '../results.ts';
import { median } from '../statistics.ts';

const repetitions = 5;

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

async function timeStart(command: string[], dataDir: string, cleanup: Cleanup): Promise<number> {
  const startedAt = performance.now();
  const server = await startLocalServer(command, dataDir, cleanup);
  const ms = performance.now() - startedAt;
  await server.stop();
  return ms;
}
