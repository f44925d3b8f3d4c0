import { setTimeout as sleep } from 'node:timers/promises';
import { dbCommand } from '../installed.ts';
import {
  adaptations,
  distributeDefinitions,
  findPlacedTables,
  hasCitus,
  ownerTables,
  type PlacedTable,
} from './cluster.ts';
import { toDefinitionsAfter } from './definitions.ts';
import { migrations } from './migrations/index.ts';
import type { Query } from './query.ts';
import { appRole, toolsRole } from './roles.ts';

/** One change on the way to distributed tables. Each can be repeated. */
export interface DistributionStep {
  /** What it does, as a sentence without a full stop. */
  readonly change: string;
  /** They run in one transaction. */
  readonly statements: readonly string[];
}

interface State {
  lockedRoles: string[];
  hasUsersErased: boolean;
  nodesWithoutLog: string[];
  tablesWithLocalRows: string[];
}

const stateSql = `
select
  array(
    select rolname::text from pg_catalog.pg_roles
    where rolname in ('${appRole}', '${toolsRole}') and not rolcanlogin order by rolname
  ) as "lockedRoles",
  exists (
    select from pg_catalog.pg_trigger join pg_catalog.pg_class on pg_class.oid = tgrelid
    where tgname = 'users_erased' and relname = 'users' and relnamespace = 'public'::regnamespace
  ) as "hasUsersErased",
  array(
    select nodename || ':' || nodeport
    from run_command_on_workers($$select coalesce(to_regclass('public.unlogged_changes')::text, '')$$)
    where not success or result = '' order by 1
  ) as "nodesWithoutLog",
  array(
    select format('%I.%I', nspname, relname) from pg_catalog.pg_class join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where pg_class.oid in (select logicalrelid from pg_catalog.pg_dist_partition where partmethod = 'h' or repmodel = 't')
      and nspname in ('auth', 'public') and pg_relation_size(pg_class.oid) > 0
    order by relname
  ) as "tablesWithLocalRows"`;

/** The changes that are left until the tables are distributed. Empty if they are distributed. Requires the extension Citus. */
export async function findDistributionSteps(query: Query): Promise<DistributionStep[]> {
  const tables = await findPlacedTables(query);
  const [state] = (await query<State>(stateSql)) as [State];
  const functions = await findAdaptations(query);
  return [
    ...toRoleSteps(state),
    ...(functions.length > 0 ? [toFunctionStep(functions)] : []),
    ...(state.hasUsersErased ? [triggerStep] : []),
    ...toTableSteps(tables),
    ...(state.nodesWithoutLog.length > 0 ? [toLogStep(state.nodesWithoutLog)] : []),
    ...toCleanupSteps(state),
  ];
}

function toRoleSteps({ lockedRoles }: State): DistributionStep[] {
  return lockedRoles.map((role) => ({
    change: `Permit ${role} to log in, since Citus connects to the other nodes as this role; it gets no password`,
    statements: [`alter role ${role} login`],
  }));
}

/** SQL that changes the trigger functions to their form for distributed tables. Only those that have another form. */
async function findAdaptations(query: Query): Promise<string[]> {
  const rows = await query<{ name: string; source: string }>(`
select format('%I.%I()', nspname, proname) as name, prosrc as source
from pg_catalog.pg_proc join pg_catalog.pg_namespace on pg_namespace.oid = pronamespace
where nspname in ('auth', 'public') and pronargs = 0`);
  const definitions = toDefinitionsAfter(migrations.map(({ name }) => name));
  distributeDefinitions(definitions);
  return adaptations
    .filter(({ name, to }) => !rows.some((row) => row.name === name && row.source.includes(to)))
    .map(({ name }) => definitions.get(`function ${name}`)!.definition);
}

const toFunctionStep = (statements: readonly string[]): DistributionStep => ({
  change: 'Change the functions of triggers so that they can run on each node',
  statements,
});

const triggerStep: DistributionStep = {
  change:
    'Drop the trigger users_erased on public.users, which cannot reach the tables of the sign-in from other nodes',
  statements: ['drop trigger if exists users_erased on public.users'],
};

/** The triggers are off while Citus copies the rows, which are no changes for the log. */
function toDistributionSql(name: string, distribution: string): string[] {
  return [
    `alter table ${name} disable trigger user`,
    `select create_distributed_table('${name}', ${distribution})`,
    `alter table ${name} enable trigger user`,
  ];
}

function toTableSteps(tables: readonly PlacedTable[]): DistributionStep[] {
  const isPlaced = (name: string) => tables.some((table) => table.name === name);
  const erased: DistributionStep = {
    change: 'Copy the table auth.erased_users to each node',
    statements: [`select create_reference_table('auth.erased_users')`],
  };
  const owned = ownerTables
    .filter(({ name }) => !isPlaced(name))
    .map(({ name, column }) => {
      const group = name === 'public.users' ? '' : `, colocate_with => 'public.users'`;
      return {
        change: `Distribute the table ${name} by ${column}${group && ', beside the users'}`,
        statements: toDistributionSql(name, `'${column}'${group}`),
      };
    });
  return [...(isPlaced('auth.erased_users') ? [] : [erased]), ...owned];
}

