import { RowSecurityError } from '../errors.ts';
import type { Query } from './query.ts';
import { appRole } from './roles.ts';

/** The tables with the rows of users, and the column with the user's ID. A table follows those that it refers to. */
export const ownerTables = [
  { name: 'public.users', column: 'id' },
  { name: 'public.lists', column: 'user_id' },
  { name: 'public.tasks', column: 'user_id' },
  { name: 'public.changes', column: 'user_id' },
  { name: 'public.calendar_feeds', column: 'user_id' },
] as const;

/** A table that Citus manages. */
export interface PlacedTable {
  /** With its schema. */
  readonly name: string;
  /** The column that decides the node of a row. Null for a table that each node has as a whole, and for a local table. */
  readonly column: string | null;
  /** Tables of one group have the rows with the same value on the same node. */
  readonly group: number;
  readonly isReference: boolean;
}

/** SQL that is true if the database has the extension Citus. */
export const hasCitusSql = `exists (select from pg_catalog.pg_extension where extname = 'citus')`;

/** Whether the database has the extension Citus. */
export async function hasCitus(query: Query): Promise<boolean> {
  const [row] = await query<{ has_citus: boolean }>(`select ${hasCitusSql} as has_citus`);
  return row!.has_citus;
}

/** The tables that Citus manages. Requires the extension. */
export function findPlacedTables(query: Query): Promise<PlacedTable[]> {
  return query<PlacedTable>(`
select
  format('%I.%I', nspname, relname) as name,
  case partmethod when 'h' then column_to_column_name(logicalrelid, partkey) end as column,
  colocationid::int as group,
  partmethod = 'n' and repmodel = 't' as "isReference"
from pg_catalog.pg_dist_partition
join pg_catalog.pg_class on pg_class.oid = logicalrelid
join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
order by 1`);
}

/** Whether Citus has distributed tables with the rows of users, or has begun to. */
export async function isDistributed(query: Query): Promise<boolean> {
  if (!(await hasCitus(query))) return false;
  const tables = await findPlacedTables(query);
  return ownerTables.some(({ name }) => tables.some((table) => table.name === name && table.column !== null));
}

const erasedTriggerKey = 'trigger users_erased on public.users';

/** The changes of the trigger functions for distributed tables: the part of the body, and what replaces it. */
export const adaptations: readonly { name: string; from: string; to: string }[] = [
  {
    name: 'auth.erase_users()',
    from: `  insert into auth.erased_users (id) select id from gone
  on conflict (id) do update set erased_at = excluded.erased_at;`,
    // Citus cannot copy the rows of a trigger into a table that each node has.
    to: `  declare erased uuid;
  begin
    for erased in select id from gone loop
      insert into auth.erased_users (id) values (erased) on conflict (id) do update set erased_at = excluded.erased_at;
    end loop;
  end;`,
  },
  // The name of a shard is that of its table and a number.
  ...['public.holdfast_log_later()', 'public.holdfast_log_removed()'].map((name) => ({
    name,
    from: `tg_table_name = 'tasks'`,
    to: `tg_table_name like 'tasks%'`,
  })),
  {
    name: 'public.holdfast_refuse_truncate()',
    from: `if pg_relation_size('public.users') > 0 then`,
    // The size is that of the rows which the distribution has left.
    to: `if pg_relation_size('public.users') > 0 or tg_table_name ~ '_[0-9]+$' then`,
  },
];

/** Changes the definitions of the migrations to those of distributed tables. */
export function distributeDefinitions<Found extends { readonly definition: string }>(
  definitions: Map<string, Found>,
): void {
  definitions.delete(erasedTriggerKey);
  for (const { name, from, to } of adaptations) {
    const key = `function ${name}`;
    const found = definitions.get(key);
    if (found) definitions.set(key, { ...found, definition: found.definition.replace(from, () => to) });
  }
}

interface NodeReport {
  node: string;
  success: boolean;
  result: string;
}

const shardNames = `^(${ownerTables.map(({ name }) => name.split('.')[1]).join('|')})_[0-9]+$`;

/** Shards on which row-level security does not isolate the users, as one text for each node. */
const weakShardsSql = `
select coalesce(string_agg(relname, ', ' order by relname), '') from pg_catalog.pg_class as shard
where relnamespace = 'public'::regnamespace and relkind = 'r' and relname ~ '${shardNames}'
  and not (relrowsecurity and relforcerowsecurity and exists (
    select from pg_catalog.pg_policy where polrelid = shard.oid and polpermissive
      and pg_get_expr(polqual, polrelid) like '%app.user_id%'
  ))`;

/**
 * Checks row-level security on the shards of all nodes. Must run in a transaction, which it leaves as `holdfast_app`: the nodes must
 * accept the same connections as for requests.
 *
 * @throws RowSecurityError with all problems.
 */
export async function assertShardSecurity(query: Query): Promise<void> {
  await query(`set local role ${appRole}`);
  const reports = await query<NodeReport>(`
select format('%s:%s', nodename, nodeport) as node, success, result
from run_command_on_all_nodes($command$${weakShardsSql}$command$) join pg_catalog.pg_dist_node using (nodeid)
order by 1`);
  const problems = reports.flatMap(({ node, success, result }) => {
    if (!success) return [`node ${node} refuses ${appRole}. Permit this role in pg_hba.conf of the node`];
    if (result === '') return [];
    return [`row-level security is incomplete on ${node} for ${result}. Restore it on the table, and on these shards`];
  });
  if (problems.length > 0) throw new RowSecurityError(problems);
}
