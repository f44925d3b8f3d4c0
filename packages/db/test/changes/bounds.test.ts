import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type ChangesPage,
  createList,
  createTask,
  createTasks,
  deleteList,
  listChanges,
  updateTask,
} from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';
import { Follower, readContents } from './follower.ts';

const sent: number[] = [];
const { db, sql } = await openFixture({
  statementTimeoutMs: 60_000,
  observer: { onStatement: ({ rows }) => sent.push(rows) },
});

const createScope = () => db.asUser(randomUUID());

/** Creates a list with many tasks. */
async function createListWith(userId: string, tasks: number): Promise<string> {
  const { id } = await createList(db.asUser(userId), { name: 'home' });
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, list_id)
    select $1, gen_random_uuid(), 'task', $2 from generate_series(1, $3::int)`,
    [userId, id, tasks],
  );
  return id;
}

const countRecords = ({ tasks, lists, removed }: ChangesPage) => tasks.length + lists.length + removed.length;

test('pages split a call that changed 10,001 records, and lose none of them', async () => {
  const scope = createScope();
  const id = await createListWith(scope.userId, 10_000);
  const follower = new Follower();
  await follower.catchUp(scope, { limit: 1_000 });
  await deleteList(scope, { id });
  const pages = await follower.catchUp(scope, { limit: 1_000, maxBytes: 10_000_000 });
  expect(pages.map(countRecords)).toEqual([...Array.from({ length: 10 }, () => 1_000), 1]);
  expect(pages[0]!.removed).toEqual([{ kind: 'list', id }]);
  expect(follower.contents).toEqual(await readContents(sql, scope.userId));
});

test('rows of the log without IDs count, so that a page reads only few of them', async () => {
  const scope = createScope();
  const { id } = await createTask(scope, { title: 'x' });
  const follower = new Follower();
  await follower.read(scope);
  for (let call = 0; call < 5; call += 1) await updateTask(scope, { id, operationId: randomUUID() });
  const pages = await follower.catchUp(scope, { limit: 2 });
  expect(pages.map(countRecords)).toEqual([0, 0, 0]);
});

const text = 'x'.repeat(10_000);

test.each([1, 25_000, 100_000])(
  'a page of large tasks ends at its limit of %i bytes, has at least one task, and reads only one task more',
  async (maxBytes) => {
    const scope = createScope();
    const items = Array.from({ length: 20 }, () => ({ title: 'x', description: text }));
    await createTasks(scope, items);
    const follower = new Follower();
    const tasksMax = Math.ceil(maxBytes / (text.length + 460));
    const expectFullPages = async () => {
      let page: ChangesPage;
      do {
        sent.length = 0;
        page = await follower.read(scope, { maxBytes });
        const isLast = !page.hasMore;
        expect(page.tasks.length).toBeLessThanOrEqual(tasksMax);
        expect(isLast || page.tasks.length === tasksMax).toBe(true);
        // The first row of a page of the log proves the cursor.
        expect(sent[0]).toBeLessThanOrEqual(tasksMax + 2);
      } while (page.hasMore);
    };
    await expectFullPages();
    await createTasks(scope, items);
    await expectFullPages();
    expect(follower.contents).toEqual(await readContents(sql, scope.userId));
  },
);

test('a task that changed many times costs a page its size once', async () => {
  const scope = createScope();
  const { id } = await createTask(scope, { title: '0', description: text });
  const follower = new Follower();
  await follower.read(scope);
  for (let change = 1; change <= 30; change += 1) await updateTask(scope, { id, title: `${change}` });
  const pages = await follower.catchUp(scope, { maxBytes: 50_000 });
  expect(pages).toMatchObject([{ tasks: [{ title: '30' }] }]);
});

test('a copy counts lists in the trash, so that a page reads only few of them', async () => {
  const scope = createScope();
  for (let list = 0; list < 5; list += 1) {
    const { id } = await createList(scope, { name: 'deleted' });
    await deleteList(scope, { id });
  }
  const kept = await createList(scope, { name: 'kept' });
  sent.length = 0;
  const follower = new Follower();
  await follower.catchUp(scope, { limit: 2 });
  expect(follower.contents).toEqual({ tasks: [], lists: [kept] });
  expect(Math.max(...sent)).toBe(3);
});

test('a cursor has at most 200 characters', async () => {
  const scope = createScope();
  await createTasks(scope, [{ title: 'x' }, { title: 'y' }]);
  await asTools(sql, 'update changes set revision = $2 where user_id = $1', [scope.userId, 2n ** 63n - 1n]);
  const { cursor, hasMore } = await listChanges(scope, { limit: 1 });
  expect(hasMore).toBe(true);
  expect(cursor!.length).toBeLessThanOrEqual(200);
});
