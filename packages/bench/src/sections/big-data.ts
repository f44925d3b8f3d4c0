import { Client } from 'pg';
import { taskId, userId } from '../data.ts';
import { firstCreatedAt, type Size, taskIntervalMs } from '../identities.ts';

/** Connections that insert at the same time. */
const writers = 2;
/** Tasks of each user that one statement inserts. */
const tasksPerStatement = 100;
/** Rows of the log for each user. The oldest half is past its time. */
const changesPerUser = 200;

/** Settings for a fast fill: the inserted rows fulfil all conditions, and no trigger is needed. */
const fillSettings = `set synchronous_commit = off; set maintenance_work_mem = '1GB'; set session_replication_role = replica`;

/** Fills the tables of the first release. The indexes are built after the rows. */
export async function fillFormerTables(adminUrl: string, admin: Client, size: Size): Promise<void> {
  await admin.query(fillSettings);
  await admin.query(`insert into users (id) select ${userId('u')} from generate_series(0, ${size.users - 1}) as u`);
  const { rows: indexes } = await admin.query<{ name: string; definition: string; is_primary: boolean }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition, indisprimary as is_primary
    from pg_index where indrelid = 'tasks'::regclass`,
  );
  for (const { name, is_primary: isPrimary } of indexes) {
    await admin.query(isPrimary ? `alter table tasks drop constraint ${name}` : `drop index ${name}`);
  }
  const starts = Array.from({ length: Math.ceil(size.tasks / tasksPerStatement) }, (_, at) => at * tasksPerStatement);
  await Promise.all(
    Array.from({ length: writers }, async () => {
      const client = new Client(adminUrl);
      await client.connect();
      await client.query(fillSettings);
      for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
        await client.query(toInsertSql(start, Math.min(start + tasksPerStatement, size.tasks) - 1, size.users));
      }
      await client.end();
    }),
  );
  for (const { definition, is_primary: isPrimary } of indexes) {
    await admin.query(isPrimary ? 'alter table tasks add primary key (user_id, id)' : definition);
  }
  await admin.query('reset session_replication_role');
  await admin.query('vacuum analyze');
}

/** By time and then by user, so that a user's tasks are scattered on disk as in real use. */
const toInsertSql = (first: number, last: number, users: number) => `
insert into tasks (user_id, id, title, description, completed, completed_at, created_at, updated_at)
select ${userId('u')}, ${taskId('ms', 't', 'u')}, 'Task ' || t || ' of user ' || u,
  case when t % 2 = 1 then repeat('What there is to say about it. ', 1 + (t % 5)::int) end,
  t % 3 = 0, case when t % 3 = 0 then created_at end, created_at, created_at
from generate_series(${first}, ${last}) as task(t)
cross join lateral generate_series(0 * t, ${users - 1}) as owner(u)
cross join lateral (select ${firstCreatedAt} + t * ${taskIntervalMs}::bigint + u % ${taskIntervalMs}) as clock(ms)
cross join lateral (select to_timestamp(ms / 1000.0) as created_at) as times`;

/** Gives each user a log, and moves every fiftieth task into the trash, where it is due. */
export async function addTrashAndLog(admin: Client, size: Size): Promise<void> {
  await admin.query(fillSettings);
  await admin.query(`
update tasks set deleted_at = now() - interval '40 days'
where (extract(epoch from created_at)::bigint * 1000 - ${firstCreatedAt}) / ${taskIntervalMs} % 50 = 7`);
  await admin.query(`delete from changes`);
  await admin.query(`
insert into changes (user_id, revision, at, task_ids)
select ${userId('u')}, revision, now() - (${changesPerUser} - revision) * interval '180 days' / ${changesPerUser},
  array[gen_random_uuid()]
from generate_series(1, ${changesPerUser}) as log(revision)
cross join lateral generate_series(0 * revision, ${size.users - 1}) as owner(u)`);
  await admin.query(`update users set revision = greatest(revision, ${changesPerUser})`);
  await admin.query('reset session_replication_role');
  await admin.query('vacuum analyze');
}
