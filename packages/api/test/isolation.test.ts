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
  /** Every way of reaching for a task through this procedure. */
  inputs(id: string): unknown[];
  /** What the procedure is to somebody else: the task is not there, or they get what is their own. */
  toOthers: 'not there' | 'their own';
}

/** One for each procedure; whoever adds a procedure says here what it is to somebody else. */
const cases: Record<string, Case> = {
  'task.create': {
    inputs: (id) => [{ id, title: 'mine now' }] satisfies RouterInputs['task']['create'][],
    toOthers: 'their own',
  },
  'task.list': {
    inputs: () => [undefined, { completed: false }, { order: 'oldest' }] satisfies RouterInputs['task']['list'][],
    toOthers: 'their own',
  },
  'task.get': {
    inputs: (id) => [{ id }, { id: id.toUpperCase() }] satisfies RouterInputs['task']['get'][],
    toOthers: 'not there',
  },
  'task.update': {
    inputs: (id) =>
      [
        { id },
        { id, title: 'mine now', description: null, completed: true },
        { id, title: 'mine now', ifVersion: 1 },
        { id, ifVersion: 7 },
      ] satisfies RouterInputs['task']['update'][],
    toOthers: 'not there',
  },
  'task.delete': {
    inputs: (id) => [{ id }, { id, ifVersion: 1 }, { id, ifVersion: 7 }] satisfies RouterInputs['task']['delete'][],
    toOthers: 'not there',
  },
  'user.me': { inputs: () => [undefined], toOthers: 'their own' },
};

/** A task whose every text would be recognised in somebody else's answer. */
function createSecret(): Promise<Task> {
  return as(owner).task.create({ title: 'secret title', description: 'secret description' });
}

async function stored(task: Task): Promise<string> {
  return JSON.stringify(await as(owner).task.get({ id: task.id }));
}

test('every procedure has a case here and every case a procedure', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(procedures).sort());
});

describe.each(Object.entries(cases))('%s', (path, { inputs }) => {
  test('answers the owner', async () => {
    const id = path === 'task.create' ? randomUUID() : (await createSecret()).id;
    expect(await call(owner, path, inputs(id)[0])).toMatchObject({ status: 200 });
  });

  test('is closed to whoever is not signed in', async () => {
    const task = await createSecret();
    for (const input of [...inputs(task.id), ...inputs(randomUUID()), { nonsense: true }]) {
      const { status, error } = await call(null, path, input);
      expect({ status, code: error?.data.code }).toEqual({ status: 401, code: 'UNAUTHORIZED' });
      expect(error?.message).not.toContain(task.id);
    }
    expect(await stored(task)).toBe(JSON.stringify(task));
  });

  test('leaves a task of somebody else byte for byte as it was', async () => {
    const task = await createSecret();
    for (const input of inputs(task.id)) await call(other, path, input);
    expect(await stored(task)).toBe(JSON.stringify(task));
  });
});

const pathsWhere = (toOthers: Case['toOthers']) =>
  Object.entries(cases).flatMap(([path, one]) => (one.toOthers === toOthers ? [[path, one.inputs] as const] : []));

test.each(pathsWhere('not there'))(
  '%s answers for a task of somebody else as for one that never was',
  async (path, inputs) => {
    const task = await createSecret();
    const foreign = await Promise.all(inputs(task.id).map((input) => call(other, path, input)));
    const absent = await Promise.all(inputs(randomUUID()).map((input) => call(other, path, input)));
    expect(foreign).toEqual(absent);
    for (const answer of foreign) {
      expect(answer).toMatchObject({ status: 404, error: { message: 'There is no such task.' } });
    }
  },
);

test.each(pathsWhere('their own'))('%s shows somebody else nothing that is the owner’s', async (path, inputs) => {
  const task = await createSecret();
  for (const input of inputs(task.id)) {
    const answer = await call(other, path, input);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/secret|owner/i);
    expect(answer.text).not.toContain(owner.userId);
  }
});

test('two users hold different tasks under the same id', async () => {
  const task = await createSecret();
  const theirs = await as(other).task.create({ id: task.id, title: 'theirs', completed: true });
  await as(other).task.update({ id: task.id, title: 'still theirs' });
  expect(theirs).toMatchObject({ id: task.id, title: 'theirs', version: 1 });
  expect(await stored(task)).toBe(JSON.stringify(task));
  await as(other).task.delete({ id: task.id });
  expect(await stored(task)).toBe(JSON.stringify(task));
});

test('the list of somebody else is empty of the owner’s tasks', async () => {
  await createSecret();
  expect(await as(createUser()).task.list()).toEqual({ items: [], nextCursor: null });
});

test('a cursor of the owner is refused to somebody else', async () => {
  await Promise.all([createSecret(), createSecret()]);
  const { nextCursor } = await as(owner).task.list({ limit: 1 });
  await expect(as(other).task.list({ limit: 1, cursor: nextCursor! })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
