import { Migration } from '@mikro-orm/migrations';

/**
 * The second factor of users of the built-in sign-in: a code from an app. The sign-in library encrypts the secret and the backup
 * codes. A server of the previous version does not ask for the code.
 */
export class TwoFactor extends Migration {
  up(): void {
    this.addSql('alter table auth."user" add column "twoFactorEnabled" boolean not null default false');
    this.addSql(`
create table auth.two_factors (
  user_id uuid not null primary key references auth."user" (id) on delete cascade,
  id uuid not null default gen_random_uuid() unique,
  secret text not null,
  backup_codes text not null,
  is_verified boolean not null default false,
  failed_count integer not null default 0,
  locked_until timestamptz(3) null,
  constraint two_factors_secret check (char_length(secret) <= 1000),
  constraint two_factors_backup_codes check (char_length(backup_codes) <= 5000)
)`);
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
    execute format('grant select, insert, update, delete on auth.two_factors to %s', login);
  end loop;
end $$`);
  }
}
