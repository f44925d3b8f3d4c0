import { escapeIdentifier } from 'pg';
import { migrationsTable } from '../schema/orm.ts';
import type { QueryWithValues } from '../schema/query.ts';
import { appRole, toolsRole } from '../schema/roles.ts';
import { excludedTables, knownTables } from './known-tables.ts';

/** Rights of one role on one object, or its membership in a role of Holdfast. */
export interface Grant {
  readonly to: string;
  /** `schema auth`, `table auth.session` or `role holdfast_app`, without quotes. */
  readonly on: string;
  /** In lower case. Empty for a membership. */
  readonly privileges: readonly string[];
}

/** Reads the rights of roles other than the owner and Holdfast's own. Belongs to the state of a database, not to its schema. */
export async function readGrants(query: QueryWithValues): Promise<Grant[]> {
  return query<Grant>(grantsSql, [[appRole, toolsRole]]);
}

const grantsSql = `
with grants as (
  select grantee, 'schema ' || nspname as "on", privilege_type, nspowner as owner
  from pg_namespace cross join aclexplode(nspacl)
  where nspname in ('public', 'auth')
  union all
  select grantee, 'table ' || nspname || '.' || relname, privilege_type, relowner
  from pg_class join pg_namespace on pg_namespace.oid = relnamespace cross join aclexplode(relacl)
  where relkind in ('r', 'p') and nspname in ('public', 'auth')
),
granted as (
  select rolname as "to", "on", array_agg(distinct lower(privilege_type)) as privileges, grantee
  from grants join pg_roles on pg_roles.oid = grantee
  where grantee <> owner and not rolname = any ($1) and rolname !~ '^pg_' and not rolsuper
  group by 1, 2, 4
)
select "to", "on", privileges from granted
union all
-- Memberships apply to the whole server. Those of roles without rights in this database belong to other databases.
select distinct "to", 'role ' || roles.rolname, '{}'::text[]
from granted
join pg_auth_members on member = grantee
join pg_roles as roles on roles.oid = roleid and roles.rolname = any ($1)
order by 1, 2`;

const privilegeName = /^[a-z]+$/;

/**
 * Converts the grants of a backup to SQL. Names from the file are quoted, and grants on anything but Holdfast's objects are
 * left out, because a person may run the SQL as the owner.
 */
export function toGrantSql(grants: readonly Grant[]): string[] {
  const statements = new Map<string, string[]>();
  for (const { to, on, privileges } of grants.filter(isSafe)) {
    const [kind, name] = on.split(' ') as [string, string];
    const role = escapeIdentifier(to);
    if (kind === 'role') statements.set(`grant ${name} to ${role};`, []);
    else {
      const objects = name.split('.').map(escapeIdentifier).join('.');
      const key = `grant ${privileges.join(', ')} on ${kind} % to ${role};`;
      statements.set(key, [...(statements.get(key) ?? []), objects]);
    }
  }
  return [...statements].map(([statement, objects]) => statement.replace('%', () => objects.join(', ')));
}

const grantable: ReadonlySet<string> = new Set([
  ...[appRole, toolsRole].map((role) => `role ${role}`),
  ...['public', 'auth'].map((schema) => `schema ${schema}`),
  ...[...knownTables.map(({ name }) => name), ...excludedTables, `public.${migrationsTable}`].map(
    (name) => `table ${name}`,
  ),
]);

function isSafe({ on, privileges }: Grant): boolean {
  return grantable.has(on) && privileges.every((name) => privilegeName.test(name));
}
