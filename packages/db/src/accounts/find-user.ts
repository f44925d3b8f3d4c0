import { type RawBuilder, sql } from 'kysely';
import { isUserId } from '../schema/user-id.ts';
import type { AccountAccess } from './access.ts';
import { AccountError } from './error.ts';
import { readUsers, type UsersPage, type UserSummary } from './read-users.ts';

/** Most IDs that a message names. */
const shownMax = 10;

/**
 * Finds a user by ID or e-mail address.
 *
 * @throws AccountError `USER_NOT_FOUND`, `USER_AMBIGUOUS`
 */
export async function findUser(access: AccountAccess, given: string): Promise<UserSummary> {
  const isId = isUserId(given);
  const matches: RawBuilder<boolean> = isId ? sql`id = ${given}::uuid` : sql`lower(email) = lower(${given})`;
  const { users } = await readUsers(access, { matches, limit: shownMax });
  if (users.length === 0) {
    throw new AccountError('USER_NOT_FOUND', `No user has this ${isId ? 'ID' : 'e-mail address'}. Check it.`);
  }
  if (users.length > 1) {
    const ids = users.map(({ id }) => id).join(', ');
    throw new AccountError('USER_AMBIGUOUS', `Several users have this e-mail address. Pass one of their IDs: ${ids}.`);
  }
  return users[0]!;
}

export interface UserSearch {
  /** The beginning of the e-mail address; upper and lower case are equal. Default: all users. */
  emailPrefix?: string | undefined;
  /** The `next` of the previous page. */
  after?: string | undefined;
  limit: number;
}

/** Returns one page of the users whose address starts with a text. */
export async function searchUsers(access: AccountAccess, search: UserSearch): Promise<UsersPage> {
  const { emailPrefix = '', after, limit } = search;
  const isAfter = after === undefined ? sql`true` : sql`id > ${after}::uuid`;
  const starts = emailPrefix === '' ? sql`true` : sql`starts_with(lower(email), lower(${emailPrefix}))`;
  return readUsers(access, { matches: sql<boolean>`(${isAfter} and ${starts})`, limit });
}
