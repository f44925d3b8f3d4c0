import { randomUUID } from 'node:crypto';
import { beforeEach } from 'vitest';
import {
  createTask,
  type DatabaseObserver,
  getTask,
  openDatabase,
  type RetryCause,
  type TaskRecord,
  updateTask,
  type UserScope,
} from '../../src/index.ts';
import { openFaultProxy, waitingForLocksSql } from '../../src/testing/index.ts';
import { alice, asTools, atEnd, connect, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture();
export { sql, url };

/** The user of the current test, who has three tasks. */
export const user: { userId: string; scope: UserScope; tasks: TaskRecord[] } = {
  userId: '',
  scope: db.asUser(alice),
  tasks: [],
};

beforeEach(async () => {
  user.userId = randomUUID();
  user.scope = db.asUser(user.userId);
  user.tasks = [];
  for (const title of ['one', 'two', 'three']) user.tasks.push(await createTask(user.scope, { title }));
});

/** A database with one connection through a proxy, and the retries of its writes. */
export async function openBatches(more: DatabaseObserver = {}) {
  const retried: [cause: RetryCause, call: string | null | undefined][] = [];
  const onRetry = (cause: RetryCause, operation: { name: string | null } | null) =>
    void retried.push([cause, operation?.name]);
  const proxy = await openFaultProxy(url);
  const remote = await openDatabase({ url: proxy.url, poolMax: 1, poolWaitMs: 500, observer: { onRetry, ...more } });
  atEnd(() => proxy.close());
  atEnd(() => remote.close());
  const scope = remote.asUser(user.userId, { batchWrites: true });
  const update = (at: number, title: string, operationId?: string) => () =>
    updateTask(scope, { id: user.tasks[at]!.id, title, operationId });
  return { proxy, scope, retried, update };
}

/** Locks a row in another transaction until its end. */
export async function lock(table: 'tasks' | 'users', id: string): Promise<{ end(): Promise<unknown> }> {
  const other = await connect(url);
  await other.query('begin');
  await other.query('set local role holdfast_tools');
  await other.query(`select from ${table} where id = $1 for update`, [id]);
  return { end: () => other.query('commit') };
}

export async function findWaiting(): Promise<number[]> {
  return (await sql.query<{ pid: number }>(waitingForLocksSql)).rows.map(({ pid }) => pid);
}

export const readTitles = () =>
  Promise.all(
    user.tasks.map(async ({ id }) => getTask(user.scope, { id }).then(({ title, version }) => [title, version])),
  );

export async function countChanges(): Promise<number> {
  const { rows } = await asTools(sql, 'select count(*)::int as count from changes where user_id = $1', [user.userId]);
  return rows[0].count - user.tasks.length;
}
