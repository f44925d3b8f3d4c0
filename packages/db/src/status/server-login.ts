import { escapeIdentifier } from 'pg';
import { migrationsTable } from '../schema/orm.ts';
import type { QueryWithValues } from '../schema/query.ts';
import { appRole, toolsRole } from '../schema/roles.ts';

/** A login of servers, and the rights that it lacks. */
export interface ServerLogin {
  readonly name: string;
  /** SQL that grants what is missing, one statement each. Empty if servers can use this login. */
  readonly missing: readonly string[];
}

export interface ServerLoginOptions {
  /**
   * The login to check. `unknown` checks every login that may switch to `holdfast_app`, apart from the owner of the tables.
   * Default: the current user. A pooler may have other names for its users, so a name from a URL `mayBeAbsent`.
   */
  readonly login?: { readonly name: string; readonly mayBeAbsent?: boolean } | 'unknown' | undefined;
  /** Whether servers use the built-in sign-in, which needs the tables in the schema `auth`. Default true. */
  readonly usesSignIn?: boolean | undefined;
}

/**
 * Checks whether logins have the rights that a server needs. A missing table or role counts as no problem, because a
 * missing migration is reported elsewhere.
 */
export async function readServerLogins(query: QueryWithValues, options: ServerLoginOptions): Promise<ServerLogin[]> {
  const { login, usesSignIn = true } = options;
  const name = typeof login === 'object' ? login.name : null;
  const rows = await query<RightsRow>(rightsSql, [appRole, name, login === 'unknown', toolsRole]);
  if (rows.length === 0 && typeof login === 'object' && !login.mayBeAbsent) {
    return [{ name: login.name, missing: [`create role ${escapeIdentifier(login.name)} login password '…'`] }];
  }
  return rows.map((row) => ({ name: row.name, missing: toMissing(row, usesSignIn) }));
}

interface RightsRow {
  name: string;
  role: string;
  database: string;
  mayLogIn: boolean;
  mayConnect: boolean;
  maySwitch: boolean;
  mayMaintain: boolean;
  usesAuth: boolean;
  writesAuth: boolean;
  readsMigrations: boolean;
}

// Up to PostgreSQL 15, every member of a role can switch to it. Since 16, that is a separate right.
const rightsSql = `
with tables as (
  select pg_class.oid, nspname, relname, relowner
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where relkind in ('r', 'p') and nspname in ('public', 'auth')
)
select
  rolname as name,
  quote_ident(rolname) as role,
  quote_ident(current_database()) as database,
  rolcanlogin as "mayLogIn",
  has_database_privilege(logins.oid, current_database(), 'connect') as "mayConnect",
  coalesce(pg_has_role(logins.oid, (select oid from pg_roles where rolname = $1),
    case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end), true) as "maySwitch",
  coalesce(pg_has_role(logins.oid, (select oid from pg_roles where rolname = $4),
    case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end), true) as "mayMaintain",
  coalesce(has_schema_privilege(logins.oid, to_regnamespace('auth'), 'usage'), true) as "usesAuth",
  not exists (
    select from tables cross join unnest('{select,insert,update,delete}'::text[]) as privilege
    where nspname = 'auth' and not has_table_privilege(logins.oid, tables.oid, privilege)
  ) as "writesAuth",
  coalesce(has_table_privilege(logins.oid, to_regclass('public.${migrationsTable}'), 'select'), true) as "readsMigrations"
from pg_roles as logins
where case
  when $2::text is not null then rolname = $2
  when not $3 then rolname = current_user
  else rolcanlogin and not rolsuper
    and pg_has_role(logins.oid, (select oid from pg_roles where rolname = $1), 'member')
    and not exists (select from tables where nspname = 'public' and relname = 'tasks' and pg_has_role(logins.oid, relowner, 'member'))
end
order by 1`;

function toMissing(row: RightsRow, usesSignIn: boolean): string[] {
  const { role, database } = row;
  return [
    ...(row.mayLogIn ? [] : [`alter role ${role} login`]),
    ...(row.mayConnect ? [] : [`grant connect on database ${database} to ${role}`]),
    ...(row.maySwitch ? [] : [`grant ${appRole} to ${role}`]),
    ...(row.mayMaintain ? [] : [`grant ${toolsRole} to ${role}`]),
    ...(row.usesAuth || !usesSignIn ? [] : [`grant usage on schema auth to ${role}`]),
    ...(row.writesAuth || !usesSignIn
      ? []
      : [`grant select, insert, update, delete on all tables in schema auth to ${role}`]),
    ...(row.readsMigrations ? [] : [`grant select on ${migrationsTable} to ${role}`]),
  ];
}
