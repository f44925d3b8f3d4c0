import { sql } from 'kysely';
import { DatabaseUnavailableError, UserErasedError } from '../errors.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type Profile, type UserScope } from '../scope/user-scope.ts';
import { findAccount, selectedUserColumns } from './account.ts';
import { toUser, userColumns, type UserRecord } from './record.ts';

/** The value of the account or of the token; if it is null, the stored value. */
const newest = (column: 'email' | 'name') =>
  sql<string | null>`coalesce(excluded.${sql.ref(column)}, users.${sql.ref(column)})`;

/** Writes only if the row is missing or differs. */
export const getUserStatement = createStatement<Profile & { userId: string }>(
  'user_get',
  (db, { value }) =>
    db
      .with('account', findAccount)
      .with('written', (query) =>
        query
          .insertInto('users')
          .columns(['id', 'email', 'name', 'created_at'])
          .expression((from) =>
            from
              .selectFrom('account')
              .select([
                sql<string>`${value('userId')}::uuid`.as('id'),
                sql<string | null>`coalesce(account.email, ${value('email')})`.as('email'),
                sql<string | null>`coalesce(account.name, ${value('name')})`.as('name'),
                sql<string>`coalesce(account.created_at, now())`.as('created_at'),
              ]),
          )
          .onConflict((conflict) =>
            conflict
              .column('id')
              .doUpdateSet({ email: newest('email'), name: newest('name') })
              .where(sql<boolean>`(users.email, users.name) is distinct from (${newest('email')}, ${newest('name')})`),
          )
          .returning(userColumns),
      )
      .selectFrom('written')
      .select(selectedUserColumns)
      .unionAll((query) =>
        query
          .selectFrom('users')
          .select(selectedUserColumns)
          .where('id', '=', value('userId'))
          .where(({ not, exists, selectFrom }) => not(exists(selectFrom('written').select('id')))),
      ),
  { isIdempotent: true },
);

/** The same values without a write, for users with an account in the built-in sign-in. */
export const readUserStatement = createStatement<{ userId: string }>('user_read', (db, { value }) =>
  db
    .with('account', findAccount)
    .selectFrom('account')
    .leftJoin('users', (join) => join.on('users.id', '=', value('userId')))
    .where(({ or, eb }) => or([eb('users.id', 'is not', null), eb('account.created_at', 'is not', null)]))
    .select([
      sql<string>`${value('userId')}::uuid`.as('id'),
      sql<string | null>`coalesce(account.email, users.email)`.as('email'),
      sql<string | null>`coalesce(account.name, users.name)`.as('name'),
      sql<string>`coalesce(account.created_at::timestamptz(3), users.created_at)`.as('created_at'),
      'users.time_zone',
    ]),
);

/**
 * Returns the scope's user. The first call creates the row. With the built-in sign-in, the e-mail address, the name and the
 * time are those of the account, also for an old token. With another issuer, later calls store the e-mail address and the
 * name of the token if they differ; a token without them changes nothing. A read-only scope writes nothing.
 *
 * @throws UserErasedError
 */
export async function getUser(scope: UserScope): Promise<UserRecord> {
  const { run, isReadOnly } = internalsOf(scope);
  if (isReadOnly) {
    const [row] = await run(readUserStatement, { userId: scope.userId });
    if (row === undefined) throw new UserErasedError();
    return toUser(row);
  }
  const read = () => run(getUserStatement, { userId: scope.userId, ...scope.profile });
  // If another call creates the row at the same moment, the first statement's snapshot does not show it.
  const row = (await read())[0] ?? (await read())[0];
  if (row !== undefined) return toUser(row);
  // The row was deleted between the two statements.
  throw new DatabaseUnavailableError({ isRetryable: true });
}
