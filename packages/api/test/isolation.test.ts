import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RouterInputs } from '../src/index.ts';
import { createUser, openFixture, type Task } from './fixture.ts';
import { openServer, procedures } from './http.ts';

const { db, as } = await openFixture();
const { call } = await openServer(db);
const owner = createUser({ email: 'owner@example.org', name: 'Owner' });
const other = createUser();

interface Case {
  /** Inputs that could reach the task with this ID. */
  inputs(id: string): unknown[];
  /** What another user gets: NOT_FOUND, or only their own data. */
  toOthers: 'not found' | 'own data';
}

/** One case per procedure. */
const cases: Record<string, Case> = {
  'task.create': {
    inputs: (id) => [{ id, title: 'mine now' }] satisfies RouterInputs['task']['create'][],
    toOthers: 'own data',
  },
  'task.list': {
    inputs: () => [undefined, { completed: false }, { order: 'oldest' }] satisfies RouterInputs['task']['list'][],
    toOthers: 'own data',
  },
  'task.get': {
    inputs: (id) => [{ id }, { id: id.toUpperCase() }] satisfies RouterInputs['task']['get'][],
    toOthers: 'not found',
  },
  'task.update': {
    inputs: (id) =>
      [
        { id },
        { id, title: 'mine now', description: null, completed: true },
        { id, title: 'mine now', ifVersion: 1 },
        { id, ifVersion: 7 },
      ] satisfies RouterInputs['task']['update'][],
    toOthers: 'not found',
  },
  'task.delete': {
    inputs: (id) => [{ id }, { id, ifVersion: 1 }, { id, ifVersion: 7 }] satisfies RouterInputs['task']['delete'][],
    toOthers: 'not found',
  },
  'trash.list': {
    inputs: () => [undefined, { limit: 200 }] satisfies RouterInputs['trash']['list'][],
    toOthers: 'own data',
  },
  'trash.restore': {
    inputs: (id) =>
      [
        { ids: [id] },
        { ids: [id, id.toUpperCase()], operationId: randomUUID() },
      ] satisfies RouterInputs['trash']['restore'][],
    toOthers: 'not found',
  },
  'trash.purge': {
    inputs: (id) => [{ ids: [id] }, { before: '2900-01-01T00:00:00.000Z' }] satisfies RouterInputs['trash']['purge'][],
    toOthers: 'own data',
  },
  'user.me': { inputs: () => [undefined], toOthers: 'own data' },
};

/** Creates a task with texts that a test can find in another user's response. */
function createSecret(): Promise<Task> {
  return as(owner).task.create({ title: 'secret title', description: 'secret description' });
}

async function stored(task: Task): Promise<string> {
  return JSON.stringify(await as(owner).task.get({ id: task.id }));
}

test('every procedure has an isolation case and every case has a procedure', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(procedures).sort());
});

describe.each(Object.entries(cases))('isolation of %s', (path, { inputs }) => {
  test(`${path} succeeds for the owner`, async () => {
    const id = path === 'task.create' ? randomUUID() : (await createSecret()).id;
    expect(await call(owner, path, inputs(id)[0])).toMatchObject({ status: 200 });
  });

  test(`${path} is UNAUTHORIZED without a caller and changes nothing`, async () => {
    const task = await createSecret();
    for (const input of [...inputs(task.id), ...inputs(randomUUID()), { nonsense: true }]) {
      const { status, error } = await call(null, path, input);
      expect({ status, code: error?.data.code }).toEqual({ status: 401, code: 'UNAUTHORIZED' });
      expect(error?.message).not.toContain(task.id);
    }
    expect(await stored(task)).toBe(JSON.stringify(task));
  });

  test(`${path} does not change a task of another user`, async () => {
    const task = await createSecret();
    for (const input of inputs(task.id)) await call(other, path, input);
    expect(await stored(task)).toBe(JSON.stringify(task));
  });
});

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** The error of a call with several tasks names their IDs. */
const withoutIds = (responses: unknown) => JSON.stringify(responses).replaceAll(uuid, 'id');

const pathsWhere = (toOthers: Case['toOthers']) =>
  Object.entries(cases).flatMap(([path, one]) => (one.toOthers === toOthers ? [[path, one.inputs] as const] : []));

test.each(pathsWhere('not found'))(
  '%s responds to a task of another user exactly as to a task that does not exist',
  async (path, inputs) => {
    const task = await createSecret();
    const foreign = await Promise.all(inputs(task.id).map((input) => call(other, path, input)));
    const absent = await Promise.all(inputs(randomUUID()).map((input) => call(other, path, input)));
    expect(withoutIds(foreign)).toEqual(withoutIds(absent));
    for (const response of foreign) {
      expect(response).toMatchObject({ status: 404, error: { message: 'Task not found.' } });
    }
  },
);

test.each(pathsWhere('own data'))('%s shows another user nothing of the owner’s data', async (path, inputs) => {
  const task = await createSecret();
  for (const input of inputs(task.id)) {
    const response = await call(other, path, input);
    expect(response.status).toBe(200);
    expect(response.text).not.toMatch(/secret|owner/i);
    expect(response.text).not.toContain(owner.userId);
  }
});

test('two users can have different tasks with the same id', async () => {
  const task = await createSecret();
  const theirs = await as(other).task.create({ id: task.id, title: 'theirs', completed: true });
  await as(other).task.update({ id: task.id, title: 'still theirs' });
  expect(theirs).toMatchObject({ id: task.id, title: 'theirs', version: 1 });
  expect(await stored(task)).toBe(JSON.stringify(task));
  await as(other).task.delete({ id: task.id });
  expect(await stored(task)).toBe(JSON.stringify(task));
});

test('another user can neither see, restore nor purge the owner’s tasks in the trash', async () => {
  const { id } = await createSecret();
  await as(owner).task.delete({ id });
  const before = (await as(owner).trash.list({ limit: 200 })).items.find((item) => item.id === id);
  const { trash } = as(other);
  expect((await trash.list({ limit: 200 })).items.map((item) => item.id)).not.toContain(id);
  const restored = await call(other, 'trash.restore', { ids: [id] });
  expect(restored.error).toMatchObject({ data: { code: 'NOT_FOUND', ids: [id] } });
  expect(await trash.purge({ ids: [id] })).toEqual({ count: 0 });
  await trash.purge({ before: '2900-01-01T00:00:00.000Z' });
  const after = (await as(owner).trash.list({ limit: 200 })).items.find((item) => item.id === id);
  expect(after).toEqual(before);
  expect(before).toMatchObject({ title: 'secret title' });
});

test('the list of another user contains no task of the owner', async () => {
  await createSecret();
  expect(await as(createUser()).task.list()).toEqual({ items: [], nextCursor: null });
});

test('a cursor of the owner is refused for another user', async () => {
  await Promise.all([createSecret(), createSecret()]);
  const { nextCursor } = await as(owner).task.list({ limit: 1 });
  await expect(as(other).task.list({ limit: 1, cursor: nextCursor! })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
