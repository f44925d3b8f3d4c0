import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createTasks, deleteTasks, type NewTask, reorderTasks, updateTask, updateTasks } from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture({ poolMax: 8 });
let userId: string;
let ids: string[];

beforeEach(async () => {
  userId = randomUUID();
  const titles: NewTask[] = ['a', 'b', 'c'].map((title) => ({ title }));
  ids = (await createTasks(db.asUser(userId), titles)).items.map(({ id }) => id);
});

interface Call {
  ids: string[];
  operationId: string;
}

/** The many-operations with an operation ID, each with another input. */
const calls = {
  updateMany: {
    run: (call: Call) => updateTasks(db.asUser(userId), { ...call, set: { priority: 2, addLabels: ['x'] } }),
    other: (call: Call) => updateTasks(db.asUser(userId), { ...call, set: { priority: 3 } }),
  },
  deleteMany: {
    run: (call: Call) => deleteTasks(db.asUser(userId), call),
    other: (call: Call) => deleteTasks(db.asUser(userId), { ...call, ids: ids.slice(0, 2) }),
  },
  reorder: {
    run: (call: Call) => reorderTasks(db.asUser(userId), { ...call, listId: null }),
    other: (call: Call) => reorderTasks(db.asUser(userId), { ...call, listId: null, ids: call.ids.toReversed() }),
  },
};

async function readState() {
  const tasks = await asTools(sql, 'select * from tasks where user_id = $1 order by id', [userId]);
  const changes = await asTools(sql, 'select * from changes where user_id = $1 order by revision', [userId]);
  return { tasks: tasks.rows, changes: changes.rows };
}

describe.each(Object.entries(calls))('operationId of task.%s', (name, { run, other }) => {
  test(`task.${name} with the same operationId is applied once and returns the current tasks`, async () => {
    const call = { ids: ids.toReversed(), operationId: randomUUID() };
    await run(call);
    if (name !== 'deleteMany') await updateTask(db.asUser(userId), { id: ids[0]!, title: 'edited', priority: 1 });
    const before = await readState();
    const again = await run(call);
    expect(await readState()).toEqual(before);
    if ('items' in again) {
      expect(again.items.map(({ id }) => id)).toEqual(call.ids);
      expect(again.items[2]).toMatchObject({ title: 'edited', priority: 1 });
    } else expect(again).toEqual({ ids: call.ids });
  });

  test(`task.${name} with the operationId of another input is a conflict and changes nothing`, async () => {
    const call = { ids, operationId: randomUUID() };
    await run(call);
    const before = await readState();
    await expect(other(call)).rejects.toMatchObject({ code: 'OPERATION_CONFLICT' });
    await expect(run({ ...call, ids: ids.slice(1) })).rejects.toMatchObject({ code: 'OPERATION_CONFLICT' });
    expect(await readState()).toEqual(before);
  });

  test(`a refused task.${name} is not remembered, so that the same operationId can be used again`, async () => {
    const operationId = randomUUID();
    const refused = run({ ids: [...ids, randomUUID()], operationId });
    await expect(refused).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    expect((await readState()).changes).toHaveLength(1);
    await run({ ids: ids.toReversed(), operationId });
    expect((await readState()).changes).toHaveLength(2);
  });

  test(`eight simultaneous task.${name} calls with the same operationId are applied once`, async () => {
    const call = { ids: ids.toReversed(), operationId: randomUUID() };
    const all = await Promise.all(Array.from({ length: 8 }, () => run(call)));
    for (const one of all) expect(one).toEqual(all[0]);
    const { tasks, changes } = await readState();
    expect(changes).toHaveLength(2);
    expect(tasks.reduce((sum, { version }) => sum + (version as number), 0)).toBeLessThanOrEqual(6);
  });

  test(`the operationId of task.${name} belongs to its user`, async () => {
    const call = { ids: ids.toReversed(), operationId: randomUUID() };
    await run(call);
    userId = randomUUID();
    ids = (await createTasks(db.asUser(userId), [{ title: 'theirs' }])).items.map(({ id }) => id);
    await run({ ids, operationId: call.operationId });
    expect((await readState()).changes).toHaveLength(2);
  });
});

test.each([
  ['updateMany', () => updateTasks(db.asUser(userId), { ids, set: { priority: 0 }, operationId: ids[0]! })],
  ['reorder', () => reorderTasks(db.asUser(userId), { listId: null, ids, operationId: ids[0]! })],
])('an accepted task.%s that changes nothing is remembered', async (_name, run) => {
  await reorderTasks(db.asUser(userId), { listId: null, ids });
  const { tasks } = await readState();
  await run();
  await run();
  const after = await readState();
  expect(after.tasks).toEqual(tasks);
  expect(after.changes.at(-1)).toMatchObject({ operation_id: ids[0], task_ids: [] });
  expect(after.changes).toHaveLength(3);
});

test('a task.updateMany that was replayed after its tasks moved to the trash returns them with deletedAt', async () => {
  const call = { ids, set: { priority: 1 } as const, operationId: randomUUID() };
  await updateTasks(db.asUser(userId), call);
  await deleteTasks(db.asUser(userId), { ids: [ids[1]!] });
  const { items } = await updateTasks(db.asUser(userId), call);
  expect(items.map(({ deletedAt }) => deletedAt !== null)).toEqual([false, true, false]);
});
