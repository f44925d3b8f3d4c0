import { pipeline } from 'node:stream/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { openConnection } from '../../connection/dedicated-client.ts';
import { toNamedError } from '../../connection/driver-error.ts';
import { dbCommand } from '../../installed.ts';
import { isDistributed } from '../../schema/cluster.ts';
import { migrations } from '../../schema/migrations/index.ts';
import { toClientQuery } from '../../schema/query.ts';
import { appRole, toolsRole } from '../../schema/roles.ts';
import { type BackupTable, readCatalog, readMigrations } from '../catalog.ts';
import { commit } from '../commit.ts';
import { BackupError } from '../error.ts';
import { canonicalSettings, disableTransactionTimeout, readRows, toColumnList, writeRows } from '../rows.ts';
import { type Verification, type VerifyOptions, withScratchRestore } from '../verify.ts';
import { lockUserRows } from './lock-user.ts';

export interface UserRestoreOptions extends VerifyOptions {
  /** The live database. */
  readonly url: string;
  /** The ID or e-mail address of a user in the backup. */
  readonly user: string;
  /** If false, only returns the differences and changes nothing. */
  readonly apply: boolean;
}

/** How one list or task of the live database must change to match the backup. */
export interface RowDifference {
  readonly of: 'list' | 'task';
  readonly id: string;
  readonly kind: 'added' | 'changed' | 'removed';
  /** The changed columns. Empty if the row is added or removed. */
  readonly columns: readonly string[];
}

export interface UserRestoreResult {
  readonly userId: string;
  readonly verification: Verification;
  /** The changes that were applied, or would be with `apply`. */
  readonly differences: readonly RowDifference[];
}

/**
 * Restores the lists and tasks of one user in a live database. First restores the whole backup into a scratch database,
 * which verifies it and migrates it to this schema. Then changes the live database in one transaction as this user, so that
 * row-level security protects the rows of all other users. It empties the user's log of changes, so that clients which follow
 * the log start a new copy.
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
        const differences = await withConnection(url, (live) => restoreRows({ live, scratch, userId, apply }));
        return { userId, verification, differences };
      }),
    );
  } catch (error) {
    throw toNamedError(error);
  }
}

async function assertAtHead(live: Client): Promise<void> {
  if (await isDistributed(toClientQuery(live))) {
    throw new BackupError(
      'TABLES_DISTRIBUTED',
      'A user cannot be restored into distributed tables. Import the data that the user has exported instead.',
    );
  }
  const applied = await readMigrations(toClientQuery(live));
  if (migrations.every(({ name }) => applied.includes(name))) return;
  throw new BackupError('TARGET_BEHIND', `The live database lacks migrations. Run ${dbCommand} migrate first.`);
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

interface RowRestore {
  readonly live: Client;
  readonly scratch: Client;
  readonly userId: string;
  readonly apply: boolean;
}

async function restoreRows({ live, scratch, userId, apply }: RowRestore): Promise<RowDifference[]> {
  const catalog = await readCatalog(toClientQuery(live), await readMigrations(toClientQuery(live)));
  const findTable = (name: string) => catalog.find((table) => table.name === `public.${name}`)!;
  const [users, lists, tasks] = [findTable('users'), findTable('lists'), findTable('tasks')];
  await begin(live);
  await begin(scratch);
  await becomeUser(scratch, userId);
  for (const table of [users, lists, tasks]) await copyUserRows(scratch, live, table);
  await scratch.query('commit');
  // The user may have been deleted since the backup. This permits the ID again.
  if (apply) await live.query('delete from auth.erased_users where id = $1', [userId]);
  await becomeUser(live, userId);
  await lockUserRows(live, userId);
  const findDifferences = async () => [
    ...(await live.query<RowDifference>(differencesSql('list', lists), [userId])).rows,
    ...(await live.query<RowDifference>(differencesSql('task', tasks), [userId])).rows,
  ];
  const differences = await findDifferences();
  if (apply && differences.length > 0) {
    for (const statement of toRestoreSql({ users, lists, tasks })) {
      // The log is replaced below.
      await live.query(`select set_config('holdfast.is_removal_logged', 'on', true)`);
      await live.query(statement, [userId]);
    }
    if ((await findDifferences()).length > 0) {
      throw new BackupError(
        'RESTORE_DIFFERS',
        'The restored rows would differ from the backup, so nothing was changed.',
      );
    }
    await replaceLog(live, userId);
  }
  if (apply) await commit(live);
  else await live.query('rollback');
  return differences;
}

/** Replaces the user's log by one row, to which no earlier cursor belongs. Only the owner of the table can delete rows of it. */
async function replaceLog(live: Client, userId: string): Promise<void> {
  await live.query(`select set_config('role', 'none', true)`);
  await live.query('delete from public.changes where user_id = $1', [userId]);
  await becomeUser(live, userId);
  await live.query(
    'insert into public.changes (user_id, revision, at) select id, revision, now() from public.users where id = $1',
    [userId],
  );
}

