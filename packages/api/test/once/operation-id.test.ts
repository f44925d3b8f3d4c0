import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createUser, openFixture, type Procedures } from '../fixture.ts';

const { as, db } = await openFixture();

/** A user with three tasks in the list `home`, one of them in the trash, and an empty list in the trash. */
interface World {
  api: Procedures;
  userId: string;
  home: string;
  old: string;
  ids: string[];
  deleted: string;
}

async function createWorld(ids?: Pick<World, 'home' | 'old' | 'ids' | 'deleted'>): Promise<World> {
  const caller = createUser();
  const api = as(caller);
  const [home, old, deleted] = [ids?.home ?? randomUUID(), ids?.old ?? randomUUID(), ids?.deleted ?? randomUUID()];
  const taskIds = ids?.ids ?? [randomUUID(), randomUUID()];
  await api.list.create({ id: home, name: 'Home' });
  await api.list.create({ id: old, name: 'Old' });
  await api.list.delete({ id: old });
  for (const id of [...taskIds, deleted]) await api.task.create({ id, title: 'task', listId: home, labels: ['a'] });
  await api.task.delete({ id: deleted });
  return { api, userId: caller.userId, home, old, ids: taskIds, deleted };
}

interface Operation {
  run(world: World, operationId: string): Promise<unknown>;
  /** The same procedure with another input. */
  other(world: World, operationId: string): Promise<unknown>;
  /** Changes that undo the effect of the call, or change the same rows again. */
  change(world: World): Promise<unknown>;
}

/** Every mutation that takes an operationId. */
const operations: Record<string, Operation> = {
  'task.update': {
    run: ({ api, ids }, operationId) => api.task.update({ id: ids[0]!, title: 'once', operationId }),
    other: ({ api, ids }, operationId) => api.task.update({ id: ids[0]!, title: 'twice', operationId }),
    change: ({ api, ids }) => api.task.update({ id: ids[0]!, title: 'later', priority: 3 }),
  },
  'task.delete': {
    run: ({ api, ids }, operationId) => api.task.delete({ id: ids[0]!, operationId }),
    other: ({ api, ids }, operationId) => api.task.delete({ id: ids[1]!, operationId }),
    change: ({ api, ids }) => api.trash.restore({ ids: [ids[0]!] }),
  },
  'task.updateMany': {
    run: ({ api, ids }, operationId) => api.task.updateMany({ ids, set: { priority: 1 }, operationId }),
    other: ({ api, ids }, operationId) => api.task.updateMany({ ids, set: { priority: 2 }, operationId }),
    change: ({ api, ids }) => api.task.updateMany({ ids, set: { priority: 3 } }),
  },
  'task.deleteMany': {
    run: ({ api, ids }, operationId) => api.task.deleteMany({ ids, operationId }),
    other: ({ api, ids }, operationId) => api.task.deleteMany({ ids: [ids[0]!], operationId }),
    change: ({ api, ids }) => api.trash.restore({ ids }),
  },
  'task.reorder': {
    run: ({ api, ids, home }, operationId) => api.task.reorder({ listId: home, ids: ids.toReversed(), operationId }),
    other: ({ api, ids, home }, operationId) => api.task.reorder({ listId: home, ids, operationId }),
    change: ({ api, ids, home }) => api.task.reorder({ listId: home, ids }),
  },
  'trash.restore': {
    run: ({ api, deleted }, operationId) => api.trash.restore({ ids: [deleted], operationId }),
    other: ({ api, ids }, operationId) => api.trash.restore({ ids, operationId }),
    change: ({ api, deleted }) => api.task.delete({ id: deleted }),
  },
  'list.update': {
    run: ({ api, home }, operationId) => api.list.update({ id: home, name: 'once', operationId }),
    other: ({ api, home }, operationId) => api.list.update({ id: home, name: 'twice', operationId }),
    change: ({ api, home }) => api.list.update({ id: home, name: 'later' }),
  },
  'list.delete': {
    run: ({ api, home }, operationId) => api.list.delete({ id: home, operationId }),
    other: ({ api, home }, operationId) => api.list.delete({ id: home, moveTo: null, operationId }),
    change: ({ api, home }) => api.list.restore({ id: home }),
  },
  'list.restore': {
    run: ({ api, old }, operationId) => api.list.restore({ id: old, operationId }),
    other: ({ api, home }, operationId) => api.list.restore({ id: home, operationId }),
    change: ({ api, old }) => api.list.delete({ id: old }),
  },
  'label.rename': {
    run: ({ api }, operationId) => api.label.rename({ from: 'a', to: 'b', operationId }),
    other: ({ api }, operationId) => api.label.rename({ from: 'a', to: 'c', operationId }),
    change: ({ api }) => api.label.rename({ from: 'b', to: 'a' }),
  },
};

