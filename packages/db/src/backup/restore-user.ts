import { pipeline } from 'node:stream/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { migrations } from '../schema/migrations/index.ts';
import { appRole, toolsRole } from '../schema/roles.ts';
import { type BackupTable, readCatalog, readMigrations, toClientQuery } from './catalog.ts';
import { commit } from './commit.ts';
import { BackupError } from './error.ts';
import { canonicalSettings, disableTransactionTimeout, readRows, toColumnList, writeRows } from './rows.ts';
import { type Verification, type VerifyOptions, withScratchRestore } from './verify.ts';

export interface UserRestoreOptions extends VerifyOptions {
  /** The live database. */
  readonly url: string;
  /** The ID or e-mail address of a user in the backup. */
  readonly user: string;
  /** If false, only returns the differences and changes nothing. */
  readonly apply: boolean;
}

/** How one task of the live database must change to match the backup. */
export interface TaskDifference {
  readonly id: string;
  readonly kind: 'added' | 'changed' | 'removed';
  /** The changed columns. Empty if the task is added or removed. */
  readonly columns: readonly string[];
}

export interface UserRestoreResult {
  readonly userId: string;
  readonly verification: Verification;
  /** The changes that were applied, or would be with `apply`. */
  readonly differences: readonly TaskDifference[];
}

/**
 * Restores the tasks of one user in a live database. First restores the whole backup into a scratch database, which
 * verifies it and migrates it to this schema. Then changes the live database in one transaction as this user, so that
 * row-level security protects the rows of all other users.
 *
 * @throws BackupError `USER_NOT_FOUND`, `USER_AMBIGUOUS`, `TARGET_BEHIND`, and the errors of `verifyBackup`.
 */
