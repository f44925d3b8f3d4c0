import { beforeAll, describe, expect, test } from 'vitest';
import {
  createList,
  createTask,
  createTasks,
  type Database,
  deleteTask,
  eraseUser,
  getTask,
  listChanges,
  listTasks,
  openAuthStore,
  readAllChanges,
  runMaintenance,
  updateTask,
} from '../../src/index.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { alice, asTools, ask, atEnd, bob, connect } from '../fixture.ts';
import { hasCitus, openCluster, openHandle } from './fixture.ts';

const newest = { limit: 50, order: 'newest' } as const;

describe.skipIf(!hasCitus)('on a Citus cluster', () => {
  let url: string;
  let db: Database;
  beforeAll(async () => {
    ({ url } = await openCluster());
    db = await openHandle(url);
  });

  test('each call takes one round trip to the coordinator', async () => {
    const proxy = await openFaultProxy(url);
    atEnd(() => proxy.close());
    const remote = await openHandle(proxy.url, { poolMax: 1 });
    const scope = remote.asUser(alice);
    const { id } = await createTask(scope, { title: 'x' });
    const before = proxy.roundTrips();
    await createTask(scope, { title: 'y' });
    await updateTask(scope, { id, title: 'z' });
    await listTasks(scope, newest);
    await expect(getTask(scope, { id: crypto.randomUUID() })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect(proxy.roundTrips() - before).toBe(4);
  });

  test('writes of one user change the rows of one node, without a two-phase commit', async () => {
    const sql = await connect(url);
    const notices: string[] = [];
    sql.on('notice', ({ message }) => notices.push(message ?? ''));
    await sql.query('set citus.log_remote_commands = on; set client_min_messages = log');
    await sql.query(`begin; set local citus.propagate_set_commands = 'local'; set local role holdfast_app;
      set local app.user_id = '${alice}'`);
    const { sentTexts } = await recordWrites(db);
    notices.length = 0;
    for (const { text, values } of sentTexts) await sql.query(text, values);
    await sql.query('commit');
    expect(sentTexts).toHaveLength(3);
    expect(notices.filter((notice) => /PREPARE TRANSACTION/.test(notice))).toEqual([]);
    expect(notices.filter((notice) => /issuing (?:INSERT|WITH|UPDATE)/i.test(notice))).toHaveLength(3);
  });

  test('row-level security isolates the users on the nodes, also without the owner filter', async () => {
    await createTask(db.asUser(alice), { title: 'of Alice' });
    await createTask(db.asUser(bob), { title: 'of Bob' });
    for (const user of [alice, bob]) {
      const rows = await ask(db.asUser(user), 'select distinct user_id::text from public.tasks');
      expect(rows).toEqual([[user]]);
      await db.asUser(user).transaction(async ({ em }) => {
        expect(await em.execute('select distinct user_id from tasks')).toEqual([{ user_id: user }]);
        await em.execute(`update tasks set title = 'changed'`);
      });
    }
    expect(await ask(db.asUser(alice), `select count(*) from public.tasks where title = 'of Alice'`)).toEqual([['0']]);
    const [{ count } = { count: 0 }] = await db.acrossAllUsers((em) =>
      em.execute<[{ count: number }]>('select count(distinct user_id)::int as count from tasks'),
    );
    expect(count).toBeGreaterThanOrEqual(2);
  });

  test('changes by other programs are logged for feeds', async () => {
    const scope = db.asUser(alice);
    const { id } = await createTask(scope, { title: 'x' });
    const { cursor } = await listChanges(scope, { limit: 500 });
    const sql = await connect(url);
    await asTools(sql, `update tasks set title = 'by hand' where user_id = '${alice}' and id = '${id}'`);
    const next = await listChanges(scope, { since: cursor!, limit: 500 });
    expect(next.tasks).toMatchObject([{ id, title: 'by hand' }]);
    await asTools(sql, `delete from tasks where user_id = '${alice}' and id = '${id}'`);
    expect(await listChanges(scope, { since: next.cursor!, limit: 500 })).toMatchObject({ removed: [{ id }] });
  });

  test('tools read the changes of all users', async () => {
    const users = new Set<string>();
    const readPositions = async () => new Map<string, string>();
    for await (const { userId } of readAllChanges(db, { readPositions })) users.add(userId);
    expect([...users]).toEqual(expect.arrayContaining([alice, bob]));
  });

  test('maintenance removes old trash of users on all nodes, and logs each removal once', async () => {
    const users = Array.from({ length: 6 }, () => crypto.randomUUID());
    const scopes = users.map((user) => db.asUser(user));
    const cursors: string[] = [];
    for (const scope of scopes) {
      const { id } = await createTask(scope, { title: 'old' });
      await createTask(scope, { title: 'new' });
      await deleteTask(scope, { id });
      cursors.push((await listChanges(scope, { limit: 10 })).cursor!);
    }
    const sql = await connect(url);
    await asTools(
      sql,
      `update tasks set created_at = '2026-01-01', updated_at = '2026-01-01', deleted_at = '2026-01-02', revision = revision + 1
      where user_id = any ($1) and deleted_at is not null`,
      [users],
    );
    const counts = await runMaintenance({ url, signal: new AbortController().signal });
    expect(new Map(counts as ReadonlyMap<string, number>).get('tasks in the trash')).toBe(6);
    for (const [at, scope] of scopes.entries()) {
      const { removed, tasks } = await listChanges(scope, { since: cursors[at]!, limit: 10 });
      expect([removed.length, tasks.length]).toEqual([1, 0]);
      expect((await listTasks(scope, newest)).items.map(({ title }) => title)).toEqual(['new']);
    }
  });

  test('a deleted user has no row on any node, and stays deleted', async () => {
    const user = crypto.randomUUID();
    const scope = db.asUser(user);
    await createList(scope, { name: 'l' });
    await createTasks(scope, [{ title: 'a' }, { title: 'b' }]);
    const store = openAuthStore({ url });
    atEnd(() => store.close());
    await eraseUser(store, user);
    const sql = await connect(url);
    for (const [table, column] of [
      ['users', 'id'],
      ['lists', 'user_id'],
      ['tasks', 'user_id'],
      ['changes', 'user_id'],
    ]) {
      expect((await asTools(sql, `select from ${table} where ${column} = $1`, [user])).rowCount).toBe(0);
    }
    await expect(createTask(scope, { title: 'again' })).rejects.toMatchObject({ code: 'USER_ERASED' });
  });
});

/** The statements of a create, as Holdfast sends them. */
async function recordWrites(db: Database): Promise<{ sentTexts: { text: string; values: (string | null)[] }[] }> {
  const { internalsOf } = await import('../../src/scope/user-scope.ts');
  const { createTask: create } = await import('../../src/index.ts');
  const scope = db.asUser(alice);
  const internals = internalsOf(scope);
  const sentTexts: { text: string; values: (string | null)[] }[] = [];
  const { runAll } = internals;
  Object.assign(internals, {
    runAll: (calls: Parameters<typeof runAll>[0]) => {
      for (const { statement, args } of calls) sentTexts.push({ text: statement.text, values: statement.toValues(args) });
      return runAll(calls);
    },
  });
  await create(scope, { title: 'recorded' });
  // The statements run again, so they need another task.
  const id = sentTexts[1]!.values.findIndex((value) => /^[0-9a-f-]{36}$/.test(value ?? '') && value !== alice);
  const old = sentTexts[1]!.values[id]!;
  const other = crypto.randomUUID();
  for (const sent of sentTexts) sent.values = sent.values.map((value) => (value === old ? other : value));
  return { sentTexts };
}
