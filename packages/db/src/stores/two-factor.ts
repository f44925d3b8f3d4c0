import { sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AuthStore } from './auth-store.ts';

/** The second factor of a user, as the sign-in library stores it. */
export interface StoredTwoFactor {
  /** Encrypted by the sign-in library. */
  secret: string;
  /** Whether the user has proved to have it. Only then the sign-in asks for a code. */
  isVerified: boolean;
}

/** @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges. */
export async function findTwoFactor({ kysely }: AuthStore, userId: string): Promise<StoredTwoFactor | undefined> {
  const { rows } = await sql<StoredTwoFactor>`
select secret, is_verified as "isVerified" from auth.two_factors where user_id = ${userId}`.execute(kysely);
  return rows[0];
}

/** From now on, each sign-in with the password needs a code. Sessions and API tokens stay. */
export async function turnOnTwoFactor({ kysely }: AuthStore, userId: string): Promise<void> {
  await sql`
with verified as (update auth.two_factors set is_verified = true where user_id = ${userId} returning user_id)
update auth."user" set "twoFactorEnabled" = true where id in (select user_id from verified)`.execute(kysely);
}

/**
 * The sign-in needs only the password again. Also forgets the browsers that need no code.
 *
 * @returns Whether the user had a second factor.
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function turnOffTwoFactor({ kysely }: AuthStore, userId: string): Promise<boolean> {
  try {
    const { rows } = await sql<{ wasOn: boolean }>`
with removed as (delete from auth.two_factors where user_id = ${userId} returning is_verified),
  forgotten as (delete from auth.verification where value = ${userId}),
  changed as (update auth."user" set "twoFactorEnabled" = false where id = ${userId} and "twoFactorEnabled")
select coalesce((select is_verified from removed), false) as "wasOn"`.execute(kysely);
    return rows[0]!.wasOn;
  } catch (error) {
    throw toNamedError(error);
  }
}

/** Ends a pause after wrong codes, because the user has just proved to be its owner in another way. */
export async function unlockTwoFactor({ kysely }: AuthStore, userId: string): Promise<void> {
  await sql`
update auth.two_factors set failed_count = 0, locked_until = null
where user_id = ${userId} and failed_count > 0`.execute(kysely);
}
