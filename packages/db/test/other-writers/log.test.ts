import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { createList, createTask, List, purgeTasks, runMaintenance, Task, updateTask } from '../../src/index.ts';
import { ask, asTools } from '../fixture.ts';
import statements from '../fixtures/previous-statements.json' with { type: 'json' };
import { openLogFixture } from './fixture.ts';

// SQL, internal tools, the entity manager and servers of the previous version take no revision. Triggers do it for them.

const { db, sql, url, readLog, createUser } = await openLogFixture();

let user: string;
let scope: ReturnType<typeof db.asUser>;
beforeEach(async () => {
  user = await createUser();
  scope = db.asUser(user);
});

const insertSql = `insert into tasks (user_id, id, title) values ($1, $2, 'x')`;

test('an insert, an update and a delete with SQL are logged, each with the next revision', async () => {
  const id = randomUUID();
  await asTools(sql, insertSql, [user, id]);
  await asTools(sql, `update tasks set title = 'y' where id = $1`, [id]);
  await asTools(sql, 'delete from tasks where id = $1', [id]);
  const log = await readLog(user);
  expect(log).toEqual([1, 2, 3].map((revision) => ({ revision, tasks: [id], lists: [] })));
  const { rows } = await asTools(sql, 'select revision::int from users where id = $1', [user]);
  expect(rows).toEqual([{ revision: 3 }]);
});

test('the same holds for lists', async () => {
  const id = randomUUID();
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'x')`, [user, id]);
  await asTools(sql, `update lists set name = 'y' where id = $1`, [id]);
  await asTools(sql, 'delete from lists where id = $1', [id]);
  expect(await readLog(user)).toEqual([1, 2, 3].map((revision) => ({ revision, tasks: [], lists: [id] })));
});

test('each column of a task and a list is part of the log, except the search text and generated values', async () => {
  const { id: list } = await createList(scope, { name: 'x' });
  const { id } = await createTask(scope, { title: 'x', due: { date: '2026-01-01', time: '09:00' } });
  const { rows } = await asTools(
    sql,
    `select attrelid::regclass::text as table, attname as column from pg_attribute
    where attrelid in ('tasks'::regclass, 'lists'::regclass) and attnum > 0 and not attisdropped and attgenerated = ''
      and attname not in ('user_id', 'id', 'revision', 'is_folded', 'search')`,
  );
  const values: Record<string, string> = {
    completed: `true, completed_at = now()`,
    completed_at: `now() + interval '1 day'`,
    deleted_at: `now() + interval '1 day'`,
    archived_at: `now() + interval '1 day'`,
    created_at: `'2020-01-01'`,
    updated_at: `now() + interval '1 day'`,
    version: 'version + 1',
    list_id: `'${list}'`,
    due_date: `'2026-02-02'`,
    due_time: `'10:00'`,
    due_time_zone: `'Asia/Tokyo'`,
    priority: '2',
    labels: `'{one}'`,
    position: `'zzz'`,
  };
  for (const { table, column } of rows) {
    const before = await readLog(user);
    await asTools(sql, `update ${table} set ${column} = ${values[column] ?? `'other'`} where user_id = $1`, [user]);
    const added = (await readLog(user)).slice(before.length);
    expect(
      added.map(({ tasks, lists }) => ({ tasks, lists })),
      `${table}.${column}`,
    ).toEqual([table === 'tasks' ? { tasks: [id], lists: [] } : { tasks: [], lists: [list] }]);
  }
});

test('an update that changes nothing and an insert that finds its row are not logged', async () => {
  const id = randomUUID();
  await asTools(sql, insertSql, [user, id]);
  await asTools(sql, 'update tasks set title = title where id = $1', [id]);
  await asTools(sql, `${insertSql} on conflict do nothing`, [user, id]);
  expect(await readLog(user)).toHaveLength(1);
});

test('a transaction that changes a task several times logs it once', async () => {
  const [one, other] = [randomUUID(), randomUUID()].toSorted();
  await asTools(
    sql,
    `do $$ begin
      insert into tasks (user_id, id, title) values ('${user}', '${one}', 'x'), ('${user}', '${other}', 'x');
      update tasks set title = 'y' where user_id = '${user}';
      update tasks set title = 'z' where user_id = '${user}';
    end $$`,
  );
  expect(await readLog(user)).toEqual([{ revision: 1, tasks: [one, other], lists: [] }]);
});

test('a transaction that is rolled back, as a whole or to a savepoint, logs only what it has kept', async () => {
  const [kept, undone] = [randomUUID(), randomUUID()];
  await sql.query('begin; set local role holdfast_tools');
  await sql.query('savepoint one');
  await sql.query(insertSql, [user, undone]);
  await sql.query('rollback to one');
  await sql.query(insertSql, [user, kept]);
  await sql.query('savepoint two');
  await sql.query(`update tasks set title = 'y' where id = $1`, [kept]);
  await sql.query('rollback to two');
  await sql.query('commit');
  await sql.query('begin; set local role holdfast_tools');
  await sql.query(insertSql, [user, undone]);
  await sql.query('rollback');
  expect(await readLog(user)).toEqual([{ revision: 1, tasks: [kept], lists: [] }]);
});

test('the entity manager of tools and of a user scope logs its changes', async () => {
  const id = randomUUID();
  const position = 'h1';
  await db.acrossAllUsers(
    async (em) => {
      em.create(Task, { user, id, title: 'x', position });
      em.create(List, { user, id, name: 'x', position });
    },
    { write: true },
  );
  await scope.transaction(async ({ em }) => {
    (await em.findOneOrFail(Task, { user, id })).title = 'y';
  });
  expect(await readLog(user)).toEqual([
    { revision: 1, tasks: [id], lists: [id] },
    { revision: 2, tasks: [id], lists: [] },
  ]);
});

test('in one transaction, operations and the entity manager log their changes each once', async () => {
  const { id } = await createTask(scope, { title: 'x' });
  const other = randomUUID();
  await scope.transaction(async (inner) => {
    await updateTask(inner, { id, title: 'y' });
    inner.em.create(Task, { user, id: other, title: 'x', position: 'h1' });
    await inner.em.flush();
    await updateTask(inner, { id: other, title: 'y' });
  });
  expect((await readLog(user)).map(({ tasks }) => tasks)).toEqual([[id], [id], [other], [other]]);
});

test('servers of the previous version log what they create, change and delete, and nothing for a call without an effect', async () => {
  const id = randomUUID();
  const now = '2026-01-01T00:00:00.000Z';
  const create = [user, null, null, 'x', null, 'f', id, null, now];
  const update = ['t', 'y', 'f', null, 'f', null, now, user, id, null];
  for (let time = 0; time < 2; time++) {
    await ask(scope, statements.task_create, create);
    await ask(scope, statements.task_update, update);
  }
  await ask(scope, statements.task_delete, [user, id, '1']);
  await ask(scope, statements.task_delete, [user, id, null]);
  expect(await readLog(user)).toEqual([1, 2, 3].map((revision) => ({ revision, tasks: [id], lists: [] })));
});

test('operations of this version are logged once, and leave nothing to be logged', async () => {
  const { id } = await createTask(scope, { title: 'x' });
  await updateTask(scope, { id, title: 'y' });
  await asTools(
    sql,
    `update tasks set deleted_at = now() - interval '40 days', created_at = '2020-01-01', updated_at = now()
    where id = $1`,
    [id],
  );
  await purgeTasks(scope, { ids: [id] });
  expect(await readLog(user)).toEqual([1, 2, 3, 4].map((revision) => ({ revision, tasks: [id], lists: [] })));
  const { rows } = await sql.query('select * from unlogged_changes');
  expect(rows).toEqual([]);
});

test('a purge and a delete in one transaction log each task once', async () => {
  const [purged, deleted] = [randomUUID(), randomUUID()];
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at, deleted_at, revision)
    select $1, id, 'x', '2020-01-01', '2020-01-01', '2020-01-02', 1 from unnest($2::uuid[]) as id`,
    [user, [purged, deleted]],
  );
  await scope.transaction(async (inner) => {
    await purgeTasks(inner, { ids: [purged] });
    await inner.em.nativeDelete(Task, { user, id: deleted });
  });
  expect((await readLog(user)).map(({ tasks }) => tasks)).toEqual([[purged], [deleted]]);
});

