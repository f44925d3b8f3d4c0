import { sql } from 'kysely';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type Profile, type UserScope } from '../scope/user-scope.ts';
import { columnsOf, createReader, readOptionalText, readText, readTime, type RecordOf } from './fields.ts';

/** The field table of users. */
const fields = {
  /** UUID. */
  id: { column: 'id', read: readText },
  /** As in the user's last token that named one. */
  email: { column: 'email', read: readOptionalText },
  /** As in the user's last token that named one. */
  name: { column: 'name', read: readOptionalText },
  /** Time of the user's first call. */
  createdAt: { column: 'created_at', read: readTime },
} as const;

/** A user. Times are ISO 8601 in UTC with milliseconds. */
export interface UserRecord extends RecordOf<typeof fields> {}

const columns = columnsOf(fields);
const toUser: (row: (string | null)[]) => UserRecord = createReader(fields);

/** The value of the token; if it is null, the stored value. */
const newest = (column: 'email' | 'name') =>
  sql<string | null>`coalesce(excluded.${sql.ref(column)}, users.${sql.ref(column)})`;

/** Writes only if the row is missing or differs. */
export const getUserStatement = createStatement<Profile & { userId: string }>(
  'user_get',
  (db, { value }) =>
    db
      .with('written', (query) =>
        query
          .insertInto('users')
          .values({ id: value('userId'), email: value('email'), name: value('name') })
          .onConflict((conflict) =>
            conflict
              .column('id')
              .doUpdateSet({ email: newest('email'), name: newest('name') })
              .where(sql<boolean>`(users.email, users.name) is distinct from (${newest('email')}, ${newest('name')})`),
          )
          .returning(columns),
      )
      .selectFrom('written')
      .select(columns)
      .unionAll((query) =>
        query
          .selectFrom('users')
          .select(columns)
          .where('id', '=', value('userId'))
          .where(({ not, exists, selectFrom }) => not(exists(selectFrom('written').select('id')))),
      ),
  { isIdempotent: true },
);

/**
 * Returns the scope's user. The first call creates the row. Later calls store the e-mail address and the name of the token
 * if they differ; a token without them changes nothing.
 */
export async function getUser(scope: UserScope): Promise<UserRecord> {
  const { run } = internalsOf(scope);
  const read = () => run(getUserStatement, { userId: scope.userId, ...scope.profile });
  const [row] = await read();
  // If another call creates the row at the same moment, this statement's snapshot does not show it.
  return toUser(row ?? (await read())[0]!);
}