/** Everything that the database has of a user. */
async function readState({ userId }: World) {
  return db.acrossAllUsers(async (em) => {
    const read = (table: string, order: string) =>
      em.execute<Record<string, unknown>[]>(`select * from ${table} where user_id = ? order by ${order}`, [userId]);
    return {
      tasks: await read('tasks', 'id'),
      lists: await read('lists', 'id'),
      changes: await read('changes', 'revision'),
    };
  });
}

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

describe.each(Object.entries(operations))('operationId of %s', (name, { run, other, change }) => {
  test(`a repeated ${name} with the same operationId changes nothing, also after later changes`, async () => {
    const operationId = randomUUID();
    const first = await run(world, operationId);
    const applied = await readState(world);
    expect(applied.changes.at(-1)).toMatchObject({ operation_id: operationId });
    expect(await run(world, operationId)).toEqual(first);
    expect(await readState(world)).toEqual(applied);
    await change(world);
    const changed = await readState(world);
    expect(changed).not.toEqual(applied);
    // After the change, the row can be in the trash, and only a task can be returned from there.
    await run(world, operationId).catch((error: unknown) => expect(error).toMatchObject({ code: 'NOT_FOUND' }));
    expect(await readState(world)).toEqual(changed);
  });

  test(`a ${name} with the operationId of another input or procedure is a conflict and changes nothing`, async () => {
    const operationId = randomUUID();
    await run(world, operationId);
    const before = await readState(world);
    const conflict = { code: 'CONFLICT', cause: { code: 'OPERATION_CONFLICT' } };
    await expect(other(world, operationId)).rejects.toMatchObject(conflict);
    const [foreign] = Object.entries(operations).find(([path]) => path !== name && !path.startsWith('list'))!;
    await expect(operations[foreign]!.other(world, operationId)).rejects.toMatchObject({
      code: expect.stringMatching(/CONFLICT|NOT_FOUND/),
    });
    expect(await readState(world)).toEqual(before);
  });

  test(`eight simultaneous ${name} calls with one operationId are applied once and return the same`, async () => {
    const operationId = randomUUID();
    const before = await readState(world);
    const results = await Promise.all(Array.from({ length: 8 }, () => run(world, operationId)));
    expect(results).toEqual(results.map(() => results[0]));
    const after = await readState(world);
    expect(after.changes).toHaveLength(before.changes.length + 1);
    const grown = after.tasks.map((task, at) => Number(task['version']) - Number(before.tasks[at]!['version']));
    expect(Math.max(...grown)).toBeLessThanOrEqual(1);
  });

  test(`the operationId of a ${name} of one user means nothing for another user`, async () => {
    const operationId = randomUUID();
    await run(world, operationId);
    const first = await readState(world);
    const theirs = await createWorld(world);
    const before = await readState(theirs);
    await run(theirs, operationId);
    expect((await readState(theirs)).changes).toHaveLength(before.changes.length + 1);
    expect(await readState(world)).toEqual(first);
  });
});

test('a refused call is not remembered, and the same call succeeds later', async () => {
  const { api, ids, home, old, deleted } = world;
  const [id, gone] = [ids[0]!, { ids: [deleted] }];
  const calls: [refused: (operationId: string) => Promise<unknown>, prepare: () => Promise<unknown>][] = [
    [(operationId) => api.task.update({ id: deleted, title: 'x', operationId }), () => api.trash.restore(gone)],
    [
      (operationId) => api.task.update({ id, priority: 2, ifVersion: 2, operationId }),
      () => api.task.update({ id, priority: 1 }),
    ],
    [(operationId) => api.task.delete({ id, ifVersion: 4, operationId }), () => api.task.update({ id, priority: 3 })],
    [
      (operationId) => api.task.updateMany({ ids: [id], set: { priority: 1 }, operationId }),
      () => api.trash.restore({ ids: [id] }),
    ],
    [
      (operationId) => api.list.update({ id: home, name: 'x', ifVersion: 2, operationId }),
      () => api.list.update({ id: home, name: 'y' }),
    ],
    [(operationId) => api.list.delete({ id: home, moveTo: old, operationId }), () => api.list.restore({ id: old })],
  ];
  for (const [call, prepare] of calls) {
    const operationId = randomUUID();
    const before = await readState(world);
    await expect(call(operationId)).rejects.toMatchObject({ code: expect.stringMatching(/CONFLICT|NOT_FOUND/) });
    expect(await readState(world)).toEqual(before);
    await prepare();
    await call(operationId);
    expect((await readState(world)).changes.at(-1)).toMatchObject({ operation_id: operationId });
  }
});

