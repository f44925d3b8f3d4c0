import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import {
  createList,
  createTask,
  deleteTask,
  type DatabaseObserver,
  getTask,
  getUser,
  listChanges,
  listTasks,
  purgeTasks,
  updateTask,
  updateTasks,
} from '../../src/index.ts';
import { alice, asTools, bob, connect, openFixture } from '../fixture.ts';

const written: string[] = [];
let onWrite: DatabaseObserver['onUserWrite'];
const observer: DatabaseObserver = {
  onUserWrite(userId) {
    written.push(userId);
    onWrite?.(userId);
  },
};
const { db, sql, url } = await openFixture({ observer });
const other = await connect(url);
const scope = db.asUser(alice);

beforeEach(() => {
  written.length = 0;
  onWrite = undefined;
});

test('each write of a user is reported, and no read is', async () => {
  const task = await createTask(scope, { title: 'one', completed: false });
  await createList(scope, { name: 'Home' });
  await updateTask(scope, { id: task.id, title: 'two' });
  await updateTasks(scope, { ids: [task.id], set: { completed: true } });
  await deleteTask(scope, { id: task.id });
  await purgeTasks(scope, { ids: [task.id] });
  expect(written).toEqual(Array.from({ length: 6 }, () => alice));
  written.length = 0;
  await getUser(db.asUser(randomUUID()));
  await listTasks(scope, { limit: 10, order: 'newest' });
  await listChanges(scope, { limit: 10 });
  const { cursor } = await listChanges(scope, { limit: 10 });
  await listChanges(scope, { since: cursor!, limit: 10 });
  await getTask(scope, { id: task.id }).catch(() => {});
  expect(written).toEqual([]);
});

test('a write is reported after its commit', async () => {
  let seen: Promise<unknown[]> = Promise.resolve([]);
  onWrite = () => {
    const title = 'select title from tasks where user_id = $1 order by created_at desc, id desc limit 1';
    seen = seen.then(async (titles) => {
      const { rows } = await asTools(other, title, [alice]);
      return [...titles, (rows as { title: string }[])[0]?.title];
    });
  };
  await createTask(scope, { title: 'visible', completed: false });
  await scope.transaction(async (open) => {
    await createTask(open, { title: 'in a transaction', completed: false });
    expect(await seen).toEqual(['visible']);
  });
  expect(await seen).toEqual(['visible', 'in a transaction']);
});

test('a transaction that is rolled back is not reported', async () => {
  const failure = new Error('of the caller');
  const transaction = scope.transaction(async (open) => {
    await createTask(open, { title: 'never', completed: false });
    throw failure;
  });
  await expect(transaction).rejects.toBe(failure);
  expect(written).toEqual([]);
});

test('the users whose revision differs are found, with the age of their newest change', async () => {
  await createTask(scope, { title: 'one', completed: false });
  await createTask(db.asUser(bob), { title: 'one', completed: false });
  const unknown = randomUUID();
  const find = (revisions: Record<string, string | null>) =>
    db.findChangedUsers(Object.entries(revisions).map(([userId, revision]) => ({ userId, revision })));
  const all = await find({ [alice]: null, [bob]: null, [unknown]: null });
  expect(all).toHaveLength(2);
  const known = Object.fromEntries(all.map(({ userId, revision }) => [userId, revision]));
  const { rows } = await asTools(sql, 'select id, revision::text from users where id = any($1)', [[alice, bob]]);
  expect(known).toEqual(
    Object.fromEntries((rows as { id: string; revision: string }[]).map((row) => [row.id, row.revision])),
  );
  for (const { ageMs } of all) expect(ageMs).toBeGreaterThanOrEqual(0);
  expect(await find({ ...known, [unknown]: '7' })).toEqual([]);
  await createTask(db.asUser(bob), { title: 'two', completed: false });
  const next = String(Number(known[bob]) + 1);
  expect(await find(known)).toEqual([{ userId: bob, revision: next, ageMs: expect.any(Number) }]);
  expect(await find({})).toEqual([]);
});

test('ten thousand users are compared in one statement', async () => {
  await asTools(sql, 'insert into users (id, revision) select gen_random_uuid(), 5 from generate_series(1, 10000)');
  const { rows } = await asTools(sql, 'select id from users where revision = 5 order by id');
  const users = (rows as { id: string }[]).map(({ id }) => ({ userId: id, revision: '5' }));
  expect(await db.findChangedUsers(users)).toEqual([]);
  const changed = await db.findChangedUsers(
    users.map(({ userId }, at) => ({ userId, revision: at % 100 === 0 ? '4' : '5' })),
  );
  expect(changed).toHaveLength(100);
  expect(changed[0]).toEqual({ userId: expect.any(String), revision: '5', ageMs: null });
});
