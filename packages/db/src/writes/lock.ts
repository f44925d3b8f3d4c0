import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import type { Profile } from '../scope/user-scope.ts';

/**
 * The first statement of each write: creates the user's row at first need, and takes the next revision. The lock on the row
 * lasts until the end of the transaction, so that the writes of one user run one after the other.
 */
export const lockUserStatement = createStatement<Profile & { userId: string }>(
  'user_lock',
  (db, { value }) =>
    db
      .insertInto('users')
      .values({ id: value('userId'), email: value('email'), name: value('name'), revision: sql`1` })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ revision: sql`${sql.ref('users.revision')} + 1` }))
      .returning('revision'),
  // A repetition skips a revision, which changes nothing for readers.
  { isIdempotent: true, takesRevision: true },
);
