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

const orders = ['newest', 'oldest', 'position', 'due', 'completed', 'updated', 'priority', 'title'] as const;
const filters = [
  {},
  { completed: false },
  { listId: null },
  { label: 'secret' },
  { priority: 3 },
  { due: { from: '2026-01-01' } },
  { due: { none: true } },
  { search: 'secret' },
  { updatedAfter: '2026-01-01T00:00:00Z' },
  { completedAfter: '2026-01-01T00:00:00Z' },
] as const;

/** One case per procedure. */
const cases: Record<string, Case> = {
  'task.create': {
    inputs: (id) => [{ id, title: 'mine now' }] satisfies RouterInputs['task']['create'][],
    toOthers: 'own data',
  },
  'task.list': {
    inputs: () =>
      [
        undefined,
        ...filters,
        ...orders.flatMap((order) => filters.map((filter) => ({ ...filter, order }))),
      ] satisfies RouterInputs['task']['list'][],
    toOthers: 'own data',
  },
  'task.count': {
    inputs: () => [undefined, ...filters] satisfies RouterInputs['task']['count'][],
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

const pathsWhere = (toOthers: Case['toOthers']) =>
  Object.entries(cases).flatMap(([path, one]) => (one.toOthers === toOthers ? [[path, one.inputs] as const] : []));

test.each(pathsWhere('not found'))(
  '%s responds to a task of another user exactly as to a task that does not exist',
  async (path, inputs) => {
    const task = await createSecret();
    const foreign = await Promise.all(inputs(task.id).map((input) => call(other, path, input)));
    const absent = await Promise.all(inputs(randomUUID()).map((input) => call(other, path, input)));
    expect(foreign).toEqual(absent);
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

test('the count of another user contains no task of the owner', async () => {
  await createSecret();
  expect(await as(createUser()).task.count()).toEqual({ count: 0 });
  expect((await as(owner).task.count()).count).toBeGreaterThan(0);
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