const toStaged = ({ name }: BackupTable) => `pg_temp.${name.replace('public.', 'holdfast_restored_')}`;

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

/** Copies rows to a table that exists only in this transaction. Row-level security limits the rows to those of the user. */
async function copyUserRows(scratch: Client, live: Client, table: BackupTable): Promise<void> {
  const name = toStaged(table);
  await live.query(`create temporary table ${name} (like ${table.name}) on commit drop`);
  await pipeline(readRows(scratch, table), writeRows(live, { ...table, name }));
  await live.query(`grant select on ${name} to ${appRole}`);
}

/** Columns whose values do not come from the user. */
const derivedColumns: ReadonlySet<string> = new Set(['revision', 'search', 'is_folded']);

const toComparedColumns = ({ columns }: BackupTable) =>
  columns.map(({ name }) => name).filter((name) => !derivedColumns.has(name));

/** SQL that is true if a row is equal in the backup (`saved`) and in the live database (`live`). */
function areEqual(table: BackupTable): string {
  const list = (of: string) =>
    toComparedColumns(table)
      .map((name) => `${of}.${escapeIdentifier(name)}`)
      .join(', ');
  return `(${list('saved')}) is not distinct from (${list('live')})`;
}

/** SQL that returns the name of the column if its values differ, otherwise null. */
function toChangedName(name: string): string {
  const column = escapeIdentifier(name);
  return `case when saved.${column} is distinct from live.${column} then ${escapeLiteral(name)} end`;
}

const differencesSql = (of: RowDifference['of'], table: BackupTable) => `
select
  '${of}' as of,
  coalesce(saved.id, live.id) as id,
  case when live.id is null then 'added' when saved.id is null then 'removed' else 'changed' end as kind,
  case when saved.id = live.id then array_remove(array[${toComparedColumns(table).map(toChangedName).join(', ')}], null)
    else '{}' end as columns
from ${toStaged(table)} as saved
full join (select * from ${table.name} where user_id = $1) as live on live.id = saved.id
where not (${areEqual(table)})
order by kind, id`;

/** The statements that make the rows of the user `$1` equal to the backup. */
function toRestoreSql({ users, lists, tasks }: Record<'users' | 'lists' | 'tasks', BackupTable>): string[] {
  const isSaved = (table: BackupTable) =>
    `exists (select from ${toStaged(table)} as saved where saved.id = live.id and ${areEqual(table)})`;
  const add = (table: BackupTable) => `
insert into ${table.name} (${toColumnList(table)})
select ${toColumnList(table).replace(/"?\brevision\b"?/, '(select revision from public.users where id = $1)')}
from ${toStaged(table)} as saved
where not exists (select from ${table.name} as live where live.user_id = $1 and live.id = saved.id)`;
  // The user's role cannot change `created_at`, so a changed row is deleted and inserted again. Tasks of a changed list too.
  return [
    `insert into public.users (${toColumnList(users)}) select ${toColumnList(users)} from ${toStaged(users)}
    where id = $1 on conflict do nothing`,
    `update public.users set revision = 1 + greatest(revision, (select revision from ${toStaged(users)})) where id = $1`,
    `delete from public.tasks as live where user_id = $1 and (not ${isSaved(tasks)}
      or list_id in (select id from public.lists as live where user_id = $1 and not ${isSaved(lists)}))`,
    `delete from public.lists as live where user_id = $1 and not ${isSaved(lists)}`,
    add(lists),
    add(tasks),
  ];
}
