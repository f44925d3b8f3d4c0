import { beforeEach, expect, test } from 'vitest';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

const { sql } = await openFixture();

const [aliceList, bobList, unknownId] = ['a1', 'b1', 'ff'].map((end) => `0190a000-0000-7000-8000-0000000000${end}`);

beforeEach(async () => {
  await asTools(sql, 'insert into users (id) select unnest($1::uuid[]) on conflict do nothing', [[alice, bob]]);
  await asTools(
    sql,
    `insert into lists (user_id, id, name) values ($1, $2, 'of Alice'), ($3, $4, 'of Bob') on conflict do nothing`,
    [alice, aliceList, bob, bobList],
  );
});

type Row = Record<string, unknown>;

function insert(table: string, row: Row) {
  const names = Object.keys(row);
  return asTools(
    sql,
    `insert into ${table} (${names.join(', ')}) values (${names.map((_, at) => `$${at + 1}`).join(', ')}) returning *`,
    Object.values(row),
  );
}

const insertTask = (row: Row) => insert('tasks', { user_id: alice, id: crypto.randomUUID(), title: 'x', ...row });
const insertList = (row: Row) => insert('lists', { user_id: alice, id: crypto.randomUUID(), name: 'x', ...row });
let revision = 1_000;
const insertChange = (row: Row) =>
  insert('changes', { user_id: alice, revision: (revision += 1), at: '2026-01-01Z', ...row });

const created = { created_at: '2026-01-02Z', updated_at: '2026-01-02Z' };
const labels = (count: number) => Array.from({ length: count }, (_, at) => `label ${at}`);

const badTasks: [string, Row, code: string, constraint?: string][] = [
  ['a due time without a date', { due_time: '09:00' }, '23514', 'tasks_due'],
  ['a time zone without a due date', { due_time_zone: 'Europe/Berlin' }, '23514', 'tasks_due'],
  ['a time zone without a due time', { due_date: '2026-01-01', due_time_zone: 'Europe/Berlin' }, '23514', 'tasks_due'],
  ['a due time with seconds', { due_date: '2026-01-01', due_time: '09:00:01' }, '23514', 'tasks_due'],
  ['a due time of 24:00', { due_date: '2026-01-01', due_time: '24:00' }, '23514', 'tasks_due'],
  ['an unknown time zone', { due_date: '2026-01-01', due_time: '09:00', due_time_zone: 'Mars/Base' }, '22023'],
  [
    'a time zone of 65 characters',
    { due_date: '2026-01-01', due_time: '09:00', due_time_zone: `${'A'.repeat(62)}-01` },
    '23514',
    'tasks_due',
  ],
  ['a due date that does not exist', { due_date: '2026-02-30' }, '22008'],
  ['a due date before year 1', { due_date: '0001-12-31 BC' }, '23514', 'tasks_due'],
  ['a due date after year 9999', { due_date: '10000-01-01' }, '23514', 'tasks_due'],
  ['an infinite due date', { due_date: 'infinity' }, '23514', 'tasks_due'],
  ['a value for the generated due time', { due_at: '2026-01-01Z' }, '428C9'],
  ['a priority of 4', { priority: 4 }, '23514', 'tasks_priority'],
  ['a negative priority', { priority: -1 }, '23514', 'tasks_priority'],
  ['no priority', { priority: null }, '23502'],
  ['21 labels', { labels: labels(21) }, '23514', 'tasks_labels'],
  ['an empty label', { labels: ['a', ''] }, '23514', 'tasks_labels'],
  ['a label of only white space', { labels: [' \t\n'] }, '23514', 'tasks_labels'],
  ['a label of 51 characters', { labels: ['é'.repeat(51)] }, '23514', 'tasks_labels'],
  ['a null label', { labels: ['a', null] }, '23514', 'tasks_labels'],
  ['labels in two dimensions', { labels: [['a'], ['b']] }, '23514', 'tasks_labels'],
  ['labels that start at another index', { labels: '[0:1]={a,b}' }, '23514', 'tasks_labels'],
  ['null instead of labels', { labels: null }, '23502'],
  ['an empty position', { position: '' }, '23514', 'tasks_position'],
  ['a position with a space', { position: 'a 0' }, '23514', 'tasks_position'],
  ['a position with a line feed at the end', { position: 'a0\n' }, '23514', 'tasks_position'],
  ['a position with a letter outside of ASCII', { position: 'a0é' }, '23514', 'tasks_position'],
  ['a position of 201 characters', { position: 'a'.repeat(201) }, '23514', 'tasks_position'],
  ['no position', { position: null }, '23502'],
  ['an unknown list', { list_id: unknownId }, '23503', 'tasks_list_id'],
  ['a list of another user', { list_id: bobList }, '23503', 'tasks_list_id'],
  ['a deletion before the creation', { ...created, deleted_at: '2026-01-01Z' }, '23514', 'tasks_deleted_at_range'],
  ['a deletion after year 9999', { deleted_at: '10000-01-01Z' }, '23514', 'tasks_deleted_at_range'],
  ['a negative revision', { revision: -1 }, '23514', 'tasks_revision'],
  ['no revision', { revision: null }, '23502'],
  ['no search text', { search: null }, '23502'],
  ['no mark of folded texts', { is_folded: null }, '23502'],
];

