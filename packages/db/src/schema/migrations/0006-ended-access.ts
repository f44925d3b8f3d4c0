import { Migration } from '@mikro-orm/migrations';

// Triggers run with the rights of the tables' owner, so that every deletion is recorded, by any login and any tool. The roles
// holdfast_app and holdfast_tools have no rights on the schema auth.
const createTriggerFunction = (name: string, body: string) => [
  `create function auth.${name}() returns trigger language plpgsql security definer set search_path = '' as $$
begin
${body}
  return null;
end $$`,
  `revoke all on function auth.${name}() from public`,
];

/** A token is valid for 15 minutes, and at most that long after its session has expired. */
const markEnded = (sessions: string) => `  insert into auth.ended_sessions (id) ${sessions}
  on conflict (id) do update set ended_at = excluded.ended_at, xid = excluded.xid;`;

const newTables = 'auth.ended_sessions, auth.erased_users, auth.issuer';

/** Records ended sessions, erased users and the issuer of the user IDs. */
export class EndedAccess extends Migration {
  up(): void {
    this.addSql(`
create table auth.ended_sessions (
  id uuid not null primary key,
  ended_at timestamptz(3) not null default clock_timestamp(),
  xid xid8 not null default pg_current_xact_id()
)`);
    this.addSql('create index ended_sessions_xid on auth.ended_sessions (xid)');
    this.addSql('create index ended_sessions_ended_at on auth.ended_sessions (ended_at)');
    this.addSql(`
create table auth.erased_users (
  id uuid not null primary key,
  erased_at timestamptz(3) not null default clock_timestamp()
)`);
    this.addSql('create index erased_users_erased_at on auth.erased_users (erased_at)');
    this.addSql(`
create table auth.issuer (
  is_only boolean not null default true primary key,
  issuer text null,
  subjects text not null,
  constraint issuer_is_only check (is_only),
  constraint issuer_subjects check (subjects in ('derived', 'uuids', 'mixed'))
)`);
    // The maintenance job finds old rows by these times.
    this.addSql('create index session_expires_at on auth.session ("expiresAt")');
    this.addSql('create index verification_expires_at on auth.verification ("expiresAt")');
    this.#recordEndedSessions();
    this.#recordErasedUsers();
    this.#readAccount();
    this.#recordFormerIssuer();
    this.#copyGrants();
  }

  #recordEndedSessions(): void {
    const isAlive = `"expiresAt" > now() - interval '15 minutes'`;
    const functions = [
      ...createTriggerFunction('end_deleted_sessions', markEnded(`select id from gone where ${isAlive}`)),
      ...createTriggerFunction('end_all_sessions', markEnded(`select id from auth.session where ${isAlive}`)),
      ...createTriggerFunction('end_expired_session', markEnded('values (new.id)')),
    ];
    for (const sql of functions) this.addSql(sql);
    this.addSql(`
create trigger session_deleted after delete on auth.session
referencing old table as gone for each statement execute function auth.end_deleted_sessions()`);
    this.addSql(`
create trigger session_truncated before truncate on auth.session
for each statement execute function auth.end_all_sessions()`);
    this.addSql(`
create trigger session_expired after update on auth.session for each row
when (new."expiresAt" < old."expiresAt" and new."expiresAt" <= clock_timestamp())
execute function auth.end_expired_session()`);
  }

  #recordErasedUsers(): void {
    const functions = [
      ...createTriggerFunction(
        'erase_users',
        `  insert into auth.erased_users (id) select id from gone
  on conflict (id) do update set erased_at = excluded.erased_at;
  delete from auth.session where "userId" in (select id from gone);`,
      ),
      ...createTriggerFunction(
        'refuse_erased_user',
        `  if exists (select from auth.erased_users where id = new.id) then
    raise exception 'the user was deleted'
      using errcode = 'check_violation', schema = 'public', table = 'users', constraint = 'users_not_erased';
  end if;`,
      ),
    ];
    for (const sql of functions) this.addSql(sql);
    for (const table of ['public.users', 'auth."user"']) {
      this.addSql(`
create trigger users_erased after delete on ${table}
referencing old table as gone for each statement execute function auth.erase_users()`);
    }
    // After the insert: PostgreSQL then calls it for new rows only, and not for each insert that finds the row.
    this.addSql(`
create trigger users_not_erased after insert on public.users
for each row execute function auth.refuse_erased_user()`);
  }

  /** Lets a user read the name and the e-mail address of their own account, and no other row. */
  #readAccount(): void {
    this.addSql(`
create function public.holdfast_account() returns table (email text, name text, created_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select email, name, "createdAt" from auth."user" where id = nullif(current_setting('app.user_id', true), '')::uuid
$$`);
    this.addSql('revoke all on function public.holdfast_account() from public');
    this.addSql('grant execute on function public.holdfast_account() to holdfast_app');
  }

  /**
   * Earlier versions used the subject of an external issuer as the user ID if it was a UUID. A database with such users
   * continues to do so. The first start records the issuer.
   */
  #recordFormerIssuer(): void {
    // Without FORCE, the owner sees all rows. The lock of this statement lasts until the end of the transaction.
    this.addSql('alter table public.users no force row level security');
    this.addSql(`
insert into auth.issuer (issuer, subjects)
select null, case when exists (
  select from public.users where substr(id::text, 15, 1) <> '5'
    and not exists (select from auth."user" as account where account.id = users.id)
) then 'mixed' else 'derived' end
where exists (select from public.users)`);
    this.addSql('alter table public.users force row level security');
  }

  /** A server's login that may use the tables of the sign-in may also use the new ones. */
  #copyGrants(): void {
    this.addSql(`
do $$
declare login text;
begin
  for login in
    select distinct grantee::regrole::text from pg_class cross join aclexplode(relacl)
    where pg_class.oid = 'auth.session'::regclass and privilege_type = 'DELETE' and grantee not in (relowner, 0)
  loop
    execute format('grant select, insert, update, delete on ${newTables} to %s', login);
  end loop;
end $$`);
  }
}
