import { runForUsers } from './find-users.ts';
import type { MaintenanceJob } from './job.ts';

const isOld = `at < now() - interval '90 days'`;

/** Reads at most `$2` rows of each user, the oldest first. */
const pruneSql = `
with old as (
  select first.user_id, first.revision
  from unnest($1::uuid[]) as due (id)
  cross join lateral (select user_id, revision, at from public.changes where user_id = due.id order by revision limit $2) as first
  where ${isOld} and revision < (select max(revision) from public.changes where user_id = due.id)
  limit $2
),
free as (
  select changes.user_id, changes.revision from public.changes join old using (user_id, revision)
  for update of changes skip locked
)
delete from public.changes using free where changes.user_id = free.user_id and changes.revision = free.revision`;

/** Removes old rows of the log, but never a user's newest row: it is the place where the user's change feed continues. */
export const pruneChangesJob: MaintenanceJob<'changes'> = {
  kind: 'changes',
  isAcrossUsers: true,
  runBatch: (client, options) =>
    runForUsers(client, options, {
      isDue: `exists (
        select from public.changes where user_id = slice.id and ${isOld}
          and revision = (select min(revision) from public.changes where user_id = slice.id)
          and revision < (select max(revision) from public.changes where user_id = slice.id))`,
      values: [],
      work: async (userIds) => (await client.query(pruneSql, [userIds, options.rowsMax])).rowCount!,
    }),
};
