import { Migration } from '@mikro-orm/migrations';

// Triggers run with the rights of the tables' owner, so that every deletion is recorded, by any login and any tool.
const createTriggerFunction = (name: string, tokens: string) => [
  `create function auth.${name}() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into auth.ended_sessions (id) select id from ${tokens}
  where expires_at is null or expires_at > now()
  on conflict (id) do update set ended_at = excluded.ended_at, xid = excluded.xid;
  return null;
end $$`,
  `revoke all on function auth.${name}() from public`,
];

/**
 * Tokens with which scripts act as a user of the built-in sign-in. Only their hashes are stored. The end of a token is recorded as that
 * of a session, which all servers read.
 */
export class ApiTokens extends Migration {
  up(): void {
    this.addSql(`
create table auth.api_tokens (
  id uuid not null default gen_random_uuid() primary key,
  user_id uuid not null references auth."user" (id) on delete cascade,
  name text not null,
  scope text not null,
  hash text not null unique,
  created_at timestamptz(3) not null default now(),
  last_used_at timestamptz(3) null,
  expires_at timestamptz(3) null,
  constraint api_tokens_name check (char_length(name) between 1 and 100),
  constraint api_tokens_scope check (scope in ('read', 'write')),
  constraint api_tokens_hash check (char_length(hash) = 43)
)`);
    this.addSql('create index api_tokens_user_id on auth.api_tokens (user_id, created_at)');
    this.addSql('create index api_tokens_expires_at on auth.api_tokens (expires_at)');
    const functions = [
      ...createTriggerFunction('end_deleted_tokens', 'gone'),
      ...createTriggerFunction('end_all_tokens', 'auth.api_tokens'),
    ];
    for (const sql of functions) this.addSql(sql);
    this.addSql(`
create trigger api_tokens_deleted after delete on auth.api_tokens
referencing old table as gone for each statement execute function auth.end_deleted_tokens()`);
    this.addSql(`
create trigger api_tokens_truncated before truncate on auth.api_tokens
for each statement execute function auth.end_all_tokens()`);
    this.#copyGrants();
  }

  /** A server's login that may use the tables of the sign-in may also use the new one. */
  #copyGrants(): void {
    this.addSql(`
do $$
declare login text;
begin
  for login in
    select distinct grantee::regrole::text from pg_class cross join aclexplode(relacl)
    where pg_class.oid = 'auth.session'::regclass and privilege_type = 'DELETE' and grantee not in (relowner, 0)
  loop
    execute format('grant select, insert, update, delete on auth.api_tokens to %s', login);
  end loop;
end $$`);
  }
}
