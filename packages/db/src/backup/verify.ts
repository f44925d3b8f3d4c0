import { toNamedError } from '../connection/driver-error.ts';
import { AccessRefusedError } from '../errors.ts';
import { openScratchDatabase } from '../scratch/database.ts';
import { loadEmbeddedPostgres } from '../scratch/embedded.ts';
import { BackupError } from './error.ts';
import type { OnProgress } from './progress.ts';
import { restoreBackup, type Restored } from './restore.ts';

export interface VerifyOptions {
  readonly source: AsyncIterable<Buffer>;
  /** A server to make the scratch database on, as a user who may; an embedded one where there is none. */
  readonly server?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

export interface Proof extends Restored {
  /** How long the restore took: what to expect when it is needed. */
  readonly restoreMs: number;
}

/**
 * Proves a backup by restoring it into a scratch database, which is gone afterwards.
 *
 * @throws BackupError
 */
export function verifyBackup(options: VerifyOptions): Promise<Proof> {
  return withRestored(options, async (restored) => restored);
}

/** Restores a backup into a scratch database that is there while the work is done. */
export async function withRestored<Result>(
  { source, server, signal, onProgress }: VerifyOptions,
  work: (restored: Proof, url: string) => Promise<Result>,
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
    return { url, drop: () => drop().catch((error: unknown) => throwLeft(url, error)) };
  } catch (error) {
    const named = toNamedError(error);
    if (!(named instanceof AccessRefusedError)) throw named;
    throw new BackupError(
      'SCRATCH_REFUSED',
      'The user that --server names may not make a database: grant it createdb, name another, or leave --server out for an embedded server.',
      { cause: error },
    );
  }
}

function throwLeft(url: string, cause: unknown): never {
  const name = new URL(url).pathname.slice(1);
  throw new BackupError(
    'SCRATCH_LEFT',
    `The database ${name}, which was made to verify in, could not be removed, and holds what the backup holds: drop it on the server that --server names.`,
    { cause },
  );
}
