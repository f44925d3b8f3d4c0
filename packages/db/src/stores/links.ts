import { createHash, randomInt } from 'node:crypto';
import { sql } from 'kysely';
import type { AuthStore } from './auth-store.ts';

/** A link with which a user proves something, such as the access to a mailbox. */
export interface NewLink {
  userId: string;
  /** The text before the token, by which the sign-in library finds the link. */
  prefix: string;
  value: string;
  lifeMs: number;
}

const resetMs = 3_600_000;
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** Without `-` and `_`, which some mail programs do not count as a part of the link if they are at its end. */
const createToken = () => Array.from({ length: 32 }, () => letters[randomInt(letters.length)]).join('');

/** The form in which the sign-in library stores an identifier. */
const hashIdentifier = (text: string) => createHash('sha256').update(text).digest('base64url');

/**
 * Stores a link, and returns its token. The database has only the hash. Returns null if the user has no account: a link can be
 * requested while its user is deleted. Then no link may remain, so the statement waits for a deletion that has begun.
 */
export async function addLink({ kysely }: AuthStore, link: NewLink): Promise<string | null> {
  const { userId, prefix, value, lifeMs } = link;
  const token = createToken();
  const { rows } = await sql`
with account as (select from auth."user" where id = ${userId} for key share)
insert into auth.verification (identifier, value, "expiresAt")
select ${hashIdentifier(prefix + token)}, ${value}, ${new Date(Date.now() + lifeMs)}::timestamptz from account
returning id`.execute(kysely);
  return rows.length === 0 ? null : token;
}

/** Stores a link that sets a new password once, within an hour. The path for its token is `/reset-password?token=`. */
export function addPasswordLink(store: AuthStore, userId: string): Promise<string | null> {
  // The library's own route for a new password expects this form.
  return addLink(store, { userId, prefix: 'reset-password:', value: userId, lifeMs: resetMs });
}
