import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { findDrift } from '../../src/schema/drift.ts';
import { readStatus } from '../../src/status/status.ts';
import { backUp, runCli } from '../backup/fixture.ts';
import { asTools, connect, openBareDatabase } from '../fixture.ts';

test.each([
  ['alter table tasks drop constraint tasks_version', 'The constraint tasks_version on public.tasks is missing.'],
  [
    'alter table tasks drop constraint tasks_version, add constraint tasks_version check (version > 5)',
    'The constraint tasks_version on public.tasks was changed by hand.',
  ],
  [
    'alter table tasks drop constraint tasks_version, add constraint tasks_version check (version >= 1) not valid',
    'The constraint tasks_version on public.tasks was changed by hand. Run: alter table public.tasks validate constraint',
  ],
  ['drop index auth."session_userId_idx"', 'The index "session_userId_idx" on auth.session is missing.'],
  ['alter policy users_owner on users using (false)', 'The policy users_owner on public.users was changed by hand.'],
  ['drop policy tasks_owner on tasks', 'The policy tasks_owner on public.tasks is missing.'],
  ['drop index tasks_user_id_due', 'The index tasks_user_id_due on public.tasks is missing.'],
  ['alter table tasks drop constraint tasks_list_id', 'The constraint tasks_list_id on public.tasks is missing.'],
  ['drop policy lists_owner on lists', 'The policy lists_owner on public.lists is missing.'],
  ['drop trigger tasks_unfold on tasks', 'The trigger tasks_unfold on public.tasks is missing.'],
  ['drop trigger lists_log_delete on lists', 'The trigger lists_log_delete on public.lists is missing.'],
  [
    'alter table tasks disable trigger tasks_log_update',
    'The trigger tasks_log_update on public.tasks was changed by hand.',
  ],
  [
    'drop trigger unlogged_changes_log on unlogged_changes',
    'The trigger unlogged_changes_log on public.unlogged_changes is missing.',
  ],
  ['grant delete on changes to holdfast_app', 'The grants of holdfast_app on public.changes was changed by hand.'],
  ['revoke insert on tasks from holdfast_app', 'The grants of holdfast_app on public.tasks was changed by hand.'],
  ['alter table auth.session alter column token drop not null', 'The column auth.session.token was changed by hand.'],
  [
    'alter table tasks alter column completed set default true',
    'The column public.tasks.completed was changed by hand.',
  ],
])('after "%s", status and check name the difference, and the printed SQL removes it', async (change, sentence) => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(change);
  const { problems } = await readStatus(url);
  const problem = problems.find((text) => text.startsWith(sentence));
  expect(problem, problems.join('\n')).toBeDefined();
  const drift = await findDrift({ url });
  expect(drift).toHaveLength(1);
  expect(drift[0]).toContain(/^The \w+(?: of)? "?(?:[\w.]+\.)?(\w+)/.exec(sentence)![1]);
  const fix = problem!.split(' Run: ')[1];
  if (fix === undefined) return;
  await sql.query(fix);
  expect((await readStatus(url)).problems).toEqual([]);
});

test.each([
  [
    'alter table tasks drop constraint tasks_title_length',
    `update tasks set title = repeat('x', 501)`,
    'constraint tasks_title_length',
  ],
  [
    'alter table tasks drop constraint tasks_user_id',
    `update tasks set user_id = gen_random_uuid()`,
    'constraint tasks_user_id',
  ],
  [
    'alter table auth."user" drop constraint user_email_key',
    `insert into auth."user" (name, email, "emailVerified") select '', 'same', true from generate_series(1, 2)`,
    'constraint user_email_key',
  ],
  [
    'alter table auth.verification alter column value drop not null',
    `insert into auth.verification (identifier, "expiresAt") values ('', now())`,
    'column auth.verification.value',
  ],
])(
  'after "%s", a backup succeeds until rows violate it, and then names the database as the cause',
  async (change, rows, name) => {
    const { url } = await openBareDatabase();
    const sql = await connect(url);
    await asTools(sql, `insert into users (id) values ('${randomUUID()}')`);
    await asTools(sql, `insert into tasks (user_id, id, title) select id, gen_random_uuid(), 'x' from users`);
    await sql.query(change);
    await backUp(url);
    await (rows.includes('auth.') ? sql.query(rows) : asTools(sql, rows));
    await expect(backUp(url)).rejects.toMatchObject({
      code: 'ROWS_INVALID',
      message: expect.stringContaining(`The database has rows that violate the ${name}`),
    });
  },
);

