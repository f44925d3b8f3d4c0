import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { expect, inject } from 'vitest';
import { takeBackup } from '../../src/backup/backup.ts';
import { readFrom, writeTo } from '../../src/backup/file.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { verifyBackup } from '../../src/backup/verify.ts';
import { atEnd, openBareDatabase } from '../fixture.ts';

export const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
export const { url: server, superuserUrl } = inject('testServer');

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-backup-'));
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Backs a database up into a folder of the test's own. */
export async function backUp(url: string): Promise<{ file: string; manifest: Manifest }> {
  const file = join(makeFolder(), 'backup.tar');
  return { file, manifest: await takeBackup({ url, write: (bytes) => writeTo(file, bytes) }) };
}

/** The backup is restored on the tests' server, which is faster than starting another. */
export function verify(file: string) {
  return verifyBackup({ source: readFrom(file), server });
}

export async function openEmpty(): Promise<string> {
  return (await openBareDatabase({ empty: true })).url;
}

/** Everything that was made in a database. */
export const objectsSql = `
select nspname || '.' || relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where nspname !~ '^pg_' and nspname <> 'information_schema'`;

/** The hashes of all tables, by name. */
export function toHashes({ tables }: Pick<Manifest, 'tables'>): Record<string, string> {
  return Object.fromEntries(tables.map(({ name, sha256 }) => [name, sha256]));
}

export interface Run {
  readonly child: ChildProcess;
  /** Once it has ended. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Runs `pnpm db` on a database, or another command that ends in it. */
export function runCli(url: string, args: string[], command: string[] = [process.execPath]): Run {
  const child = spawn(command[0]!, [...command.slice(1), cli, ...args], {
    env: { ...process.env, DATABASE_URL: '', DATABASE_URL_UNPOOLED: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(async () => void child.kill('SIGKILL'));
  const ended = Promise.all([child.stdout.toArray(), child.stderr.toArray()]).then(async ([stdout, stderr]) => {
    if (child.exitCode === null && child.signalCode === null) await new Promise((end) => child.once('exit', end));
    return { code: child.exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  });
  return { child, ended };
}

/** Waits until rows are being copied into the database, or out of it. */
export async function waitForCopy(sql: Client, command: 'COPY FROM' | 'COPY TO' = 'COPY FROM'): Promise<void> {
  const copying = `select from pg_stat_progress_copy where datname = current_database() and bytes_processed > 0 and command = $1`;
  await expect.poll(async () => (await sql.query(copying, [command])).rowCount, { interval: 1 }).toBeGreaterThan(0);
}

/** What is in a folder, hidden files too. */
export function list(file: string): string[] {
  return readdirSync(join(file, '..'));
}

/** Why a program is not there to be tested with; undefined when all of them are. */
export function findMissingProgram(...programs: string[]): string | undefined {
  return programs.find((program) => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}