/** Citus leaves the rows that it has copied. */
function toCleanupSteps({ tablesWithLocalRows }: State): DistributionStep[] {
  if (tablesWithLocalRows.length === 0) return [];
  const isOwned = tablesWithLocalRows.some((name) => ownerTables.some((table) => table.name === name));
  // Removes the rows of the other owner tables too.
  const names = [
    ...(isOwned ? ['public.users'] : []),
    ...tablesWithLocalRows.filter((name) => name.startsWith('auth.')),
  ];
  return [
    {
      change: `Remove the hidden former rows of ${tablesWithLocalRows.join(', ')} from the coordinator`,
      statements: names.map((name) => `select truncate_local_data_after_distributing_table('${name}')`),
    },
  ];
}

const createLog = `
do $body$ begin
  if to_regclass('public.unlogged_changes') is null then
    create table public.unlogged_changes (
      xid xid8 not null,
      is_first boolean not null,
      is_task boolean not null,
      user_id uuid not null,
      id uuid not null,
      primary key (xid, is_task, user_id, id)
    );
    create constraint trigger unlogged_changes_log after insert on public.unlogged_changes deferrable initially deferred
    for each row when (new.is_first) execute function public.holdfast_log_unlogged();
  end if;
end $body$
`;

/** Each node logs the changes of other writers to its rows, so this table is local on each. */
function toLogStep(nodes: readonly string[]): DistributionStep {
  return {
    change: `Create the table public.unlogged_changes for writes of other programs on ${nodes.join(', ')}`,
    statements: [
      `
do $$
declare failures text;
begin
  select string_agg(format('%s:%s: %s', nodename, nodeport, result), '; ') into failures
  from run_command_on_workers($command$${createLog}$command$) where not success;
  if failures is not null then
    raise exception '%', failures;
  end if;
end $$`,
    ],
  };
}

/** Why the tables cannot be distributed, each with its fix. */
export async function findDistributionRefusals(query: Query): Promise<string[]> {
  if (!(await hasCitus(query))) {
    return ['The database has no extension Citus. Install it, and run: create extension citus;'];
  }
  const [row] = await query<{ others: string[] }>(othersSql);
  return [
    ...findMisplaced(await findPlacedTables(query)),
    ...row!.others.map((other) => `${other} was made by hand. Remove it first.`),
    ...((await areServersConnected(query)) ? ['Servers are connected to the database. Stop all of them first.'] : []),
  ];
}

/** Whether each table is in the place where `distribute` would put it. Tables without a place are no problem here. */
function findMisplaced(tables: readonly PlacedTable[]): string[] {
  const group = tables.find(({ name }) => name === 'public.users')?.group;
  return tables.flatMap(({ name, column, group: own, isReference }) => {
    const expected = ownerTables.find((table) => table.name === name);
    if (expected === undefined || (column === null && !isReference)) return [];
    if (column === expected.column && own === group) return [];
    const place = isReference ? 'copied to each node' : `distributed by ${column}`;
    return [
      `The table ${name} is ${place}, not beside its users. Run: select undistribute_table('${name}', cascade_via_foreign_keys => true);`,
    ];
  });
}

const ownerNames = ownerTables.map(({ name }) => `'${name}'::regclass`).join(', ');

const othersSql = `
select
  array(
    select format('The foreign key %I on %s', conname, conrelid::regclass) from pg_catalog.pg_constraint
    where contype = 'f' and conparentid = 0 and (conrelid in (${ownerNames}) or confrelid in (${ownerNames}))
      and conname not in ('tasks_user_id', 'tasks_list_id', 'lists_user_id', 'changes_user_id', 'calendar_feeds_user_id')
    union all
    select format('The trigger %I on %s', tgname, tgrelid::regclass) from pg_catalog.pg_trigger
    where tgrelid in (${ownerNames}) and not tgisinternal
      and tgname !~ '^(users_erased|users_not_erased|tasks_unfold|(tasks|lists)_(log_(insert|update|delete)|refuse_truncate))$'
    order by 1
  ) as others`;

/** Waits for connections that are being closed. */
async function areServersConnected(query: Query): Promise<boolean> {
  for (let attempts = 0; attempts < 20; attempts++) {
    const connected = await query(`
select from pg_catalog.pg_stat_activity
where datname = current_database() and application_name = 'holdfast' and pid <> pg_backend_pid() limit 1`);
    if (connected.length === 0) return false;
    await sleep(100);
  }
  return true;
}

/** The sentence about tables of which only some are distributed, or undefined. For servers, which must not use such tables. */
export async function findIncompleteDistribution(query: Query): Promise<string | undefined> {
  const misplaced = findMisplaced(await findPlacedTables(query));
  const isComplete = misplaced.length === 0 && (await findDistributionSteps(query)).length === 0;
  return isComplete ? undefined : `The tables are distributed only in part. Run: ${dbCommand} distribute`;
}
