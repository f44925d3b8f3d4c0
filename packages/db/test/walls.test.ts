import { expect, test } from 'vitest';
import { openDatabase } from '../src/index.ts';
import { connect, openBareDatabase } from './fixture.ts';

test.each([
  [
    'a table that does not enable row level security',
    'alter table tasks disable row level security',
    'tasks does not force',
  ],
  [
    'a table that does not force it on its owner',
    'alter table tasks no force row level security',
    'tasks does not force',
  ],
  ['users without it', 'alter table users disable row level security', 'users does not force'],
  ['a table without the owner’s policy', 'drop policy tasks_owner on tasks', 'tasks has no policy'],
  ['a laxer policy beside it', 'create policy open on tasks using (true)', 'drop policy open on public.tasks'],
  [
    'a policy that reads strictly and writes laxly',
    `drop policy tasks_owner on tasks;
      create policy tasks_owner on tasks
      using (user_id = nullif(current_setting('app.user_id', true), '')::uuid) with check (true)`,
    'drop policy tasks_owner on public.tasks',
  ],
  [
    'a new table with a user_id and no wall',
    'create table notes (user_id uuid not null references users (id))',
    'public.notes does not force',
  ],
  [
    'the same in another schema',
    'create schema extra; create table extra.notes (user_id uuid not null)',
    'extra.notes does not force',
  ],
  ['a missing table', 'drop table tasks', 'public.tasks does not exist'],
])('the start is refused for %s', async (_, change, problem) => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query(change);
  const error = await openDatabase({ url }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'MISSING_WALL' });
  expect((error as Error).message).toContain(problem);
});

test('every problem is named at once', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  await sql.query('alter table tasks disable row level security; alter table users disable row level security');
  await expect(openDatabase({ url })).rejects.toMatchObject({ problems: { length: 2 } });
});
