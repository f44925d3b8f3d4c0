import { pipeline } from 'node:stream/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { openConnection } from '../connection/dedicated-client.ts';
import { toNamedError } from '../connection/driver-error.ts';
import { migrations } from '../schema/migrations/index.ts';
import { appRole, toolsRole } from '../schema/roles.ts';
import { commit } from './commit.ts';
import { BackupError } from './error.ts';
import type { OnProgress } from './progress.ts';
import { canonicalSettings, liftTransactionTimeout, readRows, toColumnList, writeRows } from './rows.ts';
import { readMigrations, readTables, type Table } from './tables.ts';
import { type Proof, withRestored } from './verify.ts';

export interface UserRestoreOptions {
  /** The living database. */
  readonly url: string;
  readonly source: AsyncIterable<Buffer>;
  /** The user's id or e-mail address, as the backup has it. */
  readonly user: string;
  /** Whether to change anything; otherwise it is only found out what would change. */
  readonly isMeant: boolean;
  /** Where the scratch database is made; an embedded server where there is none. */
  readonly server?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** What differs between the living tasks of a user and those in the backup. */
export interface TaskDifference {
  readonly id: string;
  readonly kind: 'added' | 'changed' | 'removed';
  /** What a change is about; empty for a task that is there on one side only. */
  readonly columns: readonly string[];
}

export interface UserRestored {
  readonly userId: string;
  readonly proof: Proof;
  /** What was changed, or would be. */
  readonly differences: readonly TaskDifference[];
}

/**
 * Brings the tasks of one user back as they were, into a living database. The backup is restored whole into a scratch
 * database first, which proves it and brings it to this schema; the living database is then changed in one transaction
 * as this user, so that row level security keeps everybody else's rows out of reach.
 *
 * @throws BackupError `USER_NOT_FOUND`, `USER_AMBIGUOUS`, `TARGET_BEHIND`, and whatever is wrong with the backup.
 */
export async function restoreUser(options: UserRestoreOptions): Promise<UserRestored> {
  const { url, user, isMeant, signal } = options;
  const withConnection = async <Result>(url: string, work: (client: Client) => Promise<Result>) => {
    const client = await openConnection(url, signal);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  try {
    // A server that suspends ends connections that are idle for as long as the scratch database takes.
    await withConnection(url, assertAtHead);
    return await withRestored(options, (proof, scratchUrl) =>
      withConnection(scratchUrl, async (scratch) => {
        const userId = await findUser(scratch, user);
        const differences = await withConnection(url, (living) => putBack({ living, scratch, userId, isMeant }));
        return { userId, proof, differences };
      }),
    );
  } catch (error) {
    throw toNamedError(error);
  }
}

async function assertAtHead(living: Client): Promise<void> {
  const had = await readMigrations(living);
  if (migrations.every(({ name }) => had.includes(name))) return;
  throw new BackupError('TARGET_BEHIND', 'The living database lacks migrations: run pnpm db migrate first.');
}

/** The id under which the backup knows somebody, be it from their tasks or from signing in. */
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
    throw new BackupError('USER_NOT_FOUND', 'The backup has no tasks of a user with this id or e-mail address.');
  }
  throw new BackupError(
    'USER_AMBIGUOUS',
    `The backup has several users with this e-mail address: name one by its id (${rows.map(({ id }) => id).join(', ')}).`,
  );
}

interface PutBack {
  readonly living: Client;
  readonly scratch: Client;
  readonly userId: string;
  readonly isMeant: boolean;
}

