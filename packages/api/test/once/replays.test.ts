import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { openWorlds, type World } from './world.ts';

const { createWorld, readState } = await openWorlds();

let world: World;

beforeEach(async () => {
  world = await createWorld();
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
