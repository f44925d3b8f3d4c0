import { sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AuthStore } from './auth-store.ts';

/** `read` permits only queries. */
export type TokenScope = 'read' | 'write';

/** A token of a user for scripts. */
export interface ApiToken {
  id: string;
  name: string;
  scope: TokenScope;
  createdAt: Date;
  /** At most about a minute too early. Null if the token was never used. */
  lastUsedAt: Date | null;
  /** Null if it does not expire. */
  expiresAt: Date | null;
}

/** A valid token with its user. */
export interface FoundToken extends Pick<ApiToken, 'id' | 'scope' | 'expiresAt'> {
  userId: string;
  email: string;
  name: string;
}

export interface NewToken extends Pick<ApiToken, 'name' | 'scope' | 'expiresAt'> {
  userId: string;
  /** SHA-256 as base64url. */
  hash: string;
}

/** Tokens of one user, with those that have expired. */
export const tokensPerUserMax = 50;

const columns = sql.raw(
  'id, name, scope, created_at as "createdAt", last_used_at as "lastUsedAt", expires_at as "expiresAt"',
);

/**
 * Returns the valid token with this hash, and records its use, in one statement.
 *
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function useApiToken({ kysely }: AuthStore, hash: string): Promise<FoundToken | undefined> {
  try {
    // Another server that records a use at the same time must not delay this one.
    const { rows } = await sql<FoundToken>`
with found as (
  select token.id, scope, expires_at as "expiresAt", user_id as "userId", email, owner.name
  from auth.api_tokens as token join auth."user" as owner on owner.id = user_id
  where hash = ${hash} and (expires_at is null or expires_at > now())
), used as (
  update auth.api_tokens set last_used_at = now() where id = any (array(
    select id from auth.api_tokens where id in (select id from found) for no key update skip locked
  ))
)
select * from found`.execute(kysely);
    return rows[0];
  } catch (error) {
    throw toNamedError(error);
  }
}

/** Stores a token. Returns undefined if the user has too many. */
export function addApiToken({ kysely }: AuthStore, token: NewToken): Promise<ApiToken | undefined> {
  const { userId, name, scope, hash, expiresAt } = token;
  return kysely.transaction().execute(async (transaction) => {
    // Tokens of one user are created one after another, so that the limit holds.
    await sql`select from auth."user" where id = ${userId} for no key update`.execute(transaction);
    const { rows } = await sql<ApiToken>`
insert into auth.api_tokens (user_id, name, scope, hash, expires_at)
select ${userId}::uuid, ${name}, ${scope}, ${hash}, ${expiresAt}::timestamptz
where (select count(*) from auth.api_tokens where user_id = ${userId}) < ${tokensPerUserMax}
returning ${columns}`.execute(transaction);
    return rows[0];
  });
}

/** The tokens of a user, the newest first. */
export async function listApiTokens({ kysely }: AuthStore, userId: string): Promise<ApiToken[]> {
  const { rows } = await sql<ApiToken>`
select ${columns} from auth.api_tokens where user_id = ${userId} order by created_at desc, id`.execute(kysely);
  return rows;
}

/** Ends a token of a user. Does nothing if the user has no such token. */
export async function removeApiToken({ kysely }: AuthStore, userId: string, id: string): Promise<void> {
  await sql`delete from auth.api_tokens where user_id = ${userId} and id = ${id}`.execute(kysely);
}
