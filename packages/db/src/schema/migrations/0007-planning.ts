import { Migration } from '@mikro-orm/migrations';

const isOwner = `user_id = nullif(current_setting('app.user_id', true), '')::uuid`;
const isTools = `current_user = 'holdfast_tools'`;

const timeLimit = `'10000-01-01 00:00:00+00'`;
const isPosition = "position ~ '^[0-9A-Za-z]+$' and char_length(position) <= 200";

/**
 * The position of an existing task: `f`, and 13 hexadecimal digits for the milliseconds from year 1 to its creation. They are
 * doubled, so that the last digit of these keys is never 0. All positions of new tasks come after them.
 */
const positionOfCreation = `'f' || lpad(to_hex((date_part('epoch', created_at) * 1000 + 62135596800000)::bigint * 2 + 1), 13, '0')`;

const indexesOfTasks = [
  ['created_at', 'created_at, id'],
  ['completed_created_at', 'completed, created_at, id'],
  ['list_id_position', 'list_id, position, id', 'deleted_at is null'],
  ['due', 'due_date, due_time, id', 'due_date is not null and deleted_at is null'],
  ['completed_at', 'completed_at, id', 'completed_at is not null and deleted_at is null'],
  ['deleted_at', 'deleted_at, id', 'deleted_at is not null'],
  ['unfolded', 'id', 'not is_folded'],
] as const;

/** The migration drops the first two, so that writing the table again takes less time. Lists of tasks use the primary key. */
export const planningIndexes = indexesOfTasks.map(([name, columns, condition]) => ({
  name: `tasks_user_id_${name}`,
  on: `public.tasks (user_id, ${columns})${condition === undefined ? '' : ` where ${condition}`}`,
}));

/** Lists, due dates, priorities, labels, manual order, trash, search, and the log of changes. */
export class Planning extends Migration {
  up(): void {
    this.#createFunctions();
    this.addSql(`
alter table public.users
  add column revision bigint not null default 0,
  add column time_zone text null,
  add constraint users_revision check (revision >= 0),
  add constraint users_time_zone_length check (char_length(time_zone) <= 64)`);
    // Each write updates the user's row. With room on its page, the update writes to no index.
    this.addSql('alter table public.users set (fillfactor = 70)');
    this.addSql('grant update (revision, time_zone) on public.users to holdfast_app');
    this.#createLists();
    this.#extendTasks();
    this.#createChanges();
    this.#renameAccount();
  }

