import { runForUsers } from './find-users.ts';
import type { MaintenanceJob } from './job.ts';

const isOld = `at < now() - interval '90 days'`;

/** True if the user has a newer row. As a scalar subquery, it is one look-up in the primary key for each row. */
const hasNewer = (row: string, userId = `${row}.user_id`) => `(
  select true from public.changes as newer
  where newer.user_id = ${userId} and newer.revision > ${row}.revision
  order by newer.revision limit 1)`;

/** The first rows of a user. The limit bounds the work for a user with millions of rows. */
const selectFirst = (userId: string, limit: string) => `(
  select user_id, revision, at from public.changes where user_id = ${userId} order by revision limit ${limit})`;

/**
 * A row can have an earlier time than the row before it. It is removed only together with all rows before it: if a row exists,
 * change feeds rely on all rows after it.
 */
const selectOld = (userId: string) => `
    select user_id, revision, bool_and(${isOld}) over (order by revision) as is_old
    from ${selectFirst(userId, '$2')} as rows`;

interface Prune {
  /** The rows of `selectOld` for each user. */
  readonly first: string;
  readonly hasNewer: string;
  /** A further condition for the rows, which begins with `and`. */
  readonly condition: string;
}

const toPruneSql = ({ first, hasNewer, condition }: Prune) => `
with old as (
  select first.user_id, first.revision
  from ${first} as first
  where first.is_old and ${hasNewer}
  limit $2
),
free as (
  select changes.user_id, changes.revision from public.changes join old using (user_id, revision)
  where true ${condition}
  for update of changes skip locked
)
delete from public.changes using free
where changes.user_id = free.user_id and changes.revision = free.revision ${condition}`;

const pruneSql = toPruneSql({
  first: `unnest($1::uuid[]) as due (id) cross join lateral (${selectOld('due.id')})`,
  hasNewer: hasNewer('first'),
  condition: '',
});
/** For one user. Each table has the user's ID, by which Citus finds the node. */
const pruneOneSql = toPruneSql({
  first: `(${selectOld('$1::uuid')})`,
  hasNewer: hasNewer('first', '$1::uuid'),
  condition: 'and changes.user_id = $1::uuid',
});

/** Removes old rows of the log, but never a user's newest row: it is the place where the user's change feed continues. */
export const pruneChangesJob: MaintenanceJob<'changes'> = {
  kind: 'changes',
  isAcrossUsers: true,
  runBatch: (client, options) =>
    runForUsers(client, options, {
      isDue: `(select true from ${selectFirst('users.id', '1')} as first where first.${isOld} and ${hasNewer('first')})`,
      values: [],
      work: async (users) => {
        const sql = typeof users === 'string' ? pruneOneSql : pruneSql;
        return { rows: (await client.query(sql, [users, options.rowsMax])).rowCount! };
      },
    }),
};
