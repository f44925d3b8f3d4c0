import { sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import type { AuthStore } from './auth-store.ts';

/** The sessions that ended since the last read, and all users that were erased. */
export interface EndedAccess {
  /** Pass this to the next read. */
  position: string;
  /** IDs of sessions. Null if there are more than `sessionsMax`. */
  sessionIds: string[] | null;
  /** IDs of users, the newest `erasedUsersMax`. */
  erasedUserIds: string[];
}

const sessionsMax = 100_000;
const erasedUsersMax = 100_000;

/**
 * Reads in one statement which sessions have ended and which users were erased. No commit is missed: the position is the
 * oldest transaction that was still running at the time of the read.
 *
 * @param position Of the previous read; `0` reads everything.
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function readEndedAccess({ kysely }: AuthStore, position: string): Promise<EndedAccess> {
  try {
    const { rows } = await sql<{ position: string; sessions: string[]; users: string[] }>`
select
  pg_snapshot_xmin(pg_current_snapshot())::text as position,
  array(select id::text from auth.ended_sessions where xid >= ${position}::xid8 limit ${sessionsMax + 1}) as sessions,
  array(select id::text from auth.erased_users order by erased_at desc limit ${erasedUsersMax}) as users`.execute(
      kysely,
    );
    const { sessions, users, ...read } = rows[0]!;
    return { ...read, sessionIds: sessions.length > sessionsMax ? null : sessions, erasedUserIds: users };
  } catch (error) {
    throw toNamedError(error);
  }
}
