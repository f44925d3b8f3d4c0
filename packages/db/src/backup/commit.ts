import type { ClientBase } from 'pg';
import { detach } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { BackupError } from './error.ts';

/** Commits a transaction. From here on, an interruption no longer ends the connection. */
export async function commit(client: ClientBase): Promise<void> {
  detach(client);
  try {
    await client.query('commit');
  } catch (error) {
    throw toCommitError(error);
  }
}

/** Maps an error of a commit. If the server did not confirm the commit, its outcome is unknown. */
export function toCommitError(error: unknown): unknown {
  const named = toNamedError(error);
  if (!(named instanceof DatabaseUnavailableError) || named.isRetryable) return named;
  return new BackupError(
    'OUTCOME_UNKNOWN',
    'The connection was lost during the commit, so its outcome is unknown. Run the same command again, which is safe. If it reports a database that is not empty, the restore was complete.',
    { cause: error },
  );
}
