import { randomUUID } from 'node:crypto';
import { createEndPosition, createPositionBetween, createPositions, isPosition } from '@holdfast/task-values';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTasks, deleteTask, reorderTasks } from '../../src/index.ts';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();
const scope = db.asUser(alice);

interface Row {
  id: string;
  position: string;
  version: number;
}

const byPosition = (one: Row, other: Row) =>
  one.position === other.position ? (one.id < other.id ? -1 : 1) : one.position < other.position ? -1 : 1;

/** A new list of the user. */
async function createList(userId = alice): Promise<string> {
  const id = randomUUID();
  await asTools(sql, 'insert into users (id) values ($1) on conflict do nothing', [userId]);
  await asTools(sql, `insert into lists (user_id, id, name) values ($1, $2, 'list')`, [userId, id]);
  return id;
}

/** A new list with a task for each position. */
async function createListWith(positions: readonly string[]): Promise<{ listId: string; rows: Row[] }> {
  const listId = await createList();
  await createTasks(
    scope,
    positions.map((position, at) => ({ title: `task ${at}`, listId, position })),
  );
  return { listId, rows: await readList(listId) };
}

/** The tasks of a list, in order. */
async function readList(listId: string | null, userId = alice): Promise<Row[]> {
  const { rows } = await asTools(
    sql,
    `select id, position, version from tasks where user_id = $1 and list_id is not distinct from $2 and deleted_at is null`,
    [userId, listId],
  );
  return (rows as Row[]).toSorted(byPosition);
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

/** The order after the given tasks have taken their places in the new order. */
function toExpected(rows: readonly Row[], ids: readonly string[]): string[] {
  const others = rows.filter(({ id }) => !ids.includes(id));
  const waiting = [...ids];
  const gaps = others.map((): string[] => []);
  const start: string[] = [];
  rows.forEach((row, at) => {
    if (!ids.includes(row.id)) return;
    const lower = rows.slice(0, at).findLast(({ id }) => !ids.includes(id));
    // Behind all tasks whose position equals that of the task before.
    const gap = lower === undefined ? -1 : others.findLastIndex(({ position }) => position === lower.position);
    (gaps[gap] ?? start).push(waiting.shift()!);
  });
  return [start, ...others.map(({ id }, at) => [id].concat(gaps[at]!))].flat();
}

test('task.reorder of a whole list gives its tasks the given order and the shortest positions', async () => {
  const { listId, rows } = await createListWith(Array.from({ length: 100 }, () => createEndPosition(Date.now())));
  const ids = idsOf(rows).toReversed();
  const { items } = await reorderTasks(scope, { listId, ids });
  expect(idsOf(items)).toEqual(ids);
  expect(items.map(({ position }) => position)).toEqual(createPositions(100));
  expect(idsOf(await readList(listId))).toEqual(ids);
});

test('a task that is created after a task.reorder of the whole list is at the end', async () => {
  const { listId, rows } = await createListWith(['a1', 'a0']);
  await reorderTasks(scope, { listId, ids: idsOf(rows).toReversed() });
  const { items } = await createTasks(scope, [{ title: 'new', listId }]);
  expect(idsOf(await readList(listId)).at(-1)).toBe(items[0]!.id);
});

test('task.reorder of a part of a list moves no other task', async () => {
  const { listId, rows } = await createListWith(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
  const [one, two, three, four, five, six] = idsOf(rows) as [string, string, string, string, string, string];
  await reorderTasks(scope, { listId, ids: [five, two, four] });
  const after = await readList(listId);
  expect(idsOf(after)).toEqual([one, five, three, two, four, six]);
  for (const id of [one, three, six])
    expect(after.find((row) => row.id === id)).toEqual(rows.find((row) => row.id === id));
});

test('task.reorder of one task between two others shortens its position and moves nothing', async () => {
  const long = `a1${'V'.repeat(150)}`;
  const { listId, rows } = await createListWith(['a0', long, 'a5']);
  await reorderTasks(scope, { listId, ids: [rows[1]!.id] });
  const after = await readList(listId);
  expect(idsOf(after)).toEqual(idsOf(rows));
  expect(after[1]!.position.length).toBeLessThanOrEqual(4);
});

test('the inbox can be reordered like a list', async () => {
  const user = randomUUID();
  const { items } = await createTasks(db.asUser(user), [
    { title: 'a' },
    { title: 'b' },
    { title: 'c' },
    { title: 'd' },
  ]);
  const [a, b, c, d] = idsOf(items) as [string, string, string, string];
  await reorderTasks(db.asUser(user), { listId: null, ids: [d, b] });
  expect(idsOf(await readList(null, user))).toEqual([a, d, c, b]);
  await reorderTasks(db.asUser(user), { listId: null, ids: [d, c, b, a] });
  expect(idsOf(await readList(null, user))).toEqual([d, c, b, a]);
});

const positionOf = fc.oneof(
  fc.constantFrom(
    'a0',
    'a0V',
    'a0V1',
    'Zz',
    'Zz1',
    'h00000000',
    'g1234567Vx',
    'A00000000000000000000000001',
    'a001',
    'a0001',
  ),
  fc
    .string({ unit: fc.constantFrom('0', '1', 'V', 'z'), maxLength: 4 })
    .map((digits) => `b1${digits}2V`.slice(0, 3) + digits + '1'),
  fc.string({ unit: fc.constantFrom('0', 'z'), minLength: 180, maxLength: 190 }).map((digits) => `a1${digits}1`),
);

test('every task.reorder of any part of any list has the same result as a model, with valid positions', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(positionOf, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.boolean()),
      fc.infiniteStream(fc.nat()),
      async (positions, choices, keys) => {
        const { listId, rows } = await createListWith(positions.filter(isPosition));
        const ids = rows
          .filter(() => choices.next().value)
          .map(({ id }) => ({ id, key: keys.next().value as number }))
          .toSorted((one, other) => one.key - other.key)
          .map(({ id }) => id);
        if (ids.length === 0) return;
        const { items } = await reorderTasks(scope, { listId, ids });
        const after = await readList(listId);
        expect(idsOf(items)).toEqual(ids);
        expect(idsOf(after)).toEqual(toExpected(rows, ids));
        for (const row of after) {
          expect(isPosition(row.position), row.position).toBe(true);
          if (!ids.includes(row.id)) expect(rows).toContainEqual(row);
        }
        // The same call again changes nothing.
        await reorderTasks(scope, { listId, ids });
        expect(await readList(listId)).toEqual(after);
      },
    ),
    { numRuns: 100 },
  );
});

