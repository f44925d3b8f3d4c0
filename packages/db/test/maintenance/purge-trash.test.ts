import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, deleteTask, getTask, listTrash, restoreTasks, runMaintenance } from '../../src/index.ts';
import { purgeTasksJob } from '../../src/maintenance/purge-trash.ts';
import { asTools, connect, openFixture } from '../fixture.ts';
import { runJobWith } from './fixture.ts';

const { db, sql, url } = await openFixture();

const run = (options: { trashDays?: number; batchMax?: number; onBatch?: (kind: string, rows: number) => void } = {}) =>
  runMaintenance({ url, signal: new AbortController().signal, trashDays: 30, ...options });

/** Creates users who each have so many tasks in the trash since the given number of days. */
async function fill({ users = 1, tasks = 1, days = 40 }): Promise<string[]> {
  const { rows } = await asTools(
    sql,
    `insert into users (id, revision) select gen_random_uuid(), 5 from generate_series(1, $1) returning id`,
    [users],
  );
  const ids = rows.map(({ id }: { id: string }) => id);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at, deleted_at, is_folded, revision)
    select user_id, gen_random_uuid(), 'old', '2020-01-01', '2020-01-01', now() - make_interval(days => $3), true, 5
    from unnest($1::uuid[]) as user_id, generate_series(1, $2)`,
    [ids, tasks, days],
  );
  return ids;
}

const clear = () => asTools(sql, 'delete from tasks');

async function countTasks(userIds: string[]): Promise<number> {
  const { rows } = await asTools(sql, 'select count(*)::int as n from tasks where user_id = any ($1)', [userIds]);
  return rows[0].n;
}

async function readLog(userIds: string[]) {
  const { rows } = await asTools(
    sql,
    `select user_id, revision::int, task_ids::text[], list_ids::text[] from changes where user_id = any ($1) order by 1, 2`,
    [userIds],
  );
  return rows as { user_id: string; revision: number; task_ids: string[]; list_ids: string[] }[];
}

const rowsOf = async (running: ReturnType<typeof run>, kind: 'tasks in the trash' | 'lists in the trash') => {
  const result = await running;
  return result === 'busy' ? 0 : (result.get(kind) ?? 0);
};

test('maintenance removes tasks that have been in the trash for longer than TRASH_DAYS, and no others', async () => {
  const [old, recent] = [await fill({ tasks: 3, days: 31 }), await fill({ tasks: 2, days: 29 })];
  const scope = db.asUser(old[0]!);
  const live = await createTask(scope, { title: 'live' });
  expect(await rowsOf(run(), 'tasks in the trash')).toBe(3);
  expect(await countTasks(old)).toBe(1);
  expect(await countTasks(recent)).toBe(2);
  await getTask(scope, { id: live.id });
  expect(await rowsOf(run({ trashDays: 28 }), 'tasks in the trash')).toBe(2);
  expect(await countTasks(recent)).toBe(0);
});

test('maintenance logs the removed tasks of each user once, with the user’s next revision', async () => {
  await clear();
  const users = await fill({ users: 3, tasks: 2 });
  const { rows } = await asTools(sql, 'select user_id, array_agg(id::text) as ids from tasks group by 1 order by 1');
  await run();
  const log = await readLog(users);
  expect(log.map(({ user_id, revision }) => [user_id, revision])).toEqual(users.toSorted().map((id) => [id, 6]));
  expect(log.map(({ task_ids }) => task_ids.toSorted())).toEqual(
    rows.map(({ ids }: { ids: string[] }) => ids.toSorted()),
  );
  const { rows: revisions } = await asTools(sql, 'select distinct revision::int from users where id = any ($1)', [
    users,
  ]);
  expect(revisions).toEqual([{ revision: 6 }]);
  await run();
  expect(await readLog(users)).toEqual(log);
});

test('with TRASH_DAYS=0, maintenance never empties the trash', async () => {
  await clear();
  const users = await fill({ days: 400 });
  expect(await rowsOf(run({ trashDays: 0 }), 'tasks in the trash')).toBe(0);
  expect(await countTasks(users)).toBe(1);
});

test('maintenance removes a list in the trash after its tasks, and leaves a list that still has tasks', async () => {
  await clear();
  const [userId] = await fill({ tasks: 1 });
  const [empty, used] = [randomUUID(), randomUUID()];
  await asTools(
    sql,
    `insert into lists (user_id, id, name, created_at, updated_at, deleted_at)
    select $1, id, 'old', '2020-01-01', '2020-01-01', now() - interval '40 days' from unnest($2::uuid[]) as id`,
    [userId, [empty, used]],
  );
  await asTools(sql, 'update tasks set list_id = $2 where user_id = $1', [userId, empty]);
  const { id } = await createTask(db.asUser(userId!), { title: 'used' });
  await asTools(sql, 'update tasks set list_id = $2 where id = $1', [id, used]);
  const logged = (await readLog([userId!])).at(-1)!.revision;
  expect(await rowsOf(run(), 'lists in the trash')).toBe(1);
  const { rows } = await asTools(sql, 'select id from lists where user_id = $1', [userId]);
  expect(rows).toEqual([{ id: used }]);
  const removed = (await readLog([userId!])).filter(({ revision }) => revision > logged);
  expect(removed.map(({ list_ids }) => list_ids)).toEqual([[], [empty]]);
});

test('no batch removes more rows than its limit, and every row is removed in one run', async () => {
  await clear();
  const users = await fill({ users: 5, tasks: 7 });
  const batches: number[] = [];
  const onBatch = (kind: string, rows: number) => void (kind === 'tasks in the trash' && batches.push(rows));
  expect(await rowsOf(run({ batchMax: 10, onBatch }), 'tasks in the trash')).toBe(35);
  expect(Math.max(...batches)).toBe(10);
  expect(await countTasks(users)).toBe(0);
  expect((await readLog(users)).flatMap(({ task_ids }) => task_ids)).toHaveLength(35);
});

test('maintenance reaches every one of 2,500 users', async () => {
  await clear();
  const users = await fill({ users: 2_500 });
  expect(await rowsOf(run(), 'tasks in the trash')).toBe(2_500);
  expect(await countTasks(users)).toBe(0);
});

test('two servers that do maintenance at the same time remove and log each row once', async () => {
  await clear();
  const users = await fill({ users: 40, tasks: 25 });
  const removed = await Promise.all([1, 2, 3].map(() => rowsOf(run({ batchMax: 20 }), 'tasks in the trash')));
  // A server that finds another one at work stops. The last one continues.
  const rest = await rowsOf(run(), 'tasks in the trash');
  expect(removed.reduce((sum, rows) => sum + rows, rest)).toBe(1_000);
  expect(await countTasks(users)).toBe(0);
  const logged = (await readLog(users)).flatMap(({ task_ids }) => task_ids);
  expect(logged).toHaveLength(1_000);
  expect(new Set(logged).size).toBe(1_000);
});

test('maintenance skips a user who is writing, and neither waits for the user nor fails', async () => {
  await clear();
  const [busy, free] = [await fill({ tasks: 2 }), await fill({ tasks: 3 })];
  const request = await connect(url);
  await request.query('begin; set local role holdfast_tools');
  await request.query('update users set revision = revision + 1 where id = $1', [busy[0]]);
  expect(await rowsOf(run(), 'tasks in the trash')).toBe(3);
  expect([await countTasks(busy), await countTasks(free)]).toEqual([2, 0]);
  await request.query('rollback');
  expect(await rowsOf(run(), 'tasks in the trash')).toBe(2);
});

test('maintenance continues with other users after a user who is writing and has more rows than a batch', async () => {
  await clear();
  const users = (await fill({ users: 2, tasks: 12 })).toSorted();
  const request = await connect(url);
  await request.query('begin; set local role holdfast_tools');
  await request.query('update users set revision = revision + 1 where id = $1', [users[0]]);
  expect(await rowsOf(run({ batchMax: 10 }), 'tasks in the trash')).toBe(12);
  expect([await countTasks([users[0]!]), await countTasks([users[1]!])]).toEqual([12, 0]);
  await request.query('rollback');
});

test('a batch of maintenance locks only the users whose tasks it removes', async () => {
  await clear();
  const users = await fill({ users: 3, tasks: 500 });
  const request = await connect(url);
  const findFree = async () => {
    const free = await asTools(request, 'select id from users where id = any ($1) for no key update skip locked', [
      users,
    ]);
    expect(free.rowCount).toBe(2);
  };
  expect(await runJobWith(url, purgeTasksJob, { text: 'delete from', before: findFree })).toBe(1_500);
});

test('maintenance skips a task that another transaction has locked', async () => {
  await clear();
  const users = await fill({ tasks: 3 });
  const tools = await connect(url);
  await tools.query('begin; set local role holdfast_tools');
  await tools.query('select from tasks where user_id = $1 limit 1 for update', [users[0]]);
  expect(await rowsOf(run(), 'tasks in the trash')).toBe(2);
  await tools.query('rollback');
  expect(await rowsOf(run(), 'tasks in the trash')).toBe(1);
});

test('a task that is restored after maintenance has selected its user survives', async () => {
  await clear();
  const [userId] = await fill({ tasks: 2 });
  const scope = db.asUser(userId!);
  const { items } = await listTrash(scope, { limit: 10 });
  const { id } = items[0]!;
  const restore = () => restoreTasks(scope, { ids: [id] });
  expect(await runJobWith(url, purgeTasksJob, { text: 'for no key update', before: restore })).toBe(1);
  await getTask(scope, { id });
  const removed = (await readLog([userId!])).at(-1)!;
  expect(removed.task_ids).toEqual([items[1]!.id]);
});

test('a user can delete and create tasks while maintenance has just removed others', async () => {
  await clear();
  const [userId] = await fill({ tasks: 1 });
  const scope = db.asUser(userId!);
  await run();
  const { id } = await createTask(scope, { title: 'x' });
  await deleteTask(scope, { id });
  expect((await readLog([userId!])).map(({ revision }) => revision)).toEqual([6, 7, 8]);
});
