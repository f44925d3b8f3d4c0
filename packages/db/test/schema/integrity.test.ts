import { beforeEach, expect, test } from 'vitest';
import { alice, asTools, openFixture } from '../fixture.ts';

const { sql } = await openFixture();

beforeEach(() => asTools(sql, 'insert into users (id) values ($1) on conflict do nothing', [alice]));

function insert(columns: Record<string, unknown>) {
  const row = { user_id: alice, id: crypto.randomUUID(), title: 'x', ...columns };
  const names = Object.keys(row);
  return asTools(
    sql,
    `insert into tasks (${names.join(', ')}) values (${names.map((_, at) => `$${at + 1}`).join(', ')}) returning *`,
    Object.values(row),
  );
}

const unknownUser = '0190a000-0000-7000-8000-0000000000ff';
const now = '2026-01-01T12:00:00.000Z';
const before = '2026-01-01T11:59:59.999Z';

test.each([
  ['a task without an owner', { user_id: null }, '23502', undefined],
  ['a task of an unknown user', { user_id: unknownUser }, '23503', 'tasks_user_id'],
  ['a task without an id', { id: null }, '23502', undefined],
  ['a task without a title', { title: null }, '23502', undefined],
  ['an empty title', { title: '' }, '23514', 'tasks_title_not_blank'],
  ['a title of only white space', { title: ' \t\n ' }, '23514', 'tasks_title_not_blank'],
  ['a title of 501 characters', { title: '😀'.repeat(501) }, '23514', 'tasks_title_length'],
  ['a description of 10,001 characters', { description: 'é'.repeat(10_001) }, '23514', 'tasks_description_length'],
  ['a completed task without completed_at', { completed: true }, '23514', 'tasks_completed_at'],
  ['an open task with completed_at', { created_at: before, completed_at: now }, '23514', 'tasks_completed_at'],
  ['an updated_at before created_at', { created_at: now, updated_at: before }, '23514', 'tasks_updated_at'],
  [
    'a completed_at before created_at',
    { completed: true, created_at: now, updated_at: now, completed_at: before },
    '23514',
    'tasks_completed_after_creation',
  ],
  ['a version below 1', { version: 0 }, '23514', 'tasks_version'],
])('the database rejects %s', async (_, columns, code, constraint) => {
  await expect(insert(columns)).rejects.toMatchObject(constraint ? { code, constraint } : { code });
});

test('the database rejects a second task with the same owner and id', async () => {
  const id = crypto.randomUUID();
  await insert({ id });
  await expect(insert({ id })).rejects.toMatchObject({ code: '23505', constraint: 'tasks_pkey' });
});

test('the database accepts a title of 500 and a description of 10,000 characters', async () => {
  const { rows } = await insert({ title: '😀'.repeat(500), description: 'é'.repeat(10_000) });
  expect(rows).toHaveLength(1);
});

test('two users may have tasks with the same id', async () => {
  const id = crypto.randomUUID();
  await asTools(sql, 'insert into users (id) values ($1)', [unknownUser]);
  await insert({ id });
  await insert({ id, user_id: unknownUser });
  const { rows } = await asTools(sql, 'select 1 from tasks where id = $1', [id]);
  expect(rows).toHaveLength(2);
});

test('every time column has a precision of milliseconds', async () => {
  const { rows } = await asTools(
    sql,
    `select attname from pg_attribute where attrelid in ('tasks'::regclass, 'users'::regclass)
      and atttypid = 'timestamptz'::regtype and atttypmod <> 3`,
  );
  expect(rows).toEqual([]);
});

test('the app role cannot change the owner, the id or the creation time of a task', async () => {
  await insert({});
  for (const column of ['user_id', 'id', 'created_at']) {
    await sql.query('begin');
    await sql.query(`set local role holdfast_app; set local app.user_id = '${alice}'`);
    await expect(sql.query(`update tasks set ${column} = ${column}`)).rejects.toMatchObject({ code: '42501' });
    await sql.query('rollback');
  }
});