test('five hundred tasks between two others get positions that are at most three characters longer than the first', async () => {
  const lower = 'a1V';
  const inner = createPositions(500).map((position) => `a1V${position}V`);
  const { listId, rows } = await createListWith([lower, ...inner.slice(0, 498), 'a2']);
  const ids = idsOf(rows).slice(1, -1).toReversed();
  const { items } = await reorderTasks(scope, { listId, ids });
  expect(idsOf(await readList(listId))).toEqual([rows[0]!.id, ...ids, rows.at(-1)!.id]);
  expect(Math.max(...items.map(({ position }) => position.length))).toBeLessThanOrEqual(6);
});

test('after so many inserts at one place that no position fits, task.reorder of the tasks around it makes room', async () => {
  const positions = ['a0', 'a1'];
  const insertAtTheSamePlace = () => positions.splice(1, 0, createPositionBetween(positions[0]!, positions[1]!));
  expect(() => {
    for (;;) insertAtTheSamePlace();
  }).toThrow('No position fits between these neighbors. Reorder the list first.');
  const { listId, rows } = await createListWith(positions.slice(0, 500));
  await reorderTasks(scope, { listId, ids: idsOf(rows).slice(0, 300) });
  const after = await readList(listId);
  expect(idsOf(after)).toEqual(idsOf(rows));
  expect(createPositionBetween(after[0]!.position, after[1]!.position).length).toBeLessThan(20);
});

test('if no shorter position fits, task.reorder exchanges the positions of the given tasks', async () => {
  const start = `a0${'0'.repeat(197)}`;
  const { listId, rows } = await createListWith([`${start}1`, `${start}2`, `${start}3`, `${start}4`]);
  await reorderTasks(scope, { listId, ids: [rows[2]!.id, rows[1]!.id] });
  const after = await readList(listId);
  expect(idsOf(after)).toEqual([rows[0]!.id, rows[2]!.id, rows[1]!.id, rows[3]!.id]);
  expect(after.map(({ position }) => position)).toEqual(rows.map(({ position }) => position));
});

test('task.reorder writes no row whose position is already right', async () => {
  const { listId, rows } = await createListWith(createPositions(5));
  const ids = idsOf(rows);
  await reorderTasks(scope, { listId, ids });
  expect(await readList(listId)).toEqual(rows);
  await reorderTasks(scope, { listId, ids: [ids[1]!, ids[0]!, ...ids.slice(2)] });
  expect((await readList(listId)).map(({ version }) => version)).toEqual([2, 2, 1, 1, 1]);
});

test('task.reorder refuses tasks of another list, of another user and in the trash, names them, and moves nothing', async () => {
  const { listId, rows } = await createListWith(['a0', 'a1', 'a2']);
  const elsewhere = await createListWith(['a0']);
  const { items: theirs } = await createTasks(db.asUser(bob), [{ title: 'theirs' }]);
  await deleteTask(scope, { id: rows[2]!.id });
  const missing = [elsewhere.rows[0]!.id, theirs[0]!.id, rows[2]!.id, randomUUID()];
  const before = await readList(listId);
  const refused = reorderTasks(scope, { listId, ids: [rows[1]!.id, ...missing, rows[0]!.id] });
  await expect(refused).rejects.toMatchObject({ code: 'TASK_NOT_FOUND', ids: missing, message: '4 tasks not found.' });
  expect(await readList(listId)).toEqual(before);
});

test('task.reorder refuses a list that does not exist, is in the trash or belongs to another user', async () => {
  const { items } = await createTasks(scope, [{ title: 'mine' }]);
  const trashed = await createList();
  await asTools(sql, 'update lists set deleted_at = now() where id = $1', [trashed]);
  for (const listId of [randomUUID(), trashed, await createList(bob)]) {
    const refused = reorderTasks(scope, { listId, ids: idsOf(items) });
    await expect(refused).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' });
  }
});
