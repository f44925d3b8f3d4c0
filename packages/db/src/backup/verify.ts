import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { openScratchDatabase } from '../scratch/database.ts';
import { loadEmbeddedPostgres } from '../scratch/embedded.ts';
import { BackupError } from './error.ts';
import type { OnProgress } from './progress.ts';
import { restoreBackup, type RestoreResult } from './restore.ts';

export interface VerifyOptions {
  readonly source: AsyncIterable<Buffer>;
  /** URL of the server for the scratch database. Its user needs createdb. Default: an embedded server. */
  readonly server?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface Verification extends RestoreResult {
  /** How many milliseconds the restore took. A real restore takes about as long. */
  readonly restoreMs: number;
}

/**
 * Verifies a backup: restores it into a scratch database, compares, and drops the database.
 *
 * @throws BackupError
 */
export function verifyBackup(options: VerifyOptions): Promise<Verification> {
  return withScratchRestore(options, async (verification) => verification);
}

/** Restores a backup into a scratch database and drops that database after `work`. */
export async function withScratchRestore<Result>(
  { source, server, signal, onProgress }: VerifyOptions,
  work: (verification: Verification, url: string) => Promise<Result>,
): Promise<Result> {
  const { url, drop } = await openScratch(server, signal);
  try {
    const startedAt = performance.now();
    const restored = await restoreBackup({ url, source, signal, onProgress });
    return await work({ ...restored, restoreMs: performance.now() - startedAt }, url);
  } finally {
    await drop();
  }
}

async function openScratch(
  server: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ url: string; drop: () => Promise<void> }> {
  if (server === undefined) {
    const { openScratchServer } = await loadEmbeddedPostgres();
    const { url, stop } = await openScratchServer();
    return { url, drop: stop };
  }
  try {
    const { url, drop } = await openScratchDatabase(server, {
      prefix: 'holdfast_verify',
      template: `template0 encoding 'UTF8'`,
      signal,
    });
    return { url, drop: () => drop().catch((error: unknown) => throwScratchLeft(url, error)) };
  } catch (error) {
    const named = toNamedError(error);
    if (!(named instanceof AccessRefusedError)) throw named;
    throw new BackupError(
      'SCRATCH_REFUSED',
      'The user in --server cannot create databases. Grant it createdb, use another user, or omit --server for an embedded server.',
      { cause: error },
    );
  }
}

function throwScratchLeft(url: string, cause: unknown): never {
  const name = new URL(url).pathname.slice(1);
  throw new BackupError(
    'SCRATCH_LEFT',
    `The scratch database ${name} could not be dropped and contains the data of the backup. Drop it on the server given with --server.`,
    { cause },
  );
}
