import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from 'pg';
import { expect, inject } from 'vitest';
import { takeBackup } from '../../src/backup/backup.ts';
import { readBackupFile, writeBackupFile } from '../../src/backup/file.ts';
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

/** Backs up a database to a new temporary folder. */
export async function backUp(url: string): Promise<{ file: string; manifest: Manifest }> {
  const file = join(makeFolder(), 'backup.tar');
  return { file, manifest: await takeBackup({ url, write: (bytes) => writeBackupFile(file, bytes) }) };
}

/** Verifies on the server of the tests, which is faster than starting an embedded one. */
export function verify(file: string) {
  return verifyBackup({ source: readBackupFile(file), server });
}

export async function openEmpty(): Promise<string> {
  return (await openBareDatabase({ empty: true })).url;
}

/** Lists all objects that were created in a database. */
export const objectsSql = `
select nspname || '.' || relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
where nspname !~ '^pg_' and nspname <> 'information_schema'`;

/** Returns the hashes of all tables by name. */
export function toHashes({ tables }: Pick<Manifest, 'tables'>): Record<string, string> {
  return Object.fromEntries(tables.map(({ name, sha256 }) => [name, sha256]));
}

export interface Run {
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** Runs `pnpm db` for a database, with `command` before the path of the CLI. */
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

/** Waits until a COPY has processed some bytes. */
export async function waitForCopy(sql: Client, command: 'COPY FROM' | 'COPY TO' = 'COPY FROM'): Promise<void> {
  const copying = `select from pg_stat_progress_copy where datname = current_database() and bytes_processed > 0 and command = $1`;
  await expect.poll(async () => (await sql.query(copying, [command])).rowCount, { interval: 1 }).toBeGreaterThan(0);
}

/** Lists the folder of a file, including hidden files. */
export function listFolderOf(file: string): string[] {
  return readdirSync(join(file, '..'));
}

/** Returns the first program that is not installed, or undefined if all of them are. */
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