async function putBack({ living, scratch, userId, isMeant }: PutBack): Promise<TaskDifference[]> {
  const tables = await readTables(living, await readMigrations(living));
  const [users, tasks] = ['public.users', 'public.tasks'].map((name) => tables.find((table) => table.name === name)!);
  await begin(living);
  await living.query(`set local lock_timeout = '30s'`);
  await living.query(stage('users'));
  await living.query(stage('tasks'));
  await begin(scratch);
  await becomeUser(scratch, userId);
  await copyOwn(scratch, living, users!);
  await copyOwn(scratch, living, tasks!);
  await scratch.query('commit');
  await living.query(`grant select on ${staged('users')}, ${staged('tasks')} to ${appRole}`);
  await becomeUser(living, userId);
  // From here on this user can neither make a task nor change one elsewhere.
  await living.query('select from public.users where id = $1 for update', [userId]);
  await living.query('select count(*) from (select from public.tasks where user_id = $1 for update) as locked', [
    userId,
  ]);
  const { rows } = await living.query<TaskDifference>(differencesSql(tasks!), [userId]);
  if (isMeant && rows.length > 0) {
    await living.query(
      `insert into public.users (${toColumnList(users!)}) select ${toColumnList(users!)} from ${staged('users')} on conflict do nothing`,
    );
    await living.query(removalSql(tasks!), [userId]);
    await living.query(additionSql(tasks!), [userId]);
    const { rows: left } = await living.query(differencesSql(tasks!), [userId]);
    if (left.length > 0) {
      throw new BackupError(
        'RESTORE_DIFFERS',
        'The tasks would not have come back as they were, so nothing was changed.',
      );
    }
  }
  if (isMeant) await commit(living);
  else await living.query('rollback');
  return rows;
}

const staged = (table: 'users' | 'tasks') => `pg_temp.holdfast_restored_${table}`;

/** A copy of the table's columns that this transaction alone sees and that ends with it. */
const stage = (table: 'users' | 'tasks') =>
  `create temporary table holdfast_restored_${table} (like public.${table}) on commit drop`;

async function begin(client: Client): Promise<void> {
  await client.query(`begin; ${canonicalSettings}`);
  await liftTransactionTimeout(client);
}

/** Puts both walls up for the rest of the transaction. */
async function becomeUser(client: Client, userId: string): Promise<void> {
  await client.query(
    `select set_config('role', $1, true), set_config('app.user_id', $2, true), set_config('row_security', 'on', true)`,
    [appRole, userId],
  );
}

/** What a user's scope shows of a table is the user's own. */
async function copyOwn(scratch: Client, living: Client, table: Table): Promise<void> {
  const target = { ...table, name: staged(table.name === 'public.users' ? 'users' : 'tasks') };
  await pipeline(readRows(scratch, table), writeRows(living, target));
}

/** Whether a task in the backup and a living one, `kept` and `living`, are the same in everything. */
function areSame({ columns }: Table): string {
  const list = (of: string) => columns.map(({ name }) => `${of}.${escapeIdentifier(name)}`).join(', ');
  return `(${list('kept')}) is not distinct from (${list('living')})`;
}

/** The column's name where it differs. */
function toChange({ name }: Table['columns'][number]): string {
  const column = escapeIdentifier(name);
  return `case when kept.${column} is distinct from living.${column} then ${escapeLiteral(name)} end`;
}

const differencesSql = (tasks: Table) => `
select
  coalesce(kept.id, living.id) as id,
  case when living.id is null then 'added' when kept.id is null then 'removed' else 'changed' end as kind,
  case when kept.id = living.id then array_remove(array[${tasks.columns.map(toChange).join(', ')}], null) else '{}' end
    as columns
from ${staged('tasks')} as kept
full join (select * from public.tasks where user_id = $1) as living on living.id = kept.id
where not (${areSame(tasks)})
order by kind, id`;

// The user's role may not change when a task was made, so one that differs goes and comes anew.
const removalSql = (tasks: Table) => `
delete from public.tasks as living
where user_id = $1 and not exists (select from ${staged('tasks')} as kept where kept.id = living.id and ${areSame(tasks)})`;

const additionSql = (tasks: Table) => `
insert into public.tasks (${toColumnList(tasks)})
select ${toColumnList(tasks)} from ${staged('tasks')} as kept
where not exists (select from public.tasks as living where living.user_id = $1 and living.id = kept.id)`;