export async function restoreUser(options: UserRestoreOptions): Promise<UserRestoreResult> {
  const { url, user, apply, signal } = options;
  const withConnection = async <Result>(url: string, work: (client: Client) => Promise<Result>) => {
    const client = await openConnection(url, signal);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  try {
    // A server that suspends when idle would end a connection that stays open during the scratch restore.
    await withConnection(url, assertAtHead);
    return await withScratchRestore(options, (verification, scratchUrl) =>
      withConnection(scratchUrl, async (scratch) => {
        const userId = await findUser(scratch, user);
        const differences = await withConnection(url, (live) => restoreTasks({ live, scratch, userId, apply }));
        return { userId, verification, differences };
      }),
    );
  } catch (error) {
    throw toNamedError(error);
  }
}

async function assertAtHead(live: Client): Promise<void> {
  const applied = await readMigrations(toClientQuery(live));
  if (migrations.every(({ name }) => applied.includes(name))) return;
  throw new BackupError('TARGET_BEHIND', 'The live database lacks migrations. Run pnpm db migrate first.');
}

/** Returns the ID of a user in the backup. Finds the e-mail address in the tasks' tables and in the sign-in tables. */
async function findUser(scratch: Client, user: string): Promise<string> {
  const signedUp = await scratch.query<{ id: string }>(`select id from auth."user" where lower(email) = lower($1)`, [
    user,
  ]);
  await scratch.query(`begin; set local role ${toolsRole}`);
  const { rows } = await scratch.query<{ id: string }>(
    `select id from public.users where id::text = lower($1) or lower(email) = lower($1) or id = any ($2) order by id`,
    [user, signedUp.rows.map(({ id }) => id)],
  );
  await scratch.query('commit');
  if (rows.length === 1) return rows[0]!.id;
  if (rows.length === 0) {
    throw new BackupError(
      'USER_NOT_FOUND',
      'The backup contains no tasks of a user with this ID or e-mail address. Check both, or use another backup.',
    );
  }
  throw new BackupError(
    'USER_AMBIGUOUS',
    `Several users in the backup have this e-mail address. Pass one of their IDs: ${rows.map(({ id }) => id).join(', ')}.`,
  );
}

interface TaskRestore {
  readonly live: Client;
  readonly scratch: Client;
  readonly userId: string;
  readonly apply: boolean;
}

async function restoreTasks({ live, scratch, userId, apply }: TaskRestore): Promise<TaskDifference[]> {
  const tables = await readCatalog(toClientQuery(live), await readMigrations(toClientQuery(live)));
  const [users, tasks] = ['public.users', 'public.tasks'].map((name) => tables.find((table) => table.name === name)!);
  await begin(live);
  await live.query(`set local lock_timeout = '30s'`);
  await live.query(createStaged('users'));
  await live.query(createStaged('tasks'));
  await begin(scratch);
  await becomeUser(scratch, userId);
  await copyUserRows(scratch, live, users!);
  await copyUserRows(scratch, live, tasks!);
  await scratch.query('commit');
  await live.query(`grant select on ${staged('users')}, ${staged('tasks')} to ${appRole}`);
  // The user may have been deleted since the backup. This permits the ID again.
  if (apply) await live.query('delete from auth.erased_users where id = $1', [userId]);
  await becomeUser(live, userId);
  // These locks block every other transaction that creates or changes a task of this user.
  await live.query('select from public.users where id = $1 for update', [userId]);
  await live.query('select count(*) from (select from public.tasks where user_id = $1 for update) as locked', [userId]);
  const { rows } = await live.query<TaskDifference>(differencesSql(tasks!), [userId]);
  if (apply && rows.length > 0) {
    await live.query(
      `insert into public.users (${toColumnList(users!)}) select ${toColumnList(users!)} from ${staged('users')} on conflict do nothing`,
    );
    await live.query(removalSql(tasks!), [userId]);
    await live.query(additionSql(tasks!), [userId]);
    const { rows: remaining } = await live.query(differencesSql(tasks!), [userId]);
    if (remaining.length > 0) {
      throw new BackupError(
        'RESTORE_DIFFERS',
        'The restored tasks would differ from the backup, so nothing was changed.',
      );
    }
  }
  if (apply) await commit(live);
  else await live.query('rollback');
  return rows;
}

const staged = (table: 'users' | 'tasks') => `pg_temp.holdfast_restored_${table}`;

/** Creates a table with the same columns that exists only in this transaction. */
const createStaged = (table: 'users' | 'tasks') =>
  `create temporary table holdfast_restored_${table} (like public.${table}) on commit drop`;

async function begin(client: Client): Promise<void> {
  await client.query(`begin; ${canonicalSettings}`);
  await disableTransactionTimeout(client);
}

/** Applies row-level security as this user for the rest of the transaction. */
async function becomeUser(client: Client, userId: string): Promise<void> {
  await client.query(
    `select set_config('role', $1, true), set_config('app.user_id', $2, true), set_config('row_security', 'on', true)`,
    [appRole, userId],
  );
}

/** Row-level security limits the rows to those of the user. */
async function copyUserRows(scratch: Client, live: Client, table: BackupTable): Promise<void> {
  const target = { ...table, name: staged(table.name === 'public.users' ? 'users' : 'tasks') };
  await pipeline(readRows(scratch, table), writeRows(live, target));
}

/** SQL that is true if a task is equal in the backup (`saved`) and in the live database (`live`). */
function areEqual({ columns }: BackupTable): string {
  const list = (of: string) => columns.map(({ name }) => `${of}.${escapeIdentifier(name)}`).join(', ');
  return `(${list('saved')}) is not distinct from (${list('live')})`;
}

/** SQL that returns the name of the column if its values differ, otherwise null. */
function toChangedName({ name }: BackupTable['columns'][number]): string {
  const column = escapeIdentifier(name);
  return `case when saved.${column} is distinct from live.${column} then ${escapeLiteral(name)} end`;
}

const differencesSql = (tasks: BackupTable) => `
select
  coalesce(saved.id, live.id) as id,
  case when live.id is null then 'added' when saved.id is null then 'removed' else 'changed' end as kind,
  case when saved.id = live.id then array_remove(array[${tasks.columns.map(toChangedName).join(', ')}], null) else '{}' end
    as columns
from ${staged('tasks')} as saved
full join (select * from public.tasks where user_id = $1) as live on live.id = saved.id
where not (${areEqual(tasks)})
order by kind, id`;

// The user's role cannot change `created_at`, so a changed task is deleted and inserted again.
const removalSql = (tasks: BackupTable) => `
delete from public.tasks as live
where user_id = $1 and not exists (select from ${staged('tasks')} as saved where saved.id = live.id and ${areEqual(tasks)})`;

const additionSql = (tasks: BackupTable) => `
insert into public.tasks (${toColumnList(tasks)})
select ${toColumnList(tasks)} from ${staged('tasks')} as saved
where not exists (select from public.tasks as live where live.user_id = $1 and live.id = saved.id)`;
