import type { EntityManager } from '@mikro-orm/postgresql';
import { RowSecurityError } from '../errors.ts';
import { appRole } from './roles.ts';

/**
 * Makes sure that the database itself keeps users apart: the role that units of work run as cannot step around row
 * level security, and `users` and every table with a `user_id` force it, with the owner's policy and no laxer one.
 *
 * @throws RowSecurityError naming everything that is missing.
 */
export async function assertRowSecurity(em: EntityManager): Promise<void> {
  const [role] = await em.execute<RoleRow[]>(roleSql, [appRole]);
  const tables = await em.execute<TableRow[]>(tablesSql, [appRole, ownersOnly, ownersOnly]);
  const missing = ['public.users', 'public.tasks'].filter((name) => !tables.some((table) => table.name === name));
  const problems = [
    ...roleProblems(role),
    ...tables.flatMap(tableProblems),
    ...missing.map((name) => `table ${name} does not exist: run the migrations (pnpm db migrate)`),
  ];
  if (problems.length > 0) throw new RowSecurityError(problems);
}

interface RoleRow {
  is_super: boolean;
  bypasses: boolean;
  memberships: string[];
  login_role: string;
  is_usable: boolean;
  filters_rows: boolean;
}

// Up to PostgreSQL 15 every member may switch to a role; since 16 that is a right of its own.
const roleSql = `
select
  rolsuper as is_super,
  rolbypassrls as bypasses,
  array(select roleid::regrole::text from pg_auth_members where member = pg_roles.oid) as memberships,
  session_user::text as login_role,
  current_setting('row_security') = 'on' as filters_rows,
  pg_has_role(
    session_user, oid, case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end
  ) as is_usable
from pg_roles
where rolname = ?`;

function roleProblems(role: RoleRow | undefined): string[] {
  if (role === undefined) return [`role ${appRole} does not exist: run the migrations (pnpm db migrate)`];
  const problems = role.memberships.map(
    (group) => `role ${appRole} has the rights of ${group}: revoke ${group} from ${appRole}`,
  );
  if (role.is_super) problems.push(`role ${appRole} is a superuser: alter role ${appRole} nosuperuser`);
  if (role.bypasses) problems.push(`role ${appRole} bypasses row level security: alter role ${appRole} nobypassrls`);
  if (!role.filters_rows) {
    problems.push(`row_security is off for ${role.login_role}: reset it on the role and on the database`);
  }
  if (!role.is_usable) {
    problems.push(`role ${role.login_role} may not switch to ${appRole}: grant ${appRole} to ${role.login_role}`);
  }
  return problems;
}

interface TableRow {
  name: string;
  is_forced: boolean;
  has_owner_policy: boolean;
  lax_policies: string[];
}

/** The owner's policy as PostgreSQL writes it. */
const ownersOnly = String.raw`^\((id|user_id) = \(NULLIF\(current_setting\('app\.user_id'::text, true\), ''::text\)\)::uuid\)$`;

const tablesSql = `
with policies as (
  select
    polrelid,
    polname,
    pg_get_expr(polqual, polrelid) as reads,
    pg_get_expr(coalesce(polwithcheck, polqual), polrelid) as writes
  from pg_policy
  where polpermissive
    and (polroles = '{0}' or exists (select from pg_roles where rolname = ? and pg_roles.oid = any (polroles)))
),
judged as (
  select *, coalesce(reads ~ ?, false) and coalesce(writes ~ ?, false) as is_strict from policies
)
select
  format('%s.%s', nspname, relname) as name,
  relrowsecurity and relforcerowsecurity as is_forced,
  exists (select from judged where polrelid = tables.oid and is_strict) as has_owner_policy,
  array(select polname::text from judged where polrelid = tables.oid and not is_strict) as lax_policies
from pg_class as tables
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p')
  and nspname not in ('pg_catalog', 'information_schema')
  and (
    (nspname = 'public' and relname = 'users')
    or exists (select from pg_attribute where attrelid = tables.oid and attname = 'user_id' and not attisdropped)
  )`;

function tableProblems(table: TableRow): string[] {
  const problems = table.lax_policies.map(
    (policy) =>
      `policy ${policy} on ${table.name} lets ${appRole} reach other users' rows: drop policy ${policy} on ${table.name}`,
  );
  if (!table.is_forced) {
    problems.push(
      `table ${table.name} does not force row level security: alter table ${table.name} enable row level security, force row level security`,
    );
  }
  if (!table.has_owner_policy) {
    problems.push(
      `table ${table.name} has no policy that shows rows to their owner only: see ownerPolicies in packages/db`,
    );
  }
  return problems;
}
