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
import { toUserSettings } from '../../src/scope/session-settings.ts';
import { toSettingsSql } from '../../src/scope/transaction-frame.ts';
import { explain, listStatements } from '../../src/status/explain.ts';
import { createTaskStatement } from '../../src/tasks/create-task.ts';
import { toColumnValues, withInitialValues } from '../../src/tasks/record.ts';
import { openFaultProxy } from '../../src/testing/index.ts';
import { lockUserStatement } from '../../src/writes/lock.ts';
import { logTaskStatement } from '../../src/writes/log.ts';
import { alice, asTools, ask, atEnd, bob, connect } from '../fixture.ts';
import { hasCitus, openCluster, openHandle } from './fixture.ts';

const readPositions = async () => new Map<string, string>();
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

  test('each statement of a user runs on one node', async () => {
    for (const { name } of listStatements()) {
      const plan = (await explain(url, name)).join('\n');
      const counts = [...plan.matchAll(/Task Count: (\d+)/g)].map(([, count]) => Number(count));
      expect({ name, most: Math.max(0, ...counts) }).toEqual({ name, most: 1 });
    }
  });

  test('a write of a user has no two-phase commit', async () => {
    const sql = await connect(url);
    const notices: string[] = [];
    sql.on('notice', ({ message }) => notices.push(message ?? ''));
    await sql.query('set citus.log_remote_commands = on; set client_min_messages = log');
    const settings = toUserSettings({ userId: alice, statementTimeoutMs: 5_000, readOnly: false });
    await sql.query('begin');
    await sql.query(toSettingsSql(settings));
    const id = crypto.randomUUID();
    const args = { userId: alice, email: null, name: null, id, operationId: undefined, requestHash: undefined };
    const task = {
      ...toColumnValues(withInitialValues({ title: 'x' })),
      completedAt: null,
      search: 'x',
      createdAt: '2026-01-01',
    };
    await sql.query(lockUserStatement.text, lockUserStatement.toValues(args));
    await sql.query(createTaskStatement.text, createTaskStatement.toValues({ ...args, ...task }));
    await sql.query(logTaskStatement.text, logTaskStatement.toValues(args));
    await sql.query('commit');
    expect(notices.filter((notice) => /issuing (?:INSERT|WITH)/i.test(notice))).toHaveLength(3);
    expect(notices.filter((notice) => /issuing COMMIT/i.test(notice))).toHaveLength(1);
    expect(notices.filter((notice) => /PREPARE TRANSACTION/i.test(notice))).toEqual([]);
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
    const [{ count }] = await db.acrossAllUsers((em) =>
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
    await asTools(sql, `update changes set at = '2026-01-01' where user_id = any ($1) and revision = 1`, [users]);
    const counts = await runMaintenance({ url, signal: new AbortController().signal });
    const removed = new Map(counts as ReadonlyMap<string, number>);
    expect(['tasks in the trash', 'changes'].map((kind) => removed.get(kind))).toEqual([6, 6]);
    for (const [at, scope] of scopes.entries()) {
      const changes = await listChanges(scope, { since: cursors[at]!, limit: 10 });
      expect([changes.removed.length, changes.tasks.length]).toEqual([1, 0]);
      expect((await listTasks(scope, newest)).items.map(({ title }) => title)).toEqual(['new']);
    }
  });

  test('a login that is not the owner deletes an account, which has no row on any node and stays deleted', async () => {
    const sql = await connect(url);
    const login = `test_${crypto.randomUUID().replaceAll('-', '')}`;
    await sql.query(`create role ${login} login`);
    await sql.query(`grant holdfast_app, holdfast_tools to ${login}`);
    await sql.query(`grant usage on schema auth to ${login}`);
    await sql.query(`grant select, insert, update, delete on all tables in schema auth to ${login}`);
    atEnd(async () => {
      await sql.query(`drop owned by ${login}`);
      await sql.query(`drop role ${login}`);
    });
    const loginUrl = Object.assign(new URL(url), { username: login }).href;
    const own = await openHandle(loginUrl);
    const store = openAuthStore({ url: loginUrl });
    atEnd(() => store.close());
    const user = crypto.randomUUID();
    const account = { id: user, name: 'Ada', email: `${user}@example.org`, emailVerified: false };
    await store.kysely.insertInto('user').values(account).execute();
    const scope = own.asUser(user);
    await createList(scope, { name: 'l' });
    await createTasks(scope, [{ title: 'a' }, { title: 'b' }]);
    await eraseUser(store, user);
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
