import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { openWorlds, type World } from './world.ts';

const { createWorld, readState } = await openWorlds();

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
