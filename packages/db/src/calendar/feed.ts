import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { readTime } from '../records/fields.ts';
import { createStatement } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { lockUserStatement } from '../writes/lock.ts';

/** The secret URL of a user's calendar, without the secret. */
export interface CalendarFeed {
  /** ISO 8601 in UTC with milliseconds. */
  createdAt: string;
}

export interface CreatedCalendarFeed extends CalendarFeed {
  /** The secret of the URL. It is not stored, so no one can read it again. */
  secret: string;
}

/** 22 characters of the user ID, and 32 random ones. */
const form = /^[\w-]{54}$/;

/** Starts with the user ID, so that a server can read the feed in the scope of its user. */
function createSecret(userId: string): string {
  const id = Buffer.from(userId.replaceAll('-', ''), 'hex');
  return Buffer.concat([id, randomBytes(24)]).toString('base64url');
}

/** The secret is random, so a fast hash without a salt is sufficient. PostgreSQL compares hashes, whose order says nothing. */
export const hashCalendarSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Returns the user ID in a secret, or undefined for a text that is no secret. Whether the secret is valid, only a read can say. */
export function findCalendarUser(secret: string): string | undefined {
  if (!form.test(secret)) return undefined;
  const bytes = Buffer.from(secret, 'base64url').subarray(0, 16).toString('hex');
  return bytes.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const createFeedStatement = createStatement<{ userId: string; hash: string }>(
  'calendar_create',
  (db, { value }) =>
    db
      .insertInto('calendar_feeds')
      .values({ user_id: value('userId'), hash: value('hash') })
      .onConflict((conflict) =>
        conflict.column('user_id').doUpdateSet({ hash: value('hash'), created_at: sql`excluded.created_at` }),
      )
      .returning('created_at'),
  { isIdempotent: true },
);

export const getFeedStatement = createStatement<{ userId: string }>('calendar_get', (db, { value }) =>
  db.selectFrom('calendar_feeds').select('created_at').where('user_id', '=', value('userId')),
);

export const revokeFeedStatement = createStatement<{ userId: string }>(
  'calendar_revoke',
  (db, { value }) => db.deleteFrom('calendar_feeds').where('user_id', '=', value('userId')),
  { isIdempotent: true },
);

/** Creates the secret of the user's calendar. It replaces the former one, which ends at once. */
export async function createCalendarFeed(scope: UserScope): Promise<CreatedCalendarFeed> {
  const { userId, profile } = scope;
  const secret = createSecret(userId);
  const [, [row]] = (await internalsOf(scope).runAll([
    { statement: lockUserStatement, args: { userId, ...profile } },
    { statement: createFeedStatement, args: { userId, hash: hashCalendarSecret(secret) } },
  ])) as [unknown, [[string]]];
  return { secret, createdAt: readTime(row[0]) };
}

/** Returns the feed of the user, or null if there is none. */
export async function getCalendarFeed(scope: UserScope): Promise<CalendarFeed | null> {
  const [row] = await internalsOf(scope).run(getFeedStatement, { userId: scope.userId });
  return row === undefined ? null : { createdAt: readTime(row[0]!) };
}

/** Ends the secret of the user's calendar at once. */
export async function revokeCalendarFeed(scope: UserScope): Promise<void> {
  // As all writes of a batch, in the order of the calls.
  await internalsOf(scope).runAll([{ statement: revokeFeedStatement, args: { userId: scope.userId } }]);
}
