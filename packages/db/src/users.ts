import { sql } from 'kysely';
import { createStatement } from './statement.ts';
import { toIsoTime } from './tables.ts';
import type { Profile, UserScope } from './user-scope.ts';

/** A user as they see themselves. Times are ISO 8601 in UTC with milliseconds. */
export interface UserRecord {
  id: string;
  email: string | null;
  name: string | null;
  createdAt: string;
}

const getUserStatement = createStatement<Profile & { userId: string }>('user_get', (db, parameter) =>
  db
    .insertInto('users')
    .values({ id: parameter('userId'), email: parameter('email'), name: parameter('name') })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        email: sql<string | null>`coalesce(excluded.email, users.email)`,
        name: sql<string | null>`coalesce(excluded.name, users.name)`,
      }),
    )
    .returning(['id', 'email', 'name', 'created_at']),
);

/**
 * The scope's own user, made at first need. What the token says of e-mail and name is kept where it differs from what
 * was known; a token that says nothing of them erases nothing.
 */
export async function getUser(scope: UserScope): Promise<UserRecord> {
  const [row] = await scope.run(getUserStatement, { userId: scope.userId, ...scope.profile });
  const [id, email, name, createdAt] = row!;
  return { id: id!, email: email!, name: name!, createdAt: toIsoTime(createdAt!) };
}
