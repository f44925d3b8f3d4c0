import { sql } from 'kysely';
import type { AuthStore } from './auth-store.ts';

/**
 * Sessions that one user can have. When sessions end, servers remember them until their tokens have expired, so no user may
 * be able to end any number at once.
 */
const sessionsMax = 500;

/** A deletion of all sessions of a former version could take seconds. */
const endedMax = 100;

/** Ends the sessions of the user that are more than one user can have: those that were used least recently. */
export async function endSurplusSessions({ kysely }: AuthStore, userId: string): Promise<void> {
  await sql`
delete from auth.session where id in (
  select id from auth.session where "userId" = ${userId} order by "updatedAt" desc offset ${sessionsMax} limit ${endedMax}
)`.execute(kysely);
}
