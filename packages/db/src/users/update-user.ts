import { sql } from 'kysely';
import { DatabaseUnavailableError } from '../errors.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { lockUserStatement } from '../writes/lock.ts';
import { findAccount, selectedUserColumns } from './account.ts';
import { ForeignNameError } from './errors.ts';
import { toUser, type UserRecord } from './record.ts';

export interface UserChange {
  name?: string | undefined;
  /** IANA name. Null removes the zone. */
  timeZone?: string | null | undefined;
}

interface UpdateArgs {
  userId: string;
  name: string | undefined;
  timeZone: string | null | undefined;
  tokenEmail: string | null;
  tokenName: string | null;
}

/** Returns no row if the name is given, but the tokens of another issuer decide it. */
export const updateUserStatement = createStatement<UpdateArgs>(
  'user_update',
  (db, { value, isGiven }) => {
    const userId = value('userId');
    return db
      .with('account', findAccount)
      .with(
        'renamed',
        () =>
          sql<{
            has_account: boolean;
          }>`(select public.holdfast_rename_account(${value('name')}) as has_account where ${isGiven('name')})`,
      )
      .updateTable('users')
      .set({
        email: sql`coalesce((select email from account), ${value('tokenEmail')}, email)`,
        name: sql`coalesce(${value('name')}, (select name from account), ${value('tokenName')}, name)`,
        time_zone: sql`case when ${isGiven('timeZone')} then ${value('timeZone')} else time_zone end`,
      })
      .where('id', '=', userId)
      .where(
        sql<boolean>`(not ${isGiven('name')} or (select has_account from renamed) or ${value('tokenName')}::text is null)`,
      )
      .returning(selectedUserColumns);
  },
  { isIdempotent: true },
);

/**
 * Changes the given fields of the scope's user. With the built-in sign-in, the name is that of the account, and changes there
 * too.
 *
 * @throws ForeignNameError if another issuer's token names the user: the next token would undo the change.
 * @throws UserErasedError
 */
export async function updateUser(scope: UserScope, { name, timeZone }: UserChange): Promise<UserRecord> {
  const { userId, profile } = scope;
  const args: UpdateArgs = { userId, name, timeZone, tokenEmail: profile.email, tokenName: profile.name };
  const [, [row]] = (await internalsOf(scope).runAll([
    { statement: lockUserStatement, args: { userId, ...profile } },
    { statement: updateUserStatement, args },
  ])) as [unknown, (string | null)[][]];
  if (row !== undefined) return toUser(row);
  if (name !== undefined && profile.name !== null) throw new ForeignNameError();
  // The row was deleted between the two statements.
  throw new DatabaseUnavailableError({ isRetryable: true });
}