test('a backup warns about every object that was made by hand, and status shows it without a problem', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(`
create view "my tasks" as select title from tasks;
create materialized view counts as select count(*) from users;
create function twice(int) returns int language sql as 'select $1 * 2';
create function noop() returns trigger language plpgsql as 'begin return new; end';
create trigger noop before update on tasks for each row execute function noop();
create index tasks_title on tasks (title);
create type mood as enum ('good');
create sequence numbers;
create schema reports;
alter table tasks add constraint tasks_calm check (title <> 'panic'), add column loud text generated always as (upper(title)) stored;
create policy tasks_more on tasks as restrictive for delete to public using (true);
create statistics tasks_stats on completed, version from tasks`);
  const names = [
    'column public.tasks.loud',
    'constraint tasks_calm on public.tasks',
    'function public.noop()',
    'function public.twice(integer)',
    'index tasks_title on public.tasks',
    'materialized view public.counts',
    'policy tasks_more on public.tasks',
    'schema reports',
    'sequence public.numbers',
    'statistics tasks_stats on public.tasks',
    'trigger noop on public.tasks',
    'type public.mood',
    'view public."my tasks"',
  ];
  const { code, stderr } = await runCli(url, ['backup', '-']).ended;
  // The restrictive policy could hide rows.
  expect([code, stderr]).toEqual([1, expect.stringContaining('cannot read all rows of public.tasks')]);
  await sql.query(
    'drop policy tasks_more on tasks; create policy tasks_more on tasks for delete to holdfast_tools using (true)',
  );
  const { manifest, file } = await backUp(url);
  expect([...manifest.omitted!].sort()).toEqual(names);
  const warned = await runCli(url, ['backup', `${file}.2`]).ended;
  expect(warned.code).toBe(0);
  for (const name of names) expect(warned.stderr).toContain(`  - ${name}\n`);
  const status = await runCli(url, ['status']).ended;
  for (const name of names) expect(status.stdout).toContain(name);
  expect(status.stdout).toContain('Healthy.');
});

test.each([
  [
    'a column made by hand',
    'alter table tasks add column extra text',
    'public.tasks does not match its migrations (extra text)',
  ],
  ['a table made by hand', 'create table notes (id int)', 'public.notes'],
  ['a missing table', 'drop table auth.jwks', 'lacks auth.jwks'],
  ['a missing grant', 'revoke select on tasks from holdfast_tools', 'cannot read all rows of public.tasks'],
  [
    'a table of another owner',
    'revoke select on auth.session from current_user',
    'cannot read all rows of auth.session',
  ],
])('status reports a database with %s as one that cannot be backed up', async (_, change, part) => {
  const { url } = await openBareDatabase();
  await (await connect(url)).query(change);
  const { stdout, code } = await runCli(url, ['status']).ended;
  expect(code).toBe(1);
  expect(stdout).toMatch(/^backup +not possible, see below$/m);
  expect(stdout).toMatch(new RegExp(`A backup is not possible\\. .*${part.replaceAll(/[()]/g, '\\$&')}`));
  await expect(backUp(url)).rejects.toMatchObject({ message: expect.stringContaining(part) });
});

test('backup and status print sizes in the same unit, and their help names it', async () => {
  for (const command of ['backup', 'status']) {
    const { stdout } = await runCli('', [command, '--help']).ended;
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('Sizes are decimal: 1 MB is 1,000,000 bytes.');
  }
});
