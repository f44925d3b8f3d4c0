import { sql } from 'kysely';
import { DatabaseUnavailableError } from '../errors.ts';
import { columnsOf, createReader, readOptionalText, readText, readTime, type RecordOf } from '../records/fields.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type Profile, type UserScope } from '../scope/user-scope.ts';

/** The field table of users. */
const fields = {
  /** UUID. */
  id: { columns: { id: 'uuid' }, read: readText },
  /** Of the account in the built-in sign-in; otherwise as in the user's last token that named one. */
  email: { columns: { email: 'text' }, read: readOptionalText },
  /** Of the account in the built-in sign-in; otherwise as in the user's last token that named one. */
  name: { columns: { name: 'text' }, read: readOptionalText },
  /** Time at which the account in the built-in sign-in was created; otherwise of the user's first call. */
  createdAt: { columns: { created_at: 'timestamptz' }, read: readTime },
} as const;

/** A user. Times are ISO 8601 in UTC with milliseconds. */
export interface UserRecord extends RecordOf<typeof fields> {}

const columns = columnsOf(fields);
const toUser: (row: (string | null)[]) => UserRecord = createReader(fields);

interface Account {
  email: string | null;
  name: string | null;
  created_at: string | null;
}

/** The value of the account or of the token; if it is null, the stored value. */
const newest = (column: 'email' | 'name') =>
  sql<string | null>`coalesce(excluded.${sql.ref(column)}, users.${sql.ref(column)})`;

/** The time of the account is the true one; that of the row may be later. */
const createdAt = sql<string>`coalesce((select created_at from account)::timestamptz(3), created_at)`.as('created_at');
const selected = [...columns.filter((column) => column !== 'created_at'), createdAt] as const;

/** Writes only if the row is missing or differs. */
export const getUserStatement = createStatement<Profile & { userId: string }>(
  'user_get',
  (db, { value }) =>
    db
      // One row, which is null without an account in the built-in sign-in. The function finds the account of the scope's user.
      .with('account', (query) =>
        query
          .selectFrom(sql<object>`(select)`.as('always'))
          .leftJoin(sql<Account>`public.holdfast_account()`.as('of_user'), (join) => join.onTrue())
          .select(['of_user.email', 'of_user.name', 'of_user.created_at']),
      )
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
          .returning(columns),
      )
      .selectFrom('written')
      .select(selected)
      .unionAll((query) =>
        query
          .selectFrom('users')
          .select(selected)
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
