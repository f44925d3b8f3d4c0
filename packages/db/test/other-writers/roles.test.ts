import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, getTask, updateTask } from '../../src/index.ts';
import { waitingForLocksSql } from '../../src/testing/index.ts';
import { ask, asTools, atEnd, connect } from '../fixture.ts';
import { openLogFixture } from './fixture.ts';

const { db, sql, url, readLog, createUser } = await openLogFixture();

const insertSql = `insert into tasks (user_id, id, title) values ($1, $2, 'x')`;

test('changes by the owner of the tables are logged, as one user and without forced row-level security', async () => {
  const [user, id] = [await createUser(), randomUUID()];
  await sql.query('begin');
  await sql.query(`select set_config('app.user_id', $1, true)`, [user]);
  await sql.query(insertSql, [user, id]);
  await sql.query('commit');
  await sql.query('alter table tasks no force row level security');
  await sql.query(`update tasks set title = 'y' where id = $1`, [id]);
  await sql.query('delete from tasks where id = $1', [id]);
  await sql.query('alter table tasks force row level security');
  expect(await readLog(user)).toEqual([1, 2, 3].map((revision) => ({ revision, tasks: [id], lists: [] })));
});

test('changes by a login that has rights on tasks only are logged', async () => {
  const [user, id, login] = [await createUser(), randomUUID(), `importer_${process.pid}`];
  await sql.query(`create role ${login} login password 'change me'; grant usage on schema public to ${login};
    grant select, insert, update, delete on tasks to ${login};
    create policy importer on tasks to ${login} using (true) with check (true)`);
  atEnd(() =>
    sql.query(`drop policy importer on tasks; revoke all on tasks from ${login}; revoke all on schema public from ${login};
      drop role ${login}`),
  );
  const client = await connect(Object.assign(new URL(url), { username: login, password: 'change me' }).href);
  await client.query(insertSql, [user, id]);
  await client.query(`update tasks set title = 'y' where id = $1`, [id]);
  await client.query('delete from tasks where id = $1', [id]);
  expect(await readLog(user)).toEqual([1, 2, 3].map((revision) => ({ revision, tasks: [id], lists: [] })));
});

test('a statement that logs changes leaves the user ID of the transaction as it is', async () => {
  const user = await createUser();
  const [[before], , [after]] = await db
    .asUser(user)
    .transaction(async ({ em }) => [
      await em.execute<{ id: string }[]>(`select current_setting('app.user_id') as id`),
      await em.execute('insert into tasks (user_id, id, title) values (?, ?, ?); set constraints all immediate', [
        user,
        randomUUID(),
        'x',
      ]),
      await em.execute<{ id: string }[]>(`select current_setting('app.user_id') as id`),
    ]);
  expect([before!.id, after!.id]).toEqual([user, user]);
  expect(await readLog(user)).toHaveLength(1);
});

test.each([
  ['call the function that writes the log', `select public.holdfast_log($1, '{}', '{}')`],
  ['write the table of unlogged changes', `insert into unlogged_changes select '1', true, true, $1, $1`],
  ['read the table of unlogged changes', 'select $1::uuid, * from unlogged_changes'],
  ['insert into the log', 'insert into changes (user_id, revision, at) values ($1, 99, now())'],
])('a user cannot %s of another user', async (_, text) => {
  const [user, other] = [await createUser(), await createUser()];
  await expect(ask(db.asUser(user), text, [other])).rejects.toMatchObject({ code: 'ACCESS_REFUSED' });
  expect(await readLog(other)).toEqual([]);
});

test('a user cannot log changes of another user with a trigger on a temporary table', async () => {
  const user = await createUser();
  await db.asUser(user).transaction(async ({ em }) => {
    await em.execute('create temporary table tasks (user_id uuid, id uuid, revision bigint) on commit drop');
    for (const name of ['holdfast_log_later', 'holdfast_log_unlogged', 'holdfast_log_removed']) {
      await expect(
        em.transactional((inner) =>
          inner.execute(
            `create trigger forged after insert on pg_temp.tasks for each row execute function public.${name}()`,
          ),
        ),
      ).rejects.toThrow('permission denied for function');
    }
  });
});

test('a user of the previous version cannot change, and so not log, tasks of another user', async () => {
  const [user, other] = [await createUser(), await createUser()];
  const { id } = await createTask(db.asUser(other), { title: 'x' });
  await ask(db.asUser(user), `update tasks set title = 'y' where id = $1`, [id]);
  await ask(db.asUser(user), 'delete from tasks where id = $1', [id]);
  expect(await readLog(other)).toHaveLength(1);
  expect(await readLog(user)).toEqual([]);
});

test('a statement that changes 25,000 tasks of three users logs one row for each 10,000 IDs of a user', async () => {
  const [large, ...small] = [await createUser(), await createUser(), await createUser()];
  const users = [large, ...small];
  await asTools(
    sql,
    `insert into tasks (user_id, id, title)
    select ($1::uuid[])[1 + n % 3 * (n % 8 / 7)], gen_random_uuid(), 'x' from generate_series(1, 25000) as n`,
    [users],
  );
  await asTools(sql, `update tasks set priority = 1 where user_id = any ($1)`, [users]);
  const count = async () => {
    const { rows } = await asTools(sql, 'select count(*)::int as n from tasks where user_id = $1', [large]);
    return rows[0].n as number;
  };
  const tasks = await count();
  await asTools(sql, 'delete from tasks where user_id = any ($1)', [users]);
  expect(await count()).toBe(0);
  const sizes = (await readLog(large)).map((row) => row.tasks.length);
  const each = [10_000, 10_000, tasks - 20_000];
  expect(sizes).toEqual([...each, ...each, ...each]);
  for (const user of small) expect(await readLog(user)).toHaveLength(3);
});

test('if a tool and an operation change one task, and each waits for the other, both changes are made and logged', async () => {
  const scope = db.asUser(await createUser());
  const { id } = await createTask(scope, { title: 'x' });
  const tool = await connect(url);
  const change = async (meanwhile: () => Promise<unknown>) => {
    await tool.query('begin; set local role holdfast_tools');
    await tool.query('update tasks set priority = 3 where id = $1', [id]);
    await meanwhile();
    await tool.query('commit');
  };
  let updating: Promise<unknown> = Promise.resolve();
  const update = async () => {
    updating = updateTask(scope, { id, title: 'y' });
    await expect.poll(async () => (await sql.query(waitingForLocksSql)).rowCount).toBe(1);
  };
  // PostgreSQL ends one of the two. Holdfast repeats its operation, and a tool has to do the same.
  await change(update).catch(async (error: { code: string }) => {
    expect(error.code).toBe('40P01');
    await change(async () => {});
  });
  await updating;
  expect(await getTask(scope, { id })).toMatchObject({ title: 'y', priority: 3 });
  expect((await readLog(scope.userId)).map(({ tasks }) => tasks)).toEqual([[id], [id], [id]]);
});

test('truncate is refused for tasks and lists, unless it removes the users too', async () => {
  const [user, id] = [await createUser(), randomUUID()];
  await asTools(sql, insertSql, [user, id]);
  for (const tables of ['tasks', 'lists cascade', 'tasks, changes']) {
    await expect(sql.query(`truncate ${tables}`)).rejects.toThrow('TRUNCATE is not logged for change feeds.');
  }
  expect(await readLog(user)).toHaveLength(1);
  await sql.query('truncate users cascade');
  expect(await readLog(user)).toEqual([]);
});
