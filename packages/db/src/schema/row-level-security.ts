import type { EntityManager } from '@mikro-orm/postgresql';
import { RowSecurityError } from '../errors.ts';
import { dbCommand } from '../installed.ts';
import { appRole } from './roles.ts';

/**
 * Checks the row-level security of the database. The app role must not be able to bypass it. The tables `users` and `tasks`,
 * and every other table with a column `user_id` that the app role may use, must force it, and must have the owner's policy
 * and no weaker one.
 *
 * @throws RowSecurityError with all problems.
 */
export async function assertRowSecurity(em: EntityManager): Promise<void> {
  const [role] = await em.execute<RoleRow[]>(roleSql, [appRole]);
  const tables = await em.execute<TableRow[]>(tablesSql, [appRole, ownerExpression, ownerExpression, appRole]);
  const missingTables = ['public.users', 'public.tasks'].filter((name) => !tables.some((table) => table.name === name));
  const problems = [
    ...roleProblems(role),
    ...tables.flatMap(tableProblems),
    ...missingTables.map((name) => `table ${name} does not exist. Run the migrations: ${dbCommand} migrate`),
  ];
  if (problems.length > 0) throw new RowSecurityError(problems);
}

interface RoleRow {
  is_super: boolean;
  bypasses: boolean;
  memberships: string[];
  login_role: string;
  is_usable: boolean;
}

// Up to PostgreSQL 15, every member of a role can switch to it. Since 16, that requires the grant option `set`.
const roleSql = `
select
  rolsuper as is_super,
  rolbypassrls as bypasses,
  array(select roleid::regrole::text from pg_auth_members where member = pg_roles.oid) as memberships,
  session_user::text as login_role,
  pg_has_role(
    session_user, oid, case when current_setting('server_version_num')::int < 160000 then 'member' else 'set' end
  ) as is_usable
from pg_roles
where rolname = ?`;

function roleProblems(role: RoleRow | undefined): string[] {
  if (role === undefined) return [`role ${appRole} does not exist. Run the migrations: ${dbCommand} migrate`];
  const problems = role.memberships.map(
    (group) => `role ${appRole} has the rights of ${group}. Run: revoke ${group} from ${appRole}`,
  );
  if (role.is_super) problems.push(`role ${appRole} is a superuser. Run: alter role ${appRole} nosuperuser`);
  if (role.bypasses)
    problems.push(`role ${appRole} bypasses row-level security. Run: alter role ${appRole} nobypassrls`);
  if (!role.is_usable) {
    problems.push(`role ${role.login_role} may not switch to ${appRole}. Run: grant ${appRole} to ${role.login_role}`);
  }
  return problems;
}

interface TableRow {
  name: string;
  is_forced: boolean;
  has_owner_policy: boolean;
  weak_policies: string[];
}

/** Matches the expression of the owner's policy, as PostgreSQL prints it. */
const ownerExpression = String.raw`^\((id|user_id) = \(NULLIF\(current_setting\('app\.user_id'::text, true\), ''::text\)\)::uuid\)$`;

// Tables with a user_id that the app role may not use belong to other applications, and are not Holdfast's to change.
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
checked as (
  select *, coalesce(reads ~ ?, false) and coalesce(writes ~ ?, false) as is_strict from policies
)
select
  format('%s.%s', nspname, relname) as name,
  relrowsecurity and relforcerowsecurity as is_forced,
  exists (select from checked where polrelid = tables.oid and is_strict) as has_owner_policy,
  array(select polname::text from checked where polrelid = tables.oid and not is_strict) as weak_policies
from pg_class as tables
join pg_namespace on pg_namespace.oid = relnamespace
where relkind in ('r', 'p')
  and nspname not in ('pg_catalog', 'information_schema')
  and (
    (nspname = 'public' and relname in ('users', 'tasks'))
    or (
      exists (select from pg_attribute where attrelid = tables.oid and attname = 'user_id' and not attisdropped)
      and exists (
        select from pg_roles as app
        where rolname = ? and has_schema_privilege(app.oid, pg_namespace.oid, 'usage')
          and (
            has_table_privilege(app.oid, tables.oid, 'delete')
            or has_any_column_privilege(app.oid, tables.oid, 'select, insert, update')
          )
      )
    )
  )`;

function tableProblems(table: TableRow): string[] {
  const problems = table.weak_policies.map(
    (policy) =>
      `policy ${policy} on ${table.name} gives ${appRole} access to rows of other users. Run: drop policy ${policy} on ${table.name}`,
  );
  if (!table.is_forced) {
    problems.push(
      `table ${table.name} does not force row-level security. Run: alter table ${table.name} enable row level security, force row level security`,
    );
  }
  if (!table.has_owner_policy) {
    problems.push(
      `table ${table.name} has no policy that limits access to the owner. See ownerPolicies in packages/db`,
    );
  }
  return problems;
}