  #createFunctions(): void {
    this.addSql(String.raw`
create function public.holdfast_are_labels(labels text[]) returns boolean
language sql immutable set search_path = '' as $$
  select array_ndims(labels) = 1 and array_lower(labels, 1) = 1 and cardinality(labels) <= 20 and not exists (
    select from unnest(labels) as label
    where label is null or char_length(label) > 50 or label collate "C" !~ '\S'
  )
$$`);
    // PostgreSQL parses the checks again for each write. This function takes less time than five checks.
    this.addSql(`
create function public.holdfast_is_due(due_date date, due_time time, due_time_zone text) returns boolean
language plpgsql immutable as $$
begin
  if due_date is null then
    return due_time is null and due_time_zone is null;
  end if;
  if due_time is null and due_time_zone is not null then
    return false;
  end if;
  return due_date >= '0001-01-01' and due_date <= '9999-12-31'
    and (due_time is null or (due_time < '24:00:00' and extract(second from due_time) = 0))
    and (due_time_zone is null or char_length(due_time_zone) <= 64);
end $$`);
  }

  #createLists(): void {
    this.addSql(String.raw`
create table public.lists (
  user_id uuid not null,
  id uuid not null,
  name text not null,
  color text null,
  position text collate "C" not null default 'h00000000',
  archived_at timestamptz(3) null,
  deleted_at timestamptz(3) null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version int not null default 1,
  revision bigint not null default 0,
  primary key (user_id, id),
  constraint lists_user_id foreign key (user_id) references public.users (id) on update no action on delete cascade,
  constraint lists_name_length check (char_length(name) <= 200),
  constraint lists_name_not_blank check (name collate "C" ~ '\S'),
  constraint lists_color_length check (char_length(color) >= 1 and char_length(color) <= 50),
  constraint lists_position check (${isPosition}),
  constraint lists_created_at_range check (created_at >= '0001-01-01 00:00:00+00' and created_at < ${timeLimit}),
  constraint lists_updated_at check (updated_at >= created_at and updated_at < ${timeLimit}),
  constraint lists_archived_at check (archived_at >= created_at and archived_at < ${timeLimit}),
  constraint lists_deleted_at check (deleted_at >= created_at and deleted_at < ${timeLimit}),
  constraint lists_version check (version >= 1),
  constraint lists_revision check (revision >= 0)
)`);
    this.addSql('create index lists_user_id_position on public.lists (user_id, position, id) where deleted_at is null');
    this.addSql(
      'create index lists_user_id_deleted_at on public.lists (user_id, deleted_at, id) where deleted_at is not null',
    );
    this.#isolate('lists');
    this.addSql('grant select, insert, delete on public.lists to holdfast_app');
    this.addSql(`
grant update (name, color, position, archived_at, deleted_at, updated_at, version, revision)
on public.lists to holdfast_app`);
  }

  // The table is written once, for the generated column and for the positions of existing tasks.
  #extendTasks(): void {
    this.addSql('drop index public.tasks_user_id_created_at, public.tasks_user_id_completed_created_at');
    this.addSql('alter table public.tasks add column position text null');
    this.addSql(`
alter table public.tasks
  alter column position type text collate "C" using ${positionOfCreation},
  add column list_id uuid null,
  add column due_date date null,
  add column due_time time(0) null,
  add column due_time_zone text null,
  add column due_at timestamptz(3) generated always as ((due_date + due_time) at time zone due_time_zone) stored,
  add column priority smallint not null default 0,
  add column labels text[] not null default '{}',
  add column deleted_at timestamptz(3) null,
  add column search text not null default '',
  add column is_folded boolean not null default false,
  add column revision bigint not null default 0,
  alter column position set default 'h00000000',
  alter column position set not null,
  add constraint tasks_list_id foreign key (user_id, list_id) references public.lists (user_id, id)
    on update no action not valid,
  add constraint tasks_priority check (priority >= 0 and priority <= 3) not valid,
  add constraint tasks_labels check (labels = '{}' or public.holdfast_are_labels(labels)) not valid,
  add constraint tasks_position check (${isPosition}) not valid,
  add constraint tasks_due check (public.holdfast_is_due(due_date, due_time, due_time_zone)) not valid,
  add constraint tasks_deleted_at_range check (deleted_at >= created_at and deleted_at < ${timeLimit}) not valid,
  add constraint tasks_revision check (revision >= 0) not valid`);
    this.addSql(`
grant update (list_id, due_date, due_time, due_time_zone, priority, labels, position, deleted_at, search, is_folded, revision)
on public.tasks to holdfast_app`);
    // Every writer that folds the search text also takes a revision. Other code, such as the previous version, does neither.
    this.addSql(`
create function public.holdfast_unfold() returns trigger language plpgsql set search_path = '' as $$
begin
  if (new.title, new.description, new.labels) is distinct from (old.title, old.description, old.labels) then
    new.is_folded := false;
  end if;
  return new;
end $$`);
    this.addSql(`
create trigger tasks_unfold before update on public.tasks for each row
when (new.is_folded and new.revision = old.revision) execute function public.holdfast_unfold()`);
  }

  #createChanges(): void {
    this.addSql(`
create table public.changes (
  user_id uuid not null,
  revision bigint not null,
  operation_id uuid null,
  request_hash bigint null,
  at timestamptz(3) not null,
  task_ids uuid[] not null default '{}',
  list_ids uuid[] not null default '{}',
  primary key (user_id, revision),
  constraint changes_user_id foreign key (user_id) references public.users (id) on update no action on delete cascade,
  constraint changes_request_hash check ((operation_id is null) = (request_hash is null))
)`);
    this.addSql(`
create unique index changes_operation_id on public.changes (user_id, operation_id) where operation_id is not null`);
    this.#isolate('changes');
    // The log can be extended, but not rewritten.
    this.addSql('grant select, insert on public.changes to holdfast_app');
    // The first row of each user gives change feeds a place to start.
    for (const table of ['users', 'changes']) this.addSql(`alter table public.${table} no force row level security`);
    this.addSql('insert into public.changes (user_id, revision, at) select id, revision, now() from public.users');
    for (const table of ['users', 'changes']) this.addSql(`alter table public.${table} force row level security`);
  }

  /** Lets a user change the name of their own account. Returns whether there is an account. */
  #renameAccount(): void {
    this.addSql(`
create function public.holdfast_rename_account(new_name text) returns boolean
language sql security definer set search_path = '' as $$
  update auth."user" set name = new_name, "updatedAt" = now()
  where id = nullif(current_setting('app.user_id', true), '')::uuid and name <> new_name;
  select exists (select from auth."user" where id = nullif(current_setting('app.user_id', true), '')::uuid)
$$`);
    this.addSql('revoke all on function public.holdfast_rename_account(text) from public');
    this.addSql('grant execute on function public.holdfast_rename_account(text) to holdfast_app');
  }

  #isolate(table: string): void {
    this.addSql(`alter table public.${table} enable row level security`);
    this.addSql(`alter table public.${table} force row level security`);
    this.addSql(`create policy ${table}_owner on public.${table} using (${isOwner}) with check (${isOwner})`);
    this.addSql(`
create policy ${table}_tools on public.${table} to holdfast_tools using (${isTools}) with check (${isTools})`);
    this.addSql(`grant select, insert, update, delete on public.${table} to holdfast_tools`);
  }
}
