import { sql } from 'kysely';
import { DatabaseUnavailableError } from '../errors.ts';
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

/**
 * Returns the scope's user. The first call creates the row. With the built-in sign-in, the e-mail address, the name and the
 * time are those of the account, also for an old token. With another issuer, later calls store the e-mail address and the
 * name of the token if they differ; a token without them changes nothing.
 *
 * @throws UserErasedError
 */
export async function getUser(scope: UserScope): Promise<UserRecord> {
  const { run } = internalsOf(scope);
  const read = () => run(getUserStatement, { userId: scope.userId, ...scope.profile });
  // If another call creates the row at the same moment, the first statement's snapshot does not show it.
  const row = (await read())[0] ?? (await read())[0];
  if (row !== undefined) return toUser(row);
  // The row was deleted between the two statements.
  throw new DatabaseUnavailableError({ isRetryable: true });
}
