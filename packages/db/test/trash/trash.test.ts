import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createTask,
  deleteTask,
  getTask,
  listTasks,
  listTrash,
  purgeTasks,
  restoreTasks,
  type UserScope,
} from '../../src/index.ts';
import { alice, ask, asTools, bob, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();

/** A new user without tasks. */
const createScope = () => db.asUser(randomUUID());

async function createTrashed(scope: UserScope, title = 'x', listId: string | null = null): Promise<string> {
  const { id } = await createTask(scope, { title, listId });
  await deleteTask(scope, { id });
  return id;
}

async function createList(scope: UserScope, deletedAt: string | null = null): Promise<string> {
  const id = randomUUID();
  await ask(scope, `insert into users (id) values ('${scope.userId}') on conflict do nothing`);
  await ask(scope, 'insert into lists (user_id, id, name, deleted_at) values ($1, $2, $3, $4)', [
    scope.userId,
    id,
    'list',
    deletedAt,
  ]);
  return id;
}

async function readLog(scope: UserScope): Promise<string[][]> {
  const rows = await ask(scope, 'select array_to_string(task_ids, $1) from changes order by revision', [' ']);
  return rows.map(([ids]) => ids!.split(' ').filter(Boolean).sort());
}

const listIds = async (scope: UserScope) => (await listTrash(scope, { limit: 200 })).items.map(({ id }) => id);

test('the pages of the trash contain every deleted task once, the latest deletion first', async () => {
  const scope = createScope();
  await createTask(scope, { title: 'not deleted' });
  const ids: string[] = [];
  for (let at = 0; at < 7; at++) ids.push(await createTrashed(scope, `${at}`));
  // Tasks that were deleted in the same millisecond are in order of their IDs.
  await asTools(
    sql,
    `update tasks set deleted_at = created_at + interval '1 day' where user_id = $1 and id = any ($2)`,
    [scope.userId, ids.slice(2, 5)],
  );
  const { rows } = await asTools(
    sql,
    'select id from tasks where user_id = $1 and deleted_at is not null order by deleted_at desc, id desc',
    [scope.userId],
  );
  const seen: string[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await listTrash(scope, { limit: 2, cursor });
    seen.push(...page.items.map(({ id }) => id));
    expect(page.items.every(({ deletedAt }) => deletedAt !== null)).toBe(true);
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(rows.map(({ id }: { id: string }) => id));
});

test('pages of the trash with a size limit end early and return every task once', async () => {
  const scope = createScope();
  const ids: string[] = [];
  for (let at = 0; at < 6; at++) {
    const { id } = await createTask(scope, { title: 'x', description: 'y'.repeat(at % 2 === 0 ? 9_000 : 10) });
    await deleteTask(scope, { id });
    ids.push(id);
  }
  const pages: string[][] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await listTrash(scope, { limit: 200, cursor, maxBytes: 9_000 });
    pages.push(page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(pages.flat()).toEqual(await listIds(scope));
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.every(({ length }) => length > 0 && length < 6)).toBe(true);
});

test('the trash refuses a cursor of task.list and a cursor of another user', async () => {
  const [scope, other] = [createScope(), createScope()];
  for (const one of [scope, other]) for (let at = 0; at < 2; at++) await createTrashed(one);
  for (let at = 0; at < 2; at++) await createTask(scope, { title: 'x' });
  const ofTasks = (await listTasks(scope, { limit: 1, order: 'newest' })).nextCursor!;
  const ofTrash = (await listTrash(scope, { limit: 1 })).nextCursor!;
  const refused = { code: 'INVALID_CURSOR' };
  await expect(listTrash(scope, { limit: 1, cursor: ofTasks })).rejects.toMatchObject(refused);
  await expect(listTrash(other, { limit: 1, cursor: ofTrash })).rejects.toMatchObject(refused);
  await expect(listTasks(scope, { limit: 1, order: 'newest', cursor: ofTrash })).rejects.toMatchObject(refused);
});

test('trash.restore returns the tasks in the order of the given IDs, each once, with a new version', async () => {
  const scope = createScope();
  const ids = [await createTrashed(scope), await createTrashed(scope), await createTrashed(scope)].toReversed();
  const restored = await restoreTasks(scope, { ids: [...ids, ids[0]!.toUpperCase()] });
  expect(restored.map(({ id, version, deletedAt }) => [id, version, deletedAt])).toEqual(
    ids.map((id) => [id, 3, null]),
  );
  expect(await getTask(scope, { id: ids[0]! })).toEqual(restored[0]);
  expect(await listIds(scope)).toEqual([]);
  expect((await readLog(scope)).at(-1)).toEqual(ids.toSorted());
});

test('trash.restore leaves a task outside the trash unchanged and logs nothing for it', async () => {
  const scope = createScope();
  const task = await createTask(scope, { title: 'x' });
  const deleted = await createTrashed(scope);
  const restored = await restoreTasks(scope, { ids: [task.id, deleted] });
  expect(restored[0]).toEqual(task);
  expect((await readLog(scope)).at(-1)).toEqual([deleted]);
  const log = await readLog(scope);
  await restoreTasks(scope, { ids: [task.id, deleted] });
  expect(await readLog(scope)).toEqual(log);
});

test('trash.restore with an unknown ID restores nothing and names the unknown IDs', async () => {
  const [scope, other] = [createScope(), createScope()];
  const [mine, theirs, unknown] = [await createTrashed(scope), await createTrashed(other), randomUUID()];
  const log = await readLog(scope);
  const call = restoreTasks(scope, { ids: [theirs, mine, unknown], operationId: randomUUID() });
  await expect(call).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', ids: [theirs, unknown] });
  expect(await listIds(scope)).toEqual([mine]);
  expect(await listIds(other)).toEqual([theirs]);
  expect(await readLog(scope)).toEqual(log);
});

test('a restored task returns to its list, or to the inbox if the list is in the trash', async () => {
  const scope = createScope();
  const [kept, deleted] = [await createList(scope), await createList(scope)];
  const ids = [await createTrashed(scope, 'a', kept), await createTrashed(scope, 'b', deleted)];
  await ask(scope, 'update lists set deleted_at = now() where user_id = $1 and id = $2', [scope.userId, deleted]);
  const restored = await restoreTasks(scope, { ids });
  expect(restored.map(({ listId }) => listId)).toEqual([kept, null]);
});

test('trash.restore with one operationId is applied once, although the task was deleted again', async () => {
  const scope = createScope();
  const ids = [await createTrashed(scope)];
  const input = { ids, operationId: randomUUID() };
  await restoreTasks(scope, input);
  await deleteTask(scope, { id: ids[0]! });
  const [again] = await restoreTasks(scope, input);
  expect(again).toMatchObject({ id: ids[0], deletedAt: expect.any(String) });
  expect(await listIds(scope)).toEqual(ids);
  const other = await createTrashed(scope);
  await expect(restoreTasks(scope, { ...input, ids: [other] })).rejects.toMatchObject({ code: 'OPERATION_CONFLICT' });
  expect(await listIds(scope)).toContain(other);
});

test('an accepted trash.restore that changes nothing is remembered with its operationId', async () => {
  const scope = createScope();
  const { id } = await createTask(scope, { title: 'x' });
  const input = { ids: [id], operationId: randomUUID() };
  await restoreTasks(scope, input);
  await deleteTask(scope, { id });
  await restoreTasks(scope, input);
  expect(await listIds(scope)).toEqual([id]);
});

test('trash.purge removes only the given tasks in the trash, logs them, and can be repeated', async () => {
  const scope = createScope();
  const { id: live } = await createTask(scope, { title: 'live' });
  const [one, two, three] = [await createTrashed(scope), await createTrashed(scope), await createTrashed(scope)];
  const ids = [live, one, two, randomUUID(), one.toUpperCase()];
  expect(await purgeTasks(scope, { ids })).toEqual({ count: 2 });
  expect(await listIds(scope)).toEqual([three]);
  expect((await readLog(scope)).at(-1)).toEqual([one, two].sort());
  const log = await readLog(scope);
  expect(await purgeTasks(scope, { ids })).toEqual({ count: 0 });
  expect(await readLog(scope)).toEqual(log);
  await getTask(scope, { id: live });
});

test('trash.purge with a time removes at most 1,000 tasks per call, the oldest first, until the count is 0', async () => {
  const scope = createScope();
  const live = await createTask(scope, { title: 'live' });
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at, deleted_at, revision)
    select $1, gen_random_uuid(), 'old', '2020-01-01', '2020-01-01', '2020-01-01'::timestamptz + n * interval '1 min', 1
    from generate_series(1, 2300) n`,
    [scope.userId],
  );
  const newer = await createTrashed(scope);
  const before = new Date(Date.parse('2020-01-01T00:00:00Z') + 2_201 * 60_000).toISOString();
  const counts: number[] = [];
  do counts.push((await purgeTasks(scope, { before })).count);
  while (counts.at(-1) !== 0);
  expect(counts).toEqual([1_000, 1_000, 200, 0]);
  const left = await listTrash(scope, { limit: 200 });
  expect(left.items).toHaveLength(101);
  expect(left.items[0]!.id).toBe(newer);
  expect(left.items.at(-1)!.deletedAt).toBe(before);
  // The first three rows are a create, and a create and a delete of the newer task.
  expect((await readLog(scope)).map((ids) => ids.length)).toEqual([1, 1, 1, 1_000, 1_000, 200]);
  await getTask(scope, { id: live.id });
});

test('a purged task cannot be created again with the same ID while the log has its creation', async () => {
  const scope = createScope();
  const input = { id: randomUUID(), title: 'once' };
  await createTask(scope, input);
  await deleteTask(scope, { id: input.id });
  await purgeTasks(scope, { ids: [input.id] });
  await expect(createTask(scope, input)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
  await expect(createTask(scope, { ...input, title: 'other' })).rejects.toMatchObject({ code: 'TASK_CONFLICT' });
  await expect(restoreTasks(scope, { ids: [input.id] })).rejects.toMatchObject({ ids: [input.id] });
  await asTools(sql, 'delete from changes where user_id = $1', [scope.userId]);
  expect(await createTask(scope, input)).toMatchObject({ version: 1 });
});

test('without row-level security, the owner filter alone isolates the trash of two users', async () => {
  const fixture = await openFixture();
  const [mine, theirs] = [fixture.db.asUser(alice), fixture.db.asUser(bob)];
  const id = await createTrashed(theirs, 'secret');
  const tables = ['tasks', 'users', 'lists', 'changes'];
  await fixture.sql.query(tables.map((table) => `alter table ${table} disable row level security`).join(';'));
  const before = await listTrash(theirs, { limit: 10 });
  expect(await listTrash(mine, { limit: 10 })).toEqual({ items: [], nextCursor: null });
  await expect(restoreTasks(mine, { ids: [id] })).rejects.toMatchObject({ ids: [id] });
  expect(await purgeTasks(mine, { ids: [id] })).toEqual({ count: 0 });
  expect(await purgeTasks(mine, { before: '9999-01-01T00:00:00.000Z' })).toEqual({ count: 0 });
  expect(await listTrash(theirs, { limit: 10 })).toEqual(before);
  expect(before.items.map((task) => task.id)).toEqual([id]);
});

test('without the owner filter, row-level security alone isolates the trash of two users', async () => {
  const [mine, theirs] = [createScope(), createScope()];
  const id = await createTrashed(theirs, 'secret');
  await createTrashed(mine);
  expect(await ask(mine, 'select id from tasks where deleted_at is not null')).toHaveLength(1);
  expect(await ask(mine, 'update tasks set deleted_at = null where id = $1 returning id', [id])).toEqual([]);
  expect(await ask(mine, 'delete from tasks where id = $1 returning id', [id])).toEqual([]);
  expect(await listIds(theirs)).toEqual([id]);
});
