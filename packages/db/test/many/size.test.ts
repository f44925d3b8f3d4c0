import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createTasks,
  deleteTasks,
  type NewTask,
  reorderTasks,
  restoreTasks,
  updateTasks,
  type UserScope,
} from '../../src/index.ts';
import { internalsOf } from '../../src/scope/user-scope.ts';
import { asTools, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();
let scope: UserScope;
beforeEach(() => {
  scope = db.asUser(randomUUID());
});

const tooLarge = { code: 'TOO_MANY_TASKS', message: 'The tasks are too large for one call. Use fewer IDs.' };

/** A text of UTF-8 with this number of bytes. */
const textOf = (bytes: number) => '😀'.repeat(Math.floor(bytes / 4)) + 'x'.repeat(bytes % 4);
/** The description with which a task with the title `x` and no labels counts as 40,000 bytes: 50 such tasks are at the limit. */
const largeText = textOf(40_000 - 461);
const largerText = textOf(40_000 - 460);

/** 50 tasks that together have 2,000,000 bytes. */
const largest = (): NewTask[] =>
  Array.from({ length: 50 }, () => ({ id: randomUUID(), title: 'x', description: largeText }));
/** As `largest`, with one byte more. */
const tooMany = (): NewTask[] => largest().with(49, { id: randomUUID(), title: 'x', description: largerText });

const small = (description: string | null): NewTask[] =>
  Array.from({ length: 50 }, () => ({ title: 'x', description }));

const idsOf = (items: readonly { id?: string | undefined }[]) => items.map(({ id }) => id!);

interface Call {
  ids: string[];
  operationId?: string;
}

/** Calls that return several tasks. Each needs the tasks in the trash or not. */
const calls = {
  'task.updateMany': {
    isInTrash: false,
    run: async (call: Call) => (await updateTasks(scope, { ...call, set: { priority: 2 } })).items,
  },
  'task.reorder': {
    isInTrash: false,
    run: async ({ ids, operationId }: Call) =>
      (await reorderTasks(scope, { listId: null, ids: ids.toReversed(), operationId })).items.toReversed(),
  },
  'trash.restore': { isInTrash: true, run: (call: Call) => restoreTasks(scope, call) },
};

async function readState() {
  const tasks = await asTools(sql, 'select * from tasks where user_id = $1 order by id', [scope.userId]);
  const changes = await asTools(sql, 'select * from changes where user_id = $1 order by revision', [scope.userId]);
  return { tasks: tasks.rows, changes: changes.rows };
}

/** Runs a call, and counts the bytes of the rows that the database returns. */
async function measure(run: () => Promise<unknown>): Promise<number> {
  const internals = internalsOf(scope);
  const { runAll } = internals;
  let bytes = 0;
  internals.runAll = async (statements) => {
    const results = await runAll(statements);
    for (const text of results.flat(2)) bytes += Buffer.byteLength(text ?? '');
    return results;
  };
  try {
    await run();
  } finally {
    internals.runAll = runAll;
  }
  return bytes;
}

describe.each(Object.entries(calls))('the size of the tasks of %s', (name, { isInTrash, run }) => {
  async function create(items: NewTask[]): Promise<string[]> {
    const ids = idsOf((await createTasks(scope, items)).items);
    if (isInTrash) await deleteTasks(scope, { ids });
    return ids;
  }

  test(`${name} accepts tasks with 2,000,000 bytes`, async () => {
    const ids = await create(largest());
    const bytes = await measure(async () => expect(idsOf(await run({ ids }))).toEqual(ids));
    expect(bytes).toBeGreaterThan(50 * largeText.length);
  });

  test(`${name} refuses tasks with more than 2,000,000 bytes, changes none and does not remember the call`, async () => {
    const ids = await create(tooMany());
    const before = await readState();
    const operationId = randomUUID();
    await expect(run({ ids, operationId })).rejects.toMatchObject(tooLarge);
    await expect(run({ ids })).rejects.toMatchObject(tooLarge);
    expect(await readState()).toEqual(before);
    const fewer = ids.slice(1);
    expect(idsOf(await run({ ids: fewer, operationId }))).toEqual(fewer);
    expect((await readState()).changes).toHaveLength(before.changes.length + 1);
  });

  test(`${name} counts a control character as the 6 bytes that it takes in JSON`, async () => {
    const description = '\u0001'.repeat(10_000);
    const ids = await create(Array.from({ length: 34 }, () => ({ title: 'x', description })));
    await expect(run({ ids })).rejects.toMatchObject(tooLarge);
    expect(await run({ ids: ids.slice(1) })).toHaveLength(33);
  });

  test(`the database does not send the tasks that ${name} refuses`, async () => {
    const ids = await create(tooMany());
    const bytes = await measure(() => expect(run({ ids })).rejects.toMatchObject(tooLarge));
    expect(bytes).toBeLessThan(1000);
    const missing = () => expect(run({ ids: [...ids, randomUUID()] })).rejects.toMatchObject(tooLarge);
    expect(await measure(missing)).toBeLessThan(1000);
  });

  test(`${name} refuses a repeated call if the tasks have become too large, and changes none`, async () => {
    const ids = await create(largest());
    const call = { ids, operationId: randomUUID() };
    await run(call);
    await updateTasks(scope, { ids: [ids[0]!], set: { title: 'xy' } });
    const check = async () => {
      const before = await readState();
      const bytes = await measure(() => expect(run(call)).rejects.toMatchObject(tooLarge));
      expect(bytes).toBeLessThan(1000);
      expect(await readState()).toEqual(before);
    };
    await check();
    // A repeated call also returns tasks that are in the trash now.
    await deleteTasks(scope, { ids });
    await check();
  });

  test(`a ${name} of 2,000,000 bytes that changes nothing is remembered`, async () => {
    const ids = await create(largest());
    await run({ ids });
    const { changes } = await readState();
    await run({ ids, operationId: randomUUID() });
    expect((await readState()).changes).toHaveLength(changes.length + 1);
  });
});

describe('the new texts of task.updateMany', () => {
  test('a description of 5,000 bytes can be set for 50 tasks', async () => {
    const ids = idsOf((await createTasks(scope, small(null))).items);
    const set = { description: textOf(5_000) };
    expect((await updateTasks(scope, { ids, set })).items.map(({ description }) => description)).toEqual(
      ids.map(() => set.description),
    );
  });

  test.each([
    ['a new description of 5,001 bytes', { description: textOf(5_001) }, null],
    ['a new title', { title: 'xy' }, largeText],
    ['a new list of labels', { labels: ['a'] }, largeText],
    ['an added label', { addLabels: ['a'] }, largeText],
  ])('%s that makes 50 tasks too large is refused and changes none', async (_name, set, description) => {
    const ids = idsOf((await createTasks(scope, small(description))).items);
    const before = await readState();
    await expect(updateTasks(scope, { ids, set, operationId: randomUUID() })).rejects.toMatchObject(tooLarge);
    expect(await readState()).toEqual(before);
  });

  test('the removal of descriptions that are too large for one call is refused', async () => {
    const ids = idsOf((await createTasks(scope, tooMany())).items);
    const set = { description: null };
    await expect(updateTasks(scope, { ids, set })).rejects.toMatchObject(tooLarge);
    expect((await updateTasks(scope, { ids: ids.slice(1), set })).items).toHaveLength(49);
  });
});

test('task.createMany refuses to return tasks that have become too large, and creates none', async () => {
  const items = largest();
  await createTasks(scope, items);
  expect((await createTasks(scope, items)).items).toHaveLength(50);
  await updateTasks(scope, { ids: [items[0]!.id!], set: { title: 'xy' } });
  const before = await readState();
  for (const repeated of [items, [...items, { title: 'new' }]]) {
    const bytes = await measure(() => expect(createTasks(scope, repeated)).rejects.toMatchObject(tooLarge));
    expect(bytes).toBeLessThan(1000);
  }
  expect(await readState()).toEqual(before);
});

test('task.createMany with existing tasks that are too large creates no other task', async () => {
  const items = tooMany();
  await createTasks(scope, items);
  const before = await readState();
  await expect(createTasks(scope, [...items, { title: 'new' }])).rejects.toMatchObject(tooLarge);
  expect(await readState()).toEqual(before);
});

test('task.deleteMany deletes tasks of any size, and the database does not send them', async () => {
  const ids = idsOf((await createTasks(scope, tooMany())).items);
  const operationId = randomUUID();
  expect(await measure(() => deleteTasks(scope, { ids, operationId }))).toBeLessThan(10_000);
  expect(await measure(() => deleteTasks(scope, { ids, operationId }))).toBeLessThan(10_000);
  const { rows } = await asTools(
    sql,
    'select count(*)::int as n from tasks where user_id = $1 and deleted_at is null',
    [scope.userId],
  );
  expect(rows[0].n).toBe(0);
});
