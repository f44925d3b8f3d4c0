import { Migration } from '@mikro-orm/migrations';

// Roles belong to the whole server, so another database may have created them already.
const makeRole = (role: string) => `
do $$
begin
  if not exists (select from pg_roles where rolname = '${role}') then
    create role ${role} nologin;
  end if;
exception when duplicate_object or unique_violation then null;
end $$`;

// The creator or an administrator of a role can grant it to itself. Any other user must have the grant already.
const joinRole = (role: string) => `
do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    grant ${role} to current_user;
  end if;
exception when insufficient_privilege then null;
end $$`;

const isOwner = (column: string) => `${column} = nullif(current_setting('app.user_id', true), '')::uuid`;

// A policy also applies to roles that inherit from the named role. This condition limits it to sessions in that role.
const isTools = `current_user = 'holdfast_tools'`;

export class UsersAndTasks extends Migration {
  up(): void {
    for (const role of ['holdfast_app', 'holdfast_tools']) {
      this.addSql(makeRole(role));
      this.addSql(joinRole(role));
      this.addSql(`grant usage on schema public to ${role}`);
    }

    this.addSql(`
create table users (
  id uuid not null,
  email text null,
  name text null,
  created_at timestamptz(3) not null default now(),
  primary key (id)
)`);
    this.addSql(`
create table tasks (
  user_id uuid not null,
  id uuid not null,
  title text not null,
  description text null,
  completed boolean not null default false,
  completed_at timestamptz(3) null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version int not null default 1,
  primary key (user_id, id),
  constraint tasks_user_id foreign key (user_id) references users (id) on update no action on delete cascade,
  constraint tasks_title_length check (char_length(title) <= 500),
  constraint tasks_title_not_blank check (title collate "C" ~ '\\S'),
  constraint tasks_description_length check (char_length(description) <= 10000),
  constraint tasks_completed_at check (completed = (completed_at is not null)),
  constraint tasks_updated_at check (updated_at >= created_at),
  constraint tasks_version check (version >= 1)
)`);
    this.addSql('create index tasks_user_id_created_at on tasks (user_id, created_at, id)');
    this.addSql('create index tasks_user_id_completed_created_at on tasks (user_id, completed, created_at, id)');

    for (const [table, owner] of [
      ['users', 'id'],
      ['tasks', 'user_id'],
    ] as const) {
      this.addSql(`alter table ${table} enable row level security`);
      this.addSql(`alter table ${table} force row level security`);
      this.addSql(`create policy ${table}_owner on ${table} using (${isOwner(owner)}) with check (${isOwner(owner)})`);
      this.addSql(
        `create policy ${table}_tools on ${table} to holdfast_tools using (${isTools}) with check (${isTools})`,
      );
      this.addSql(`grant select, insert, update, delete on ${table} to holdfast_tools`);
    }

    // No column grants for the owner, id and creation time: the app role must not change them.
    this.addSql('grant select, insert, update (email, name) on users to holdfast_app');
    this.addSql(`
grant select, insert, delete, update (title, description, completed, completed_at, updated_at, version)
on tasks to holdfast_app`);
  }
}
