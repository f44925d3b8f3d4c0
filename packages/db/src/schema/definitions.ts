import { readFileSync } from 'node:fs';
import { distributeDefinitions, isDistributed } from './cluster.ts';
import type { QueryWithValues } from './query.ts';
import { appRole, toolsRole } from './roles.ts';

/** An object of a database, such as a constraint, in the words of PostgreSQL's catalog. */
export interface Definition {
  /** `table`, `column`, `constraint`, `index`, `policy`, `trigger`, `function`, `grants`, `view` and so on. */
  readonly kind: string;
  /** The quoted name of its table, or null for an object without a table. */
  readonly table: string | null;
  /** The quoted name. For grants, the role. */
  readonly name: string;
  readonly definition: string;
}

/** An object of the migrations that the database lacks, or that was changed by hand. */
export interface SchemaDifference {
  readonly kind: string;
  readonly table: string | null;
  readonly name: string;
  /** For people: `constraint tasks_version on public.tasks`. */
  readonly object: string;
  readonly isMissing: boolean;
  readonly expected: string;
  /** SQL that restores the object, if one statement can. */
  readonly fix: string | undefined;
}

/** How a database differs from its migrations. */
export interface SchemaComparison {
  readonly differences: SchemaDifference[];
  /** Objects that no migration created, such as a view made by hand. */
  readonly additional: string[];
}

/** Maps each migration to the objects that it creates or changes, by description. `null` means that it drops the object. */
export type DefinitionsByMigration = Readonly<Record<string, Readonly<Record<string, Definition | null>>>>;

/** The file beside the migrations that contains the definitions. `pnpm db check --write-snapshot` writes it. */
export const definitionsFile = new URL('./migrations/definitions.json', import.meta.url);

export function readExpectedDefinitions(): DefinitionsByMigration {
  return JSON.parse(readFileSync(definitionsFile, 'utf8')) as DefinitionsByMigration;
}

/** The key of a definition, which is also its description for people. */
export function describeDefinition({ kind, table, name }: Pick<Definition, 'kind' | 'table' | 'name'>): string {
  if (table === null) return `${kind} ${name}`;
  return kind === 'column' ? `column ${table}.${name}` : `${kind} ${kind === 'grants' ? 'of ' : ''}${name} on ${table}`;
}

/** Returns the objects of a database after these migrations, by description. */
export function toDefinitionsAfter(applied: readonly string[]): Map<string, Definition> {
  const stored = readExpectedDefinitions();
  const expected = new Map<string, Definition>();
  for (const [key, definition] of applied.flatMap((name) => Object.entries(stored[name] ?? {}))) {
    if (definition === null) expected.delete(key);
    else expected.set(key, definition);
  }
  return expected;
}

/**
 * Compares the schema of a database with the schema after its migrations. Reads only the catalog. Run it in a transaction.
 *
 * @param applied The names of the applied migrations, all known to this version.
 */
export async function compareSchema(query: QueryWithValues, applied: readonly string[]): Promise<SchemaComparison> {
  const expected = toDefinitionsAfter(applied);
  if (await isDistributed(query)) distributeDefinitions(expected);
  const actual = new Map((await readDefinitions(query)).map((found) => [describeDefinition(found), found]));
  const hasTable = ({ table }: Definition) => table === null || isTable(actual, table);
  const differences = [...expected]
    // If a table is missing, its columns and constraints are missing too, and are not worth a line each.
    .filter(([key, object]) => actual.get(key)?.definition !== object.definition && hasTable(object))
    .map(([key, object]) => {
      const { kind, table, name, definition } = object;
      const found = actual.get(key)?.definition;
      return {
        kind,
        table,
        name,
        object: key,
        isMissing: found === undefined,
        expected: definition,
        fix: toFix(object, found),
      };
    });
  const additional = [...actual]
    .filter(([key, { table }]) => !expected.has(key) && (table === null || isTable(expected, table)))
    .map(([key]) => key);
  return { differences, additional };
}

function isTable(definitions: ReadonlyMap<string, Definition>, table: string): boolean {
  return definitions.has(`table ${table}`);
}

function toFix({ kind, table, name, definition }: Definition, found: string | undefined): string | undefined {
  const isMissing = found === undefined;
  const drop = (sql: string) => (isMissing ? '' : `${sql}; `);
  if (kind === 'constraint') {
    const alter = `alter table ${table}`;
    if (found === `${definition} NOT VALID`) return `${alter} validate constraint ${name}`;
    return `${drop(`${alter} drop constraint ${name}`)}${alter} add constraint ${name} ${definition}`;
  }
  if (kind === 'index') return `${drop(`drop index ${table!.split('.')[0]}.${name}`)}${definition}`;
  if (kind === 'policy')
    return `${drop(`drop policy ${name} on ${table}`)}create policy ${name} on ${table} ${definition}`;
  if (kind === 'trigger') return `${drop(`drop trigger ${name} on ${table}`)}${definition}`;
  if (kind === 'grants' && isMissing) return `grant ${definition} on ${table} to ${name}`;
  return undefined;
}

/** Describes a difference in one sentence, with the fix in a second one. */
export function describeDifference({ object, isMissing, expected, fix }: SchemaDifference): string {
  const problem = `The ${object} ${isMissing ? 'is missing' : 'was changed by hand'}.`;
  if (fix !== undefined) return `${problem} Run: ${fix};`;
  return expected === '' ? problem : `${problem} Restore its definition: ${expected}`;
}

