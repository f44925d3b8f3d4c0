import type { PoolClient } from 'pg';
import type { BatchOptions, BatchResult, Place } from './job.ts';

/** Users that one statement checks. Bounds the work of a statement, also if there is nothing to do. */
const usersMax = 1_000;

interface Search {
  /** SQL that is true for a user with work to do; `slice.id` is the user. */
  readonly isDue: string;
  /** The values of the placeholders `$1` … in `isDue`. */
  readonly values: readonly unknown[];
}

interface FoundUsers {
  /** In order, at most `rowsMax`. */
  readonly userIds: string[];
  /** Where to continue if these users need no more work. */
  readonly next: Place | undefined;
}

/** Checks the next users in order of their IDs. An index led by `user_id` finds the rows of one user, but not those of all. */
async function findUsers(client: PoolClient, options: BatchOptions, search: Search): Promise<FoundUsers> {
  const { after, rowsMax } = options;
  const values = [...search.values, ...(after === null ? [] : [after.userId])];
  const { rows } = await client.query<{ due: string[]; last: string | null; users: number }>(
    `
with slice as materialized (
  select id from public.users ${after === null ? '' : `where id > $${values.length}::uuid`} order by id limit ${usersMax}
)
select
  array(select id from slice where ${search.isDue} order by id limit ${rowsMax})::text[] as due,
  (select id from slice order by id desc limit 1) as last,
  (select count(*) from slice)::int as users`,
    values,
  );
  const { due, last, users } = rows[0]!;
  return { userIds: due, next: users === usersMax ? { userId: last! } : undefined };
}

/**
 * Runs a batch for the next users with work to do. Users for whom the batch can do nothing, because they are busy, wait for
 * the next run.
 *
 * @param work Returns the number of rows.
 */
export async function runForUsers(
  client: PoolClient,
  options: BatchOptions,
  { work, ...search }: Search & { work: (userIds: string[]) => Promise<number> },
): Promise<BatchResult> {
  const { userIds, next } = await findUsers(client, options, search);
  const rows = userIds.length === 0 ? 0 : await work(userIds);
  // The same users may have more rows.
  return { rows, next: rows > 0 ? options.after : next };
}
