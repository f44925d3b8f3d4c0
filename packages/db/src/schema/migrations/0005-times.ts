import { Migration } from '@mikro-orm/migrations';

const earliest = `timestamptz '0001-01-01 00:00:00+00'`;
const latest = `timestamptz '9999-12-31 23:59:59.999+00'`;
const clamp = (time: string) => `least(greatest(${time}, ${earliest}), ${latest})`;
const order = (time: string) => `greatest(${clamp(time)}, ${clamp('created_at')})`;
const isOutside = (time: string) => `${time} < ${earliest} or ${time} > ${latest}`;

/**
 * Corrects times that the constraints of this migration refuse. It runs as holdfast_tools, because row-level security also
 * applies to the owner. If the user cannot switch to that role, it must bypass row-level security.
 */
export const repairTimes = `
do $$
declare
  before text := current_setting('role');
begin
  begin
    perform set_config('role', 'holdfast_tools', true);
  exception when insufficient_privilege then null;
  end;
  update public.tasks
  set created_at = ${clamp('created_at')}, updated_at = ${order('updated_at')},
    completed_at = case when completed_at is not null then ${order('completed_at')} end, version = version + 1
  where completed_at < created_at or ${['created_at', 'updated_at', 'completed_at'].map(isOutside).join(' or ')};
  update public.users set created_at = ${clamp('created_at')} where ${isOutside('created_at')};
  perform set_config('role', before, true);
end $$`;

const isInRange = (time: string) => `${time} >= '0001-01-01 00:00:00+00' and ${time} < '10000-01-01 00:00:00+00'`;

// The constraints are added as `not valid`, which locks the tables only for a moment. They are validated afterwards.
// `updated_at` and `completed_at` are not before `created_at`, so they need only an upper limit.
export class Times extends Migration {
  up(): void {
    this.addSql(repairTimes);
    this.addSql(`
alter table public.tasks
  add constraint tasks_completed_after_creation check (completed_at >= created_at) not valid,
  add constraint tasks_created_at_range check (${isInRange('created_at')}) not valid,
  add constraint tasks_updated_at_range check (updated_at < '10000-01-01 00:00:00+00') not valid,
  add constraint tasks_completed_at_range check (completed_at < '10000-01-01 00:00:00+00') not valid`);
    this.addSql(`
alter table public.users add constraint users_created_at_range check (${isInRange('created_at')}) not valid`);
  }
}