test.each(badTasks)('the database rejects a task with %s', async (_, row, code, constraint) => {
  await expect(insertTask(row)).rejects.toMatchObject(constraint ? { code, constraint } : { code });
});

const badLists: [string, Row, code: string, constraint?: string][] = [
  ['no owner', { user_id: null }, '23502'],
  ['an unknown owner', { user_id: unknownId }, '23503', 'lists_user_id'],
  ['no name', { name: null }, '23502'],
  ['an empty name', { name: '' }, '23514', 'lists_name_not_blank'],
  ['a name of only white space', { name: ' \t\n' }, '23514', 'lists_name_not_blank'],
  ['a name of 201 characters', { name: '😀'.repeat(201) }, '23514', 'lists_name_length'],
  ['an empty color', { color: '' }, '23514', 'lists_color_length'],
  ['a color of 51 characters', { color: 'x'.repeat(51) }, '23514', 'lists_color_length'],
  ['an empty position', { position: '' }, '23514', 'lists_position'],
  ['a position with a hyphen', { position: 'a-0' }, '23514', 'lists_position'],
  ['a position of 201 characters', { position: 'a'.repeat(201) }, '23514', 'lists_position'],
  ['a creation before year 1', { created_at: '0001-12-31 BC' }, '23514', 'lists_created_at_range'],
  ['a change before the creation', { ...created, updated_at: '2026-01-01Z' }, '23514', 'lists_updated_at'],
  ['a change after year 9999', { updated_at: '10000-01-01Z' }, '23514', 'lists_updated_at'],
  ['an archival before the creation', { ...created, archived_at: '2026-01-01Z' }, '23514', 'lists_archived_at'],
  ['an archival after year 9999', { archived_at: '10000-01-01Z' }, '23514', 'lists_archived_at'],
  ['a deletion before the creation', { ...created, deleted_at: '2026-01-01Z' }, '23514', 'lists_deleted_at'],
  ['a deletion after year 9999', { deleted_at: '10000-01-01Z' }, '23514', 'lists_deleted_at'],
  ['a version below 1', { version: 0 }, '23514', 'lists_version'],
  ['a negative revision', { revision: -1 }, '23514', 'lists_revision'],
  ['the id of another list of its owner', { id: aliceList }, '23505', 'lists_pkey'],
];

test.each(badLists)('the database rejects a list with %s', async (_, row, code, constraint) => {
  await expect(insertList(row)).rejects.toMatchObject(constraint ? { code, constraint } : { code });
});

const operation = { operation_id: crypto.randomUUID(), request_hash: 1 };

const badChanges: [string, Row, code: string, constraint?: string][] = [
  ['an unknown owner', { user_id: unknownId }, '23503', 'changes_user_id'],
  [
    'an operation without the hash of its request',
    { ...operation, request_hash: null },
    '23514',
    'changes_request_hash',
  ],
  ['the hash of a request without an operation', { request_hash: 1 }, '23514', 'changes_request_hash'],
  ['the operation of another row', operation, '23505', 'changes_operation_id'],
  ['the revision of another row', { revision: 999 }, '23505', 'changes_pkey'],
  ['no time', { at: null }, '23502'],
  ['null instead of the tasks', { task_ids: null }, '23502'],
  ['null instead of the lists', { list_ids: null }, '23502'],
];

