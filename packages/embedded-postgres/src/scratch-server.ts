import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EmbeddedPostgres, openEmbeddedPostgres } from './open.ts';
import type { ServerSettings } from './postmaster.ts';

const endScript = fileURLToPath(new URL(`./watchdog${extname(import.meta.filename)}`, import.meta.url));

const scratchSettings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };

/**
 * Starts a PostgreSQL whose data is gone once it is stopped, and which therefore never waits for the disk. It is gone as
 * well once this process has ended in any other way.
 */
export async function openScratchServer(options: { settings?: ServerSettings } = {}): Promise<EmbeddedPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-scratch-'));
  const settings = { ...scratchSettings, ...options.settings };
  const release = endWithThisProcess(dataDir);
  try {
    const server = await openEmbeddedPostgres({ dataDir, settings });
    const stop = async () => {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
      release();
    };
    return { ...server, stop };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    release();
    throw error;
  }
}

/** @returns what tells that nothing is left to be ended. */
function endWithThisProcess(dataDir: string): () => void {
  // A session of its own: Ctrl-C reaches every process of the terminal's.
  const child = spawn(process.execPath, [endScript, dataDir], {
    detached: true,
    windowsHide: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  }) as ChildProcessByStdio<Socket, null, null>;
  // Where there is no such process, the server is stopped in order or stays.
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  child.stdin.unref();
  return () => void child.stdin.destroy();
}
