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

/**
 * Creates a scratch database and drops it, so that a verification later does not fail for lack of one.
 *
 * @throws BackupError `SCRATCH_REFUSED` or `SCRATCH_LEFT`
 */
export async function assertScratchPossible({ server, signal }: Omit<VerifyOptions, 'source'>): Promise<void> {
  const { drop } = await openScratch(server, signal);
  await drop();
}

async function openScratch(
  server: string | undefined,
  signal: AbortSignal | undefined,
): Promise<{ url: string; drop: () => Promise<void> }> {
  if (server === undefined) {
    const { url, stop } = await openEmbedded();
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

async function openEmbedded() {
  try {
    const { openScratchServer } = await loadEmbeddedPostgres();
    return await openScratchServer();
  } catch (cause) {
    // The codes of @holdfast/embedded-postgres for a machine on which its PostgreSQL is not installed or does not run.
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code !== 'PLATFORM' && code !== 'ROOT' && code !== 'NOT_INSTALLED') throw cause;
    throw new BackupError(
      'SCRATCH_REFUSED',
      'This installation has no embedded PostgreSQL to verify a backup on. Pass --server with the URL of a PostgreSQL server, as a user with createdb.',
      { cause },
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
