import { currentOperation } from '@holdfast/operation';
import { sql } from 'kysely';
import { bind } from './batch-reads.ts';
import { createStatement } from './prepared-statement.ts';
import { toToolsSettings } from './session-settings.ts';
import { toScopeError, type TransactionRunner } from './transaction.ts';

/** The revision of a user that the caller knows. */
export interface KnownRevision {
  /** A UUID in lower case. */
  readonly userId: string;
  /** A whole number as text. Null if it is not known. */
  readonly revision: string | null;
}

/** A user whose revision differs from the known one. */
export interface ChangedUser {
  readonly userId: string;
  readonly revision: string;
  /** Milliseconds since the user's newest change; null if the log has no row for it. */
  readonly ageMs: number | null;
}

export const findChangedUsersStatement = createStatement<{ userIds: string[]; revisions: string[] }>(
  'changed_users',
  (db, { value }) =>
    db
      .selectFrom(
        sql<{
          id: string;
          revision: string;
        }>`unnest(${value('userIds')}::uuid[], ${value('revisions')}::bigint[])`.as<'known'>(sql`known(id, revision)`),
      )
      .innerJoin('users', 'users.id', 'known.id')
      .leftJoin('changes', (join) =>
        join.onRef('changes.user_id', '=', 'users.id').onRef('changes.revision', '=', 'users.revision'),
      )
      .where(sql<boolean>`users.revision <> known.revision`)
      .select([
        'users.id',
        'users.revision',
        sql<string>`round(extract(epoch from clock_timestamp() - changes.at) * 1000)`.as('age'),
      ]),
);

/** No user has this revision. */
const unknownRevision = '-1';

/** Finds the users whose revision differs from the known one, in one round trip. */
export async function findChangedUsers(
  runner: TransactionRunner,
  known: readonly KnownRevision[],
  statementTimeoutMs: number,
): Promise<ChangedUser[]> {
  const args = {
    userIds: known.map(({ userId }) => userId),
    revisions: known.map(({ revision }) => revision ?? unknownRevision),
  };
  const settings = { ...toToolsSettings({ write: false, name: null }), statementTimeoutMs };
  const statement = bind({ statement: findChangedUsersStatement, args, operation: currentOperation() });
  try {
    const [rows] = await runner.pipelines.run({ settings, statements: [statement] });
    return rows!.map(([userId, revision, age]) => ({
      userId: userId!,
      revision: revision!,
      ageMs: age === null || age === undefined ? null : Math.max(0, Number(age)),
    }));
  } catch (error) {
    throw toScopeError(error);
  }
}