/** Reads every object of the database that belongs neither to PostgreSQL nor to an extension. Run it in a transaction. */
export async function readDefinitions(query: QueryWithValues): Promise<Definition[]> {
  // With these settings PostgreSQL prints every name with its schema, and quotes only names that need it.
  await query(`select set_config('search_path', 'pg_catalog', true), set_config('quote_all_identifiers', 'off', true)`);
  return query<Definition>(definitionsSql, [[appRole, toolsRole]]);
}

const definitionsSql = `
with extension_members as (
  select classid, objid from pg_depend where deptype = 'e'
),
schemas as (
  select * from pg_namespace
  where nspname <> 'information_schema' and nspname !~ '^pg_'
    and ('pg_namespace'::regclass, oid) not in (select classid, objid from extension_members)
),
relations as (
  select pg_class.*, format('%I.%I', nspname, relname) as full_name
  from pg_class join schemas on schemas.oid = relnamespace
  where ('pg_class'::regclass, pg_class.oid) not in (select classid, objid from extension_members)
),
tables as (
  select * from relations where relkind in ('r', 'p')
)
select 'schema' as kind, null as "table", quote_ident(nspname) as name, '' as definition
from schemas where nspname <> 'public'
union all
select
  case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table'
    when 'S' then 'sequence' else 'table' end,
  null, full_name, ''
from relations
where relkind in ('r', 'p', 'v', 'm', 'f')
  or (relkind = 'S' and not exists (
    select from pg_depend where objid = relations.oid and refobjsubid > 0 and deptype in ('a', 'i')
  ))
union all
select
  'column', full_name, quote_ident(attname),
  concat_ws(' ',
    format_type(atttypid, atttypmod),
    case when attcollation <> typcollation then (select 'collate ' || quote_ident(collname) from pg_collation where oid = attcollation) end,
    case when attgenerated <> '' then 'generated always as' when attidentity <> '' then 'identity ' || attidentity::text when atthasdef then 'default' end,
    pg_get_expr(adbin, adrelid),
    case when attnotnull then 'not null' end)
from tables
join pg_attribute on attrelid = tables.oid and attnum > 0 and not attisdropped
join pg_type on pg_type.oid = atttypid
left join pg_attrdef on adrelid = attrelid and adnum = attnum
union all
select 'constraint', full_name, quote_ident(conname), pg_get_constraintdef(pg_constraint.oid)
from tables join pg_constraint on conrelid = tables.oid and contype in ('c', 'f', 'p', 'u', 'x')
union all
select 'index', tables.full_name, quote_ident(pg_class.relname), pg_get_indexdef(indexrelid)
from tables
join pg_index on indrelid = tables.oid
join pg_class on pg_class.oid = indexrelid
where not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
union all
select
  'policy', full_name, quote_ident(polname),
  concat_ws(' ',
    'as', case when polpermissive then 'permissive' else 'restrictive' end,
    'for', case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    'to', array_to_string(array(
      select case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end from unnest(polroles) as role order by pg_get_userbyid(role) collate "C"
    ), ', '),
    'using (' || pg_get_expr(polqual, polrelid) || ')',
    'with check (' || pg_get_expr(polwithcheck, polrelid) || ')')
from tables join pg_policy on polrelid = tables.oid
union all
select
  'trigger', full_name, quote_ident(tgname),
  pg_get_triggerdef(pg_trigger.oid) || case tgenabled when 'O' then '' else ' /* not enabled normally */' end
from relations join pg_trigger on tgrelid = relations.oid and not tgisinternal
union all
select 'rule', full_name, quote_ident(rulename), pg_get_ruledef(pg_rewrite.oid)
from relations join pg_rewrite on ev_class = relations.oid and rulename <> '_RETURN'
union all
select 'statistics', full_name, quote_ident(stxname), pg_get_statisticsobjdef(pg_statistic_ext.oid)
from tables join pg_statistic_ext on stxrelid = tables.oid
union all
select
  case prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
  null, pg_proc.oid::regprocedure::text,
  case when prokind in ('f', 'p') then pg_get_functiondef(pg_proc.oid) else '' end
from pg_proc join schemas on schemas.oid = pronamespace
where ('pg_proc'::regclass, pg_proc.oid) not in (select classid, objid from extension_members)
union all
select 'type', null, pg_type.oid::regtype::text, ''
from pg_type join schemas on schemas.oid = typnamespace
where (typtype in ('e', 'd', 'r') or (typtype = 'c' and exists (select from pg_class where pg_class.oid = typrelid and relkind = 'c')))
  and ('pg_type'::regclass, pg_type.oid) not in (select classid, objid from extension_members)
union all
select 'event trigger', null, quote_ident(evtname), ''
from pg_event_trigger
where ('pg_event_trigger'::regclass, oid) not in (select classid, objid from extension_members)
union all
select 'publication', null, quote_ident(pubname), '' from pg_publication
union all
select 'grants', tables.full_name, quote_ident(role), string_agg(privilege, ', ' order by privilege collate "C")
from tables
cross join unnest($1::text[]) as role
join lateral (
  select lower(privilege_type) as privilege
  from aclexplode(relacl) where pg_get_userbyid(grantee) = role
  union all
  select lower(privilege_type) || ' (' || string_agg(quote_ident(attname), ', ' order by attname collate "C") || ')'
  from pg_attribute cross join aclexplode(attacl)
  where attrelid = tables.oid and attnum > 0 and not attisdropped and pg_get_userbyid(grantee) = role
  group by privilege_type
) as privileges on true
group by 2, 3`;
