import { CompiledQuery } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import { eraseUsers } from '../schema/erase-users.ts';
import type { AuthStore } from '../stores/auth-store.ts';

/**
 * Removes a user and everything that belongs to them in all tables, in one transaction. All access ends: session tokens at once,
 * and JWTs after at most 60 seconds. For a user with many tasks, call `eraseRecords` first.
 *
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function eraseUser({ kysely }: AuthStore, userId: string): Promise<void> {
  try {
    await kysely
      .transaction()
      .execute((transaction) =>
        eraseUsers((text, values) => transaction.executeQuery(CompiledQuery.raw(text, values)), [userId]),
      );
  } catch (error) {
    throw toNamedError(error);
  }
}