test('a repeated task.update returns the task as it is: edited, in the trash and after its purge', async () => {
  const { api, ids } = world;
  const call = { id: ids[0]!, title: 'once', ifVersion: 1, operationId: randomUUID() };
  await api.task.update(call);
  await api.task.update({ id: call.id, title: 'later' });
  expect(await api.task.update(call)).toMatchObject({ title: 'later', version: 3, deletedAt: null });
  await api.task.delete({ id: call.id });
  expect(await api.task.update(call)).toMatchObject({ version: 4, deletedAt: expect.any(String) });
  await expect(api.task.update({ ...call, operationId: randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await api.trash.purge({ ids: [call.id] });
  await expect(api.task.update(call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a repeated task.delete succeeds in the trash and after a restore, and is NOT_FOUND after the purge', async () => {
  const { api, ids } = world;
  const call = { id: ids[0]!, operationId: randomUUID() };
  await api.task.delete(call);
  expect(await api.task.delete(call)).toEqual({ id: call.id });
  await api.trash.restore({ ids: [call.id] });
  expect(await api.task.delete(call)).toEqual({ id: call.id });
  expect(await api.task.get({ id: call.id })).toMatchObject({ version: 3 });
  await api.task.delete({ id: call.id });
  await api.trash.purge({ ids: [call.id] });
  await expect(api.task.delete(call)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('an accepted call without an effect is remembered, so that a repetition does not undo a later change', async () => {
  const { api, ids, home } = world;
  const id = ids[0]!;
  const calls: [call: (operationId: string) => Promise<unknown>, change: () => Promise<unknown>][] = [
    [
      (operationId) => api.task.update({ id, title: 'task', operationId }),
      () => api.task.update({ id, title: 'later' }),
    ],
    [
      (operationId) => api.task.updateMany({ ids, set: { priority: 0 }, operationId }),
      () => api.task.updateMany({ ids, set: { priority: 1 } }),
    ],
    [(operationId) => api.trash.restore({ ids, operationId }), () => api.task.deleteMany({ ids })],
    [
      (operationId) => api.list.update({ id: home, name: 'Home', operationId }),
      () => api.list.update({ id: home, name: 'later' }),
    ],
    [
      (operationId) => api.label.rename({ from: 'none', to: 'b', operationId }),
      () => api.task.create({ title: 'new', labels: ['none'] }),
    ],
    [(operationId) => api.list.restore({ id: home, operationId }), () => api.list.delete({ id: home })],
  ];
  for (const [call, change] of calls) {
    const operationId = randomUUID();
    const before = await readState(world);
    await call(operationId);
    const after = await readState(world);
    expect({ ...after, changes: after.changes.slice(0, -1) }).toEqual(before);
    expect(after.changes.at(-1)).toMatchObject({ operation_id: operationId, task_ids: [], list_ids: [] });
    await change();
    const changed = await readState(world);
    await call(operationId).catch((error: unknown) => expect(error).toMatchObject({ code: 'NOT_FOUND' }));
    expect(await readState(world)).toEqual(changed);
  }
});

test('the ID of a created record and an operationId are one key: using it for the other is refused', async () => {
  const { api, ids, home } = world;
  const [created, used] = [randomUUID(), randomUUID()];
  await api.task.create({ id: created, title: 'task' });
  await api.task.update({ id: ids[0]!, title: 'used', operationId: used });
  const before = await readState(world);
  const conflict = { code: 'CONFLICT' };
  for (const operationId of [created, home]) {
    await expect(api.task.update({ id: ids[0]!, title: 'x', operationId })).rejects.toMatchObject(conflict);
    await expect(api.list.update({ id: home, name: 'x', operationId })).rejects.toMatchObject(conflict);
    await expect(api.task.deleteMany({ ids, operationId })).rejects.toMatchObject(conflict);
    await expect(api.label.rename({ from: 'a', to: 'x', operationId })).rejects.toMatchObject(conflict);
  }
  await expect(api.task.create({ id: used, title: 'x' })).rejects.toMatchObject(conflict);
  await expect(api.list.create({ id: used, name: 'x' })).rejects.toMatchObject(conflict);
  await expect(api.list.create({ id: created, name: 'x' })).rejects.toMatchObject(conflict);
  await expect(api.task.create({ id: home, title: 'x' })).rejects.toMatchObject(conflict);
  await expect(api.task.createMany({ items: [{ id: used, title: 'x' }] })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  expect(await readState(world)).toEqual(before);
});
