import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';

/** Machine, software versions and date of a measurement. */
export interface Environment {
  at: string;
  processor: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  postgres: string;
  commit: string;
}

/** Describes this machine and this checkout. */
export function readEnvironment(postgres: string): Environment {
  return {
    at: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    postgres,
    commit: readCommit(import.meta.dirname),
  };
}

/** The short hash of a checkout's commit, or `unknown`. */
export function readCommit(folder: string): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', cwd: folder }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}
