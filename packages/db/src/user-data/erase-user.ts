import { CompiledQuery, sql } from 'kysely';
import { toNamedError } from '../connection/driver-error.ts';
import { eraseUsers } from '../schema/erase-users.ts';
import { toolsRole } from '../schema/roles.ts';
import type { AuthStore } from '../stores/auth-store.ts';

/** The first rows of the log that a transaction removes: at most so many, and about so many bytes of IDs. */
const rowsPerWrite = 5_000;
const bytesPerWrite = 10_000_000;

/**
 * As the role that sees the rows of all users. PostgreSQL plans for an average user: without the other settings, it could read and
 * sort all rows of a user who has a million.
 */
const settings = sql`select set_config('role', ${sql.lit(toolsRole)}, true), ${sql.join(
  ['seqscan', 'bitmapscan', 'sort'].map((name) => sql`set_config(${sql.lit(`enable_${name}`)}, 'off', true)`),
)}`;

/** The last transaction of each store that has had its turn. */
const lastTurns = new WeakMap<AuthStore['kysely'], Promise<unknown>>();

/**
 * Removes a user and everything that belongs to them in all tables. All access ends: session tokens at once, and JWTs after at most
 * 60 seconds. For a user with many tasks, call `eraseRecords` first.
 *
 * It removes a long log in short transactions, then everything else in one, which alone decides that the user is gone. After a
 * failure, call it again. These transactions, of all users, run one after the other, so that they occupy only one connection of the
 * store.
 *
 * @throws DatabaseUnavailableError, and AccessRefusedError if the login lacks privileges.
 */
export async function eraseUser({ kysely }: AuthStore, userId: string): Promise<void> {
  try {
    let from: string | null = '0';
    while (from !== null) {
      const args: OldChanges = { userId, from };
      from = await inTurn(kysely, () => eraseOldChanges(kysely, args));
    }
    await inTurn(kysely, () =>
      kysely
        .transaction()
        .execute((transaction) =>
          eraseUsers((text, values) => transaction.executeQuery(CompiledQuery.raw(text, values)), [userId]),
        ),
    );
  } catch (error) {
    throw toNamedError(error);
  }
}

function inTurn<Result>(kysely: AuthStore['kysely'], work: () => Promise<Result>): Promise<Result> {
  const result = (lastTurns.get(kysely) ?? Promise.resolve()).then(work);
  lastTurns.set(
    kysely,
    result.catch(() => {}),
  );
  return result;
}

interface OldChanges {
  userId: string;
  /** A revision before which the log has no rows. Without it, each batch would step over all rows that were removed before. */
  from: string;
}

/**
 * Removes the first rows of a log, if it is longer than one batch. Change feeds rely on all rows after a row that exists, so the oldest
 * rows are first, and the newest one remains.
 *
 * @returns The revision of the first row that remains. Null if the log was short.
 */
async function eraseOldChanges(kysely: AuthStore['kysely'], { userId, from }: OldChanges): Promise<string | null> {
  const log = sql`public.changes where user_id = ${userId}::uuid and revision >= ${from}::bigint`;
  return kysely.transaction().execute(async (transaction) => {
    await settings.execute(transaction);
    // The size of the stored arrays, which does not read them.
    const { rows } = await sql<{ end: string | null }>`
select min(revision)::text as end from (
  select revision, row_number() over by_revision as place, sum(bytes) over by_revision - bytes as bytes_before
  from (
    select revision, pg_column_size(task_ids) + pg_column_size(list_ids) as bytes from ${log}
    order by revision limit ${sql.lit(rowsPerWrite + 1)}
  ) as first
  window by_revision as (order by revision)
) as summed
where place > ${sql.lit(rowsPerWrite)} or bytes_before >= ${sql.lit(bytesPerWrite)}`.execute(transaction);
    const { end } = rows[0]!;
    if (end !== null) await sql`delete from ${log} and revision < ${end}::bigint`.execute(transaction);
    return end;
  });
}
