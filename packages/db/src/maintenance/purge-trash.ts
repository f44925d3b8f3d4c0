import type { PoolClient } from 'pg';
import { isOf, runForUsers } from './find-users.ts';
import type { MaintenanceJob } from './job.ts';

interface Target<Kind extends string> {
  readonly kind: Kind;
  readonly table: 'tasks' | 'lists';
  /** The column of `changes` for the removed IDs. */
  readonly idsColumn: 'task_ids' | 'list_ids';
  /** A further condition for the removal; `rows` is the table. */
  readonly condition: string;
  /** The same, as a comparison of a scalar subquery: for `not exists`, PostgreSQL may read all tasks of the user. */
  readonly findCondition: string;
  /** Most rows of a batch, if the usual number would take too long. */
  readonly rowsMax: number;
}

/** @param days A placeholder, such as `$1`. */
const isExpired = (days: string) => `deleted_at < now() - make_interval(days => ${days}::int)`;

/**
 * Removes what has been in the trash for too long, and logs the removed IDs for each user. As each write of a user does, it
 * first locks the user's row, but only of users whose rows are in this batch: their writes wait. It skips users who are writing,
 * and never waits for them.
 */
function createPurgeJob<Kind extends string>({
  kind,
  table,
  idsColumn,
  ...target
}: Target<Kind>): MaintenanceJob<Kind> {
  const toExpired = (users: readonly string[] | string) => `
with expired as (
  select user_id, id from public.${table} as rows
  where ${isOf(users, 'user_id')} and ${isExpired('$2')} and ${target.condition}
  order by user_id, deleted_at, id limit $3
  for update skip locked
)`;
  const removeSql = `delete from public.${table} as rows using expired
  where rows.user_id = expired.user_id and rows.id = expired.id`;
  const purgeSql = `${toExpired([])},
numbered as (
  update public.users set revision = revision + 1 where id in (select user_id from expired) returning id, revision
),
removed as (
  ${removeSql}
  returning rows.user_id, rows.id
)
insert into public.changes (user_id, revision, at, ${idsColumn})
select numbered.id, numbered.revision, now(), array_agg(removed.id)
from numbered join removed on removed.user_id = numbered.id group by 1, 2
returning cardinality(${idsColumn}) as rows, set_config('holdfast.is_removal_logged', 'on', true)`;
  /** The users of the first rows. The limits bound the work for a user with millions of rows. */
  const firstUsersSql = `
select distinct user_id from (
  select first.user_id from unnest($1::uuid[]) as due (id)
  cross join lateral (
    select user_id from public.${table} as rows
    where user_id = due.id and ${isExpired('$2')} and ${target.findCondition} order by deleted_at, id limit $3
  ) as first
  limit $3
) as firsts order by user_id`;
  // The trigger of the shard logs the removal: Citus cannot insert what another part of a statement returns.
  const purgeOneSql = `${toExpired('')} ${removeSql} and rows.user_id = $1::uuid`;
  /** The given user, or those of the given users who have the first rows. */
  async function findFirst(client: PoolClient, users: readonly string[] | string, limits: readonly number[]) {
    if (typeof users === 'string') return users;
    const { rows } = await client.query<{ user_id: string }>(firstUsersSql, [users, ...limits]);
    return rows.map(({ user_id: id }) => id);
  }
  return {
    kind,
    isAcrossUsers: true,
    async runBatch(client, options) {
      const { trashDays } = options;
      const rowsMax = Math.min(options.rowsMax, target.rowsMax);
      if (trashDays === 0) return { rows: 0 };
      return runForUsers(
        client,
        { ...options, rowsMax },
        {
          isDue: `(select true from public.${table} where user_id = users.id and ${isExpired('$1')} limit 1)`,
          values: [trashDays],
          work: async (dueUsers) => {
            const users = await findFirst(client, dueUsers, [trashDays, rowsMax]);
            const lastUser = typeof users === 'string' ? users : users.at(-1);
            // After this statement, no request changes these users' rows: the next statement sees what was restored before.
            const locked = await client.query<{ id: string }>(
              `select id from public.users where ${isOf(users, 'id')} order by id for no key update skip locked`,
              [users],
            );
            const ids = locked.rows.map(({ id }) => id);
            if (typeof users === 'string') {
              if (ids.length === 0) return { rows: 0 };
              return { rows: (await client.query(purgeOneSql, [users, trashDays, rowsMax])).rowCount! };
            }
            const { rows } = await client.query<{ rows: number }>(purgeSql, [ids, trashDays, rowsMax]);
            return { rows: rows.reduce((sum, { rows: removed }) => sum + removed, 0), lastUser };
          },
        },
      );
    },
  };
}

export const purgeTasksJob = createPurgeJob({
  kind: 'tasks in the trash',
  table: 'tasks',
  idsColumn: 'task_ids',
  condition: 'true',
  findCondition: 'true',
  rowsMax: Infinity,
});

export const purgeListsJob = createPurgeJob({
  kind: 'lists in the trash',
  table: 'lists',
  idsColumn: 'list_ids',
  condition: 'not exists (select from public.tasks where user_id = rows.user_id and list_id = rows.id)',
  findCondition: '(select true from public.tasks where user_id = rows.user_id and list_id = rows.id limit 1) is null',
  // For each removed list, PostgreSQL looks for tasks of the list among all tasks of the user.
  rowsMax: 50,
});
