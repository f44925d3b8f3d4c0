import { Migration } from '@mikro-orm/migrations';

const isOwner = `user_id = nullif(current_setting('app.user_id', true), '')::uuid`;
const isTools = `current_user = 'holdfast_tools'`;

/** Secret URLs with which calendar apps read the due tasks of a user. Only the hashes of the secrets are stored. */
export class CalendarFeeds extends Migration {
  up(): void {
    this.addSql(`
create table public.calendar_feeds (
  user_id uuid not null,
  hash text not null,
  created_at timestamptz(3) not null default now(),
  primary key (user_id),
  constraint calendar_feeds_user_id foreign key (user_id) references public.users (id)
    on update no action on delete cascade,
  constraint calendar_feeds_hash check (char_length(hash) = 43)
)`);
    this.addSql('alter table public.calendar_feeds enable row level security');
    this.addSql('alter table public.calendar_feeds force row level security');
    this.addSql(`
create policy calendar_feeds_owner on public.calendar_feeds using (${isOwner}) with check (${isOwner})`);
    this.addSql(`
create policy calendar_feeds_tools on public.calendar_feeds to holdfast_tools using (${isTools}) with check (${isTools})`);
    this.addSql('grant select, insert, delete on public.calendar_feeds to holdfast_app');
    this.addSql('grant update (hash, created_at) on public.calendar_feeds to holdfast_app');
    this.addSql('grant select, insert, update, delete on public.calendar_feeds to holdfast_tools');
  }
}
