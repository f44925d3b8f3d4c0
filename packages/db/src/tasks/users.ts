import { sql } from 'kysely';
import { toIsoTime } from '../schema/row-types.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import type { Profile, UserScope } from '../scope/user-scope.ts';

/** A user as they see themselves. Times are ISO 8601 in UTC with milliseconds. */
export interface UserRecord {
  id: string;
  email: string | null;
  name: string | null;
  createdAt: string;
}

const userColumns = ['id', 'email', 'name', 'created_at'] as const;

/** What a token says nothing of stays as it was. */
const known = (column: 'email' | 'name') =>
  sql<string | null>`coalesce(excluded.${sql.ref(column)}, users.${sql.ref(column)})`;

/** Writes only what is new, so that asking who one is leaves nothing behind. */
export const getUserStatement = createStatement<Profile & { userId: string }>(
  'user_get',
  (db, parameter) =>
    db
      .with('kept', (query) =>
        query
          .insertInto('users')
          .values({ id: parameter('userId'), email: parameter('email'), name: parameter('name') })
          .onConflict((conflict) =>
            conflict
              .column('id')
              .doUpdateSet({ email: known('email'), name: known('name') })
              .where(sql<boolean>`(users.email, users.name) is distinct from (${known('email')}, ${known('name')})`),
          )
          .returning(userColumns),
      )
      .selectFrom('kept')
      .select(userColumns)
      .unionAll((query) =>
        query
          .selectFrom('users')
          .select(userColumns)
          .where('id', '=', parameter('userId'))
          .where(({ not, exists, selectFrom }) => not(exists(selectFrom('kept').select('id')))),
      ),
  { isRepeatable: true },
);

/**
 * The scope's own user, made at first need. What the token says of e-mail and name is kept where it differs from what
 * was known; a token that says nothing of them erases nothing.
 */
export async function getUser(scope: UserScope): Promise<UserRecord> {
  const ask = () => scope.run(getUserStatement, { userId: scope.userId, ...scope.profile });
  const [row] = await ask();
  // A row that another call has made at this very moment is there, and cannot be seen by a statement that began before.
  const [id, email, name, createdAt] = row ?? (await ask())[0]!;
  return { id: id!, email: email!, name: name!, createdAt: toIsoTime(createdAt!) };
}