test('maintenance logs a purge once, and does not log new search texts', async () => {
  const [folded, purged] = [randomUUID(), randomUUID()];
  await asTools(sql, insertSql, [user, folded]);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at, deleted_at)
    values ($1, $2, 'x', '2020-01-01', '2020-01-01', '2020-01-02')`,
    [user, purged],
  );
  await runMaintenance({ url, signal: new AbortController().signal });
  const { rows } = await asTools(sql, 'select is_folded from tasks where id = $1', [folded]);
  expect(rows).toEqual([{ is_folded: true }]);
  expect((await readLog(user)).map(({ tasks }) => tasks)).toEqual([[folded], [purged], [purged]]);
});

test('a change beside a new search text is logged', async () => {
  const id = randomUUID();
  await asTools(sql, insertSql, [user, id]);
  await asTools(sql, `update tasks set search = 'x', is_folded = true, priority = 3 where id = $1`, [id]);
  expect(await readLog(user)).toHaveLength(2);
});

test('a task that changes its ID or its owner is logged for both', async () => {
  const [id, next, other] = [randomUUID(), randomUUID(), await createUser()];
  await asTools(sql, insertSql, [user, id]);
  await asTools(sql, 'update tasks set id = $2 where id = $1', [id, next]);
  await asTools(sql, 'update tasks set user_id = $2 where id = $1', [next, other]);
  expect((await readLog(user)).map(({ tasks }) => tasks)).toEqual([[id], [id, next].toSorted(), [next]]);
  expect((await readLog(other)).map(({ tasks }) => tasks)).toEqual([[next]]);
});

test('if a user is deleted, with SQL or with a statement for all users, nothing is logged and nothing remains', async () => {
  const users = [user, await createUser()];
  for (const owner of users) {
    await asTools(sql, insertSql, [owner, randomUUID()]);
    await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'x')`, [owner, randomUUID()]);
  }
  await asTools(sql, `update tasks set title = 'y' where user_id = any ($1)`, [users]);
  await sql.query('begin; set local role holdfast_tools');
  await sql.query(`update tasks set title = 'z' where user_id = any ($1)`, [users]);
  await sql.query('delete from users where id = any ($1)', [users]);
  await sql.query('commit');
  for (const owner of users) expect(await readLog(owner)).toEqual([]);
  expect((await sql.query('select * from unlogged_changes')).rows).toEqual([]);
});
