import { Migration } from '@mikro-orm/migrations';

/** Most IDs in one row of the log. */
const idsMax = 10_000;

// The functions run with the rights of the tables' owner. Triggers call them; no role may call them itself.
const createFunction = (signature: string, body: string) => [
  `create function public.${signature} language plpgsql security definer set search_path = '' as $$${body}$$`,
  `revoke all on function public.${signature.split(' returns ')[0]} from public`,
];

/**
 * Logs the changes of writers that take no revision: SQL, internal tools, the entity manager, and servers of the previous
 * version. Operations of this version log their changes themselves, and give their rows a new revision. For them, only the
 * condition of one trigger is evaluated.
 */
export class OtherWriters extends Migration {
  up(): void {
    // The rows of transactions that have not ended. Each transaction sees and removes only its own.
    this.addSql(`
create table public.unlogged_changes (
  xid xid8 not null,
  is_first boolean not null,
  is_task boolean not null,
  user_id uuid not null,
  id uuid not null,
  primary key (xid, is_task, user_id, id)
)`);
    const functions = [
      ...createFunction('holdfast_log(owner uuid, changed_tasks uuid[], changed_lists uuid[]) returns void', logBody),
      ...createFunction('holdfast_log_later() returns trigger', logLaterBody),
      ...createFunction('holdfast_log_unlogged() returns trigger', logUnloggedBody),
      ...createFunction('holdfast_log_removed() returns trigger', logRemovedBody),
      ...createFunction('holdfast_refuse_truncate() returns trigger', refuseTruncateBody),
    ];
    for (const sql of functions) this.addSql(sql);
    // At the commit, so that the lock on the user's row is short, and that each row is logged once.
    this.addSql(`
create constraint trigger unlogged_changes_log after insert on public.unlogged_changes deferrable initially deferred
for each row when (new.is_first) execute function public.holdfast_log_unlogged()`);
    for (const table of ['tasks', 'lists']) this.#createTriggers(table);
  }

  #createTriggers(table: string): void {
    this.addSql(`
create trigger ${table}_log_insert after insert on public.${table} for each row
when (new.revision = 0) execute function public.holdfast_log_later()`);
    this.addSql(`
create trigger ${table}_log_update after update on public.${table} for each row
when (new.revision = old.revision) execute function public.holdfast_log_later()`);
    this.addSql(`
create trigger ${table}_log_delete after delete on public.${table} referencing old table as removed
for each statement execute function public.holdfast_log_removed()`);
    this.addSql(`
create trigger ${table}_refuse_truncate after truncate on public.${table}
for each statement execute function public.holdfast_refuse_truncate()`);
  }
}

/** Takes the next revision of a user and logs it. Fulfils the policy of this user. */
const logBody = `
declare
  caller text := current_setting('app.user_id', true);
  taken bigint;
begin
  perform set_config('app.user_id', owner::text, true);
  update public.users set revision = revision + 1 where id = owner returning revision into taken;
  -- There is no row if the user is being deleted.
  if found then
    insert into public.changes (user_id, revision, at, task_ids, list_ids)
    values (owner, taken, now(), changed_tasks, changed_lists);
  end if;
  perform set_config('app.user_id', coalesce(caller, ''), true);
end
`;

const logLaterBody = `
declare
  is_task boolean := tg_table_name = 'tasks';
begin
  if tg_op = 'UPDATE' then
    if not new *<> old then return null; end if;
    -- Maintenance makes missing search texts, which are no change for readers.
    if is_task then
      if new.is_folded and not old.is_folded
        and to_jsonb(new) - '{search,is_folded}'::text[] = to_jsonb(old) - '{search,is_folded}'::text[] then
        return null;
      end if;
    end if;
  end if;
  insert into public.unlogged_changes (xid, is_first, is_task, user_id, id)
  select xid, not exists (select from public.unlogged_changes as earlier where earlier.xid = mine.xid), is_task, new.user_id, new.id
  from (select pg_current_xact_id() as xid) as mine
  on conflict do nothing;
  if tg_op = 'UPDATE' then
    if (old.user_id, old.id) <> (new.user_id, new.id) then
      insert into public.unlogged_changes (xid, is_first, is_task, user_id, id)
      values (pg_current_xact_id(), false, is_task, old.user_id, old.id) on conflict do nothing;
    end if;
  end if;
  return null;
end
`;

const logUnloggedBody = `
declare
  changed record;
begin
  for changed in
    with unlogged as (delete from public.unlogged_changes where xid = pg_current_xact_id() returning is_task, user_id, id),
    numbered as (select *, (row_number() over (partition by user_id order by is_task, id) - 1) / ${idsMax} as part from unlogged)
    select user_id, coalesce(array_agg(id) filter (where is_task), '{}') as tasks,
      coalesce(array_agg(id) filter (where not is_task), '{}') as lists
    from numbered group by user_id, part order by user_id, part
  loop
    perform public.holdfast_log(changed.user_id, changed.tasks, changed.lists);
  end loop;
  return null;
end
`;

/** The setting holdfast.is_removal_logged marks a statement that has logged its removals. */
const logRemovedBody = `
begin
  if current_setting('holdfast.is_removal_logged', true) = 'on' then
    perform set_config('holdfast.is_removal_logged', '', true);
    return null;
  end if;
  perform public.holdfast_log(user_id, case when tg_table_name = 'tasks' then ids else '{}' end,
    case when tg_table_name = 'lists' then ids else '{}' end)
  from (
    select user_id, array_agg(id) as ids
    from (select user_id, id, (row_number() over (partition by user_id order by id) - 1) / ${idsMax} as part from removed) as numbered
    group by user_id, part order by user_id, part
  ) as parts;
  return null;
end
`;

/** Permits it if the users are truncated too. PostgreSQL has replaced their file before it calls the trigger. */
const refuseTruncateBody = `
begin
  if pg_relation_size('public.users') > 0 then
    raise exception 'TRUNCATE is not logged for change feeds. Use DELETE, or truncate users with CASCADE.'
      using errcode = 'feature_not_supported';
  end if;
  return null;
end
`;
