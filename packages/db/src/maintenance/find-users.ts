import type { PoolClient } from 'pg';
import type { BatchOptions, BatchResult, Place } from './job.ts';

/** Users that one statement checks. Bounds the work of a statement, also if there is nothing to do. */
const usersMax = 1_000;

interface Search {
  /**
   * A scalar subquery that is true for a user with work to do; `users.id` is the user. For `exists`, PostgreSQL may read the rows of
   * all users.
   */
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
  const { rows: users } = await client.query<{ id: string; is_due: boolean | null }>(
    `
select id, ${search.isDue} as is_due
from public.users ${after === null ? '' : `where id > $${values.length}::uuid`} order by id limit ${usersMax}`,
    values,
  );
  const due = users.filter((user) => user.is_due).map(({ id }) => id);
  const userIds = due.slice(0, rowsMax);
  const last = due.length > rowsMax ? userIds.at(-1) : users.length === usersMax ? users.at(-1)!.id : undefined;
  return { userIds, next: last === undefined ? undefined : { userId: last } };
}

export interface WorkResult {
  readonly rows: number;
  /** The last user that the work has tried. Default: all given users. */
  readonly lastUser?: string | undefined;
}

/**
 * Runs a batch for the next users with work to do. Users for whom the batch can do nothing, because they are busy, wait for
 * the next run.
 *
 * @param work If the tables are distributed, it is called for each user, with the ID instead of the list,
 * because Citus locks rows only on one node at a time.
 */
export async function runForUsers(
  client: PoolClient,
  options: BatchOptions,
  { work, ...search }: Search & { work: (users: readonly string[] | string) => Promise<WorkResult> },
): Promise<BatchResult> {
  const { userIds, next } = await findUsers(client, options, search);
  let rows = 0;
  let lastUser: string | undefined;
  if (options.isDistributed) for (const userId of userIds) rows += (await work(userId)).rows;
  else if (userIds.length > 0) ({ rows, lastUser } = await work(userIds));
  // The same users may have more rows.
  return { rows, next: rows > 0 ? options.after : lastUser === undefined ? next : { userId: lastUser } };
}

/** SQL that is true for the rows of the given users, which are `$1`. */
export function isOf(users: readonly string[] | string, column: string): string {
  return typeof users === 'string' ? `${column} = $1::uuid` : `${column} = any ($1::uuid[])`;
}
