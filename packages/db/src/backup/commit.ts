import type { ClientBase } from 'pg';
import { detach } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { DatabaseUnavailableError } from '../errors.ts';
import { BackupError } from './error.ts';

/** Commits what no interruption shall cut off any more. */
export async function commit(client: ClientBase): Promise<void> {
  detach(client);
  try {
    await client.query('commit');
  } catch (error) {
    throw toCommitError(error);
  }
}

/** What to say where the connection was lost after everything had been done and before the commit was answered. */
export function toCommitError(error: unknown): unknown {
  const named = toNamedError(error);
  if (!(named instanceof DatabaseUnavailableError) || named.isRetryable) return named;
  return new BackupError(
    'OUTCOME_UNKNOWN',
    'The connection was lost just as everything was to be kept, so all of it is there or nothing: do the same again, which does no harm. Where a database is then said not to be empty, the whole restore was kept.',
    { cause: error },
  );
}