test.each(badChanges)('the database rejects a row of the log with %s', async (_, row, code, constraint) => {
  await asTools(
    sql,
    `insert into changes (user_id, revision, at, operation_id, request_hash) values ($1, 999, now(), $2, 1)
    on conflict do nothing`,
    [alice, operation.operation_id],
  );
  await expect(insertChange(row)).rejects.toMatchObject(constraint ? { code, constraint } : { code });
});

test.each([
  ['a negative revision', { revision: -1 }, 'users_revision'],
  ['a time zone of 65 characters', { time_zone: 'A'.repeat(65) }, 'users_time_zone_length'],
])('the database rejects a user with %s', async (_, row, constraint) => {
  await expect(insert('users', { id: crypto.randomUUID(), ...row })).rejects.toMatchObject({
    code: '23514',
    constraint,
  });
});

test.each<[string, Row]>([
  ['the first day', { due_date: '0001-01-01' }],
  ['the last minute', { due_date: '9999-12-31', due_time: '23:59', due_time_zone: 'Pacific/Kiritimati' }],
  ['20 labels of 50 characters', { labels: labels(20).map((label) => label.padEnd(50, '😀')) }],
  ['a position of 200 characters', { position: 'z'.repeat(200) }],
  ['a list of its owner', { list_id: aliceList }],
  ['a deletion at its creation', { ...created, deleted_at: created.created_at }],
])('the database accepts a task with %s', async (_, row) => {
  expect((await insertTask(row)).rowCount).toBe(1);
});

test('the database keeps a list that has tasks, and two users may have lists with the same id', async () => {
  await insertTask({ list_id: aliceList });
  await expect(asTools(sql, 'delete from lists where id = $1', [aliceList])).rejects.toMatchObject({
    code: '23503',
    constraint: 'tasks_list_id',
  });
  expect((await insertList({ user_id: bob, id: aliceList })).rowCount).toBe(1);
});

test('deleting a user deletes the lists, the tasks in them and the log of that user', async () => {
  const leaver = '0190a000-0000-7000-8000-0000000000d0';
  await insert('users', { id: leaver });
  await insertList({ user_id: leaver, id: aliceList });
  await insertTask({ user_id: leaver, list_id: aliceList });
  await insertChange({ user_id: leaver });
  await asTools(sql, 'delete from users where id = $1', [leaver]);
  const { rows } = await asTools(
    sql,
    `select user_id from lists where user_id = $1 union all select user_id from tasks where user_id = $1
    union all select user_id from changes where user_id = $1`,
    [leaver],
  );
  expect(rows).toEqual([]);
});

/** Runs SQL as the role of work for one user, and undoes it. */
async function asAlice(text: string) {
  await sql.query('begin');
  try {
    await sql.query(`set local role holdfast_app; set local app.user_id = '${alice}'`);
    return await sql.query(text);
  } finally {
    await sql.query('rollback');
  }
}

test.each([
  ['users', ['id', 'created_at']],
  ['lists', ['user_id', 'id', 'created_at']],
  ['tasks', ['user_id', 'id', 'created_at']],
  ['changes', ['user_id', 'revision', 'operation_id', 'request_hash', 'at', 'task_ids', 'list_ids']],
])('the app role can change every column of %s except %s', async (table, fixed) => {
  const { rows } = await sql.query<{ name: string }>(
    `select attname as name from pg_attribute
    where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  );
  const refused: string[] = [];
  for (const { name } of rows) {
    await asAlice(`update ${table} set ${name} = ${name}`).catch((error: { code: string }) => {
      expect(error.code).toBe('42501');
      refused.push(name);
    });
  }
  expect(refused.toSorted()).toEqual(fixed.toSorted());
});

test.each([
  ['delete rows of the log', 'delete from changes'],
  ['empty the log', 'truncate changes'],
  ['delete users', 'delete from users'],
  ['add a list for another user', `insert into lists (user_id, id, name) values ('${bob}', '${aliceList}', 'x')`],
  ['add a row to the log of another user', `insert into changes (user_id, revision, at) values ('${bob}', 7, now())`],
  ['give a list to another user', `update lists set user_id = '${bob}'`],
])('the app role cannot %s', async (_, text) => {
  await expect(asAlice(text)).rejects.toMatchObject({ code: '42501' });
});

test('the app role sees the lists and the log of its user only', async () => {
  for (const user_id of [alice, bob]) await insertChange({ user_id });
  for (const table of ['lists', 'changes']) {
    const { rows } = await asAlice(`select distinct user_id from ${table}`);
    expect(rows).toEqual([{ user_id: alice }]);
  }
});
