import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toProcessEnvironment } from './installation.ts';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './open.ts';
import type { ServerSettings } from './postmaster.ts';

const watchdogScript = fileURLToPath(new URL(`./watchdog${extname(import.meta.filename)}`, import.meta.url));

const scratchSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

interface ScratchOptions {
  settings?: ServerSettings;
  /** Fills the data folder before the start, for example with a copy. Default: the folder is empty. */
  prepare?: (dataDir: string) => Promise<void>;
}

/**
 * Starts a temporary PostgreSQL that never waits for the disk. `stop` removes it and its data; so does a watchdog process if this process
 * ends without `stop`.
 *
 * @throws {EmbeddedPostgresError} if no server can run.
 */
export async function openScratchServer({ prepare, ...options }: ScratchOptions = {}): Promise<EmbeddedPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-scratch-'));
  const settings = { ...scratchSettings, ...options.settings };
  const dismissWatchdog = startWatchdog(dataDir);
  const remove = async () => {
    await rm(dataDir, { recursive: true, force: true });
    dismissWatchdog();
  };
  try {
    await prepare?.(dataDir);
    const server = await openEmbeddedPostgres({ dataDir, settings });
    return { ...server, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @returns a function that ends the watchdog. Call it after the data folder is removed. */
function startWatchdog(dataDir: string): () => void {
  // Detached, because Ctrl-C ends every process of the terminal's session.
  const child = spawn(process.execPath, [watchdogScript, dataDir], {
    detached: true,
    windowsHide: true,
    env: toProcessEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
  }) as ChildProcessByStdio<Socket, null, null>;
  // Without a watchdog, only `stop` ends the server.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  child.stdin.unref();
  return () => void child.stdin.destroy();
}
