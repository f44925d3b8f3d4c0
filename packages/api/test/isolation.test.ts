import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RouterInputs } from '../src/index.ts';
import { createUser, openFixture, password, type Task } from './fixture.ts';
import { openServer, procedures } from './http.ts';

const { db, store, as } = await openFixture();
const { call } = await openServer(db, store);
const owner = createUser({ email: 'owner@example.org', name: 'Owner' });
const other = createUser();

interface Case {
  /** Inputs that could reach the task with this ID, or its list. */
  inputs(id: string, listId: string): unknown[];
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
  'list.create': {
    inputs: (_, id) => [{ id, name: 'mine now' }] satisfies RouterInputs['list']['create'][],
    toOthers: 'own data',
  },
  'list.list': { inputs: () => [undefined, {}] satisfies RouterInputs['list']['list'][], toOthers: 'own data' },
  'list.update': {
    inputs: (_, id) =>
      [
        { id },
        { id, name: 'mine now', color: null, archived: true },
        { id, ifVersion: 7 },
      ] satisfies RouterInputs['list']['update'][],
    toOthers: 'not found',
  },
  'list.delete': {
    inputs: (_, id) => [{ id }, { id, moveTo: null }, { id, ifVersion: 7 }] satisfies RouterInputs['list']['delete'][],
    toOthers: 'not found',
  },
  'list.restore': {
    inputs: (_, id) => [{ id }] satisfies RouterInputs['list']['restore'][],
    toOthers: 'not found',
  },
  'label.list': { inputs: () => [undefined, {}] satisfies RouterInputs['label']['list'][], toOthers: 'own data' },
  'label.rename': {
    inputs: () => [{ from: 'secret label', to: 'mine now' }] satisfies RouterInputs['label']['rename'][],
    toOthers: 'own data',
  },
  'task.createMany': {
    inputs: (id) => [{ items: [{ id, title: 'mine now' }] }] satisfies RouterInputs['task']['createMany'][],
    toOthers: 'own data',
  },
  'task.updateMany': {
    inputs: (id) =>
      [
        { ids: [id], set: {} },
        { ids: [id.toUpperCase()], set: { title: 'mine now', completed: true, addLabels: ['mine'] } },
        { ids: [id], set: { removeLabels: ['secret'] }, operationId: randomUUID() },
      ] satisfies RouterInputs['task']['updateMany'][],
    toOthers: 'not found',
  },
  'task.deleteMany': {
    inputs: (id) =>
      [{ ids: [id] }, { ids: [id], operationId: randomUUID() }] satisfies RouterInputs['task']['deleteMany'][],
    toOthers: 'not found',
  },
  'task.reorder': {
    inputs: (id, listId) =>
      [
        { listId, ids: [id] },
        { listId, ids: [id], operationId: randomUUID() },
        { listId: null, ids: [id] },
        { listId: null, ids: [id], operationId: randomUUID() },
      ] satisfies RouterInputs['task']['reorder'][],
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
  'changes.list': {
    inputs: () => [undefined, { limit: 1000 }] satisfies RouterInputs['changes']['list'][],
    toOthers: 'own data',
  },
  'calendar.get': { inputs: () => [undefined, {}] satisfies RouterInputs['calendar']['get'][], toOthers: 'own data' },
  'calendar.create': { inputs: () => [{}] satisfies RouterInputs['calendar']['create'][], toOthers: 'own data' },
  'calendar.revoke': { inputs: () => [{}] satisfies RouterInputs['calendar']['revoke'][], toOthers: 'own data' },
  'user.me': { inputs: () => [undefined], toOthers: 'own data' },
  'user.update': {
    inputs: () => [{ timeZone: 'Asia/Tokyo' }, { name: 'Mine' }] satisfies RouterInputs['user']['update'][],
    toOthers: 'own data',
  },
  'user.export': {
    inputs: () => [undefined, {}, { cursor: null }] satisfies RouterInputs['user']['export'][],
    toOthers: 'own data',
  },
  'user.import': {
    inputs: (id, listId) =>
      [
        { lists: [{ id: listId, name: 'mine now' }], tasks: [{ id, title: 'mine now', listId }] },
        { tasks: [{ id: id.toUpperCase(), title: 'still mine', deletedAt: '2900-01-01T00:00:00.000Z' }] },
      ] satisfies RouterInputs['user']['import'][],
    toOthers: 'own data',
  },
  'user.delete': {
    inputs: () => [{ password }] satisfies RouterInputs['user']['delete'][],
    toOthers: 'own data',
  },
};

/** A user who may be deleted by the procedure. */
const ownerOf = (path: string) => (path === 'user.delete' ? createUser() : owner);
const otherOf = (path: string) => (path === 'user.delete' ? createUser() : other);

/** Creates a task in a list, with texts that a test can find in another user's response. */
async function createSecret(): Promise<Task & { listId: string }> {
  const { task, list } = as(owner);
  const { id: listId } = await list.create({ name: 'secret list' });
  const content = { title: 'secret title', description: 'secret description', labels: ['secret label'] };
  return { ...(await task.create({ ...content, listId })), listId };
}

/** The task, its list and the user. */
async function stored(secret: Task): Promise<string> {
  const { task, list, user, calendar } = as(owner);
  const lists = (await list.list()).items.filter(({ id }) => id === secret.listId);
  return JSON.stringify([await task.get({ id: secret.id }), lists, await user.me(), await calendar.get()]);
}

test('every procedure has an isolation case and every case has a procedure', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(procedures).sort());
});

describe.each(Object.entries(cases))('isolation of %s', (path, { inputs }) => {
  test(`${path} succeeds for the owner`, async () => {
    const { id, listId } = /\.create(?:Many)?$/.test(path)
      ? { id: randomUUID(), listId: randomUUID() }
      : await createSecret();
    expect(await call(ownerOf(path), path, inputs(id, listId)[0])).toMatchObject({ status: 200 });
  });

  test(`${path} is UNAUTHORIZED without a caller and changes nothing`, async () => {
    const task = await createSecret();
    const before = await stored(task);
    for (const input of [...inputs(task.id, task.listId), ...inputs(randomUUID(), randomUUID()), { nonsense: true }]) {
      const { status, error } = await call(null, path, input);
      expect({ status, code: error?.data.code }).toEqual({ status: 401, code: 'UNAUTHORIZED' });
      expect(error?.message).not.toContain(task.id);
    }
    expect(await stored(task)).toBe(before);
  });

  test(`${path} does not change a task or list of another user`, async () => {
    const task = await createSecret();
    const before = await stored(task);
    for (const input of inputs(task.id, task.listId)) await call(otherOf(path), path, input);
    expect(await stored(task)).toBe(before);
  });
});

const pathsWhere = (toOthers: Case['toOthers']) =>
  Object.entries(cases).flatMap(([path, one]) => (one.toOthers === toOthers ? [[path, one.inputs] as const] : []));

test.each(pathsWhere('not found'))(
  '%s responds to data of another user exactly as to data that does not exist',
  async (path, inputs) => {
    const task = await createSecret();
    const respond = async (id: string, listId: string) => {
      const responses = await Promise.all(inputs(id, listId).map((input) => call(other, path, input)));
      // Calls with several tasks name the missing ones.
      return JSON.parse(JSON.stringify(responses).replaceAll(id, 'id')) as typeof responses;
    };
    const foreign = await respond(task.id, task.listId);
    expect(foreign).toEqual(await respond(randomUUID(), randomUUID()));
    const messages = inputs(task.id, task.listId).map((input) => {
      if (path.startsWith('list.')) return 'List not found.';
      const { listId = null } = input as { listId?: string | null };
      return listId === null ? 'Task not found.' : 'listId: List not found.';
    });
    expect(foreign).toMatchObject(messages.map((message) => ({ status: 404, error: { message } })));
  },
);

test.each(pathsWhere('own data'))('%s shows another user nothing of the owner’s data', async (path, inputs) => {
  const task = await createSecret();
  for (const input of inputs(task.id, task.listId)) {
    const response = await call(otherOf(path), path, input);
    expect(response.status).toBe(200);
    expect(response.text).not.toMatch(/secret|owner/i);
    expect(response.text).not.toContain(owner.userId);
  }
});

test('two users can have different tasks with the same id', async () => {
  const task = await createSecret();
  const before = await stored(task);
  const theirs = await as(other).task.create({ id: task.id, title: 'theirs', completed: true });
  await as(other).task.update({ id: task.id, title: 'still theirs' });
  expect(theirs).toMatchObject({ id: task.id, title: 'theirs', version: 1 });
  expect(await stored(task)).toBe(before);
  await as(other).task.delete({ id: task.id });
  expect(await stored(task)).toBe(before);
});

test('two users can have different lists with the same id', async () => {
  const task = await createSecret();
  const before = await stored(task);
  const { list } = as(other);
  const id = task.listId;
  expect(await list.create({ id, name: 'theirs' })).toMatchObject({ id, name: 'theirs', version: 1 });
  await list.update({ id, name: 'still theirs' });
  await list.delete({ id });
  await list.restore({ id });
  await list.delete({ id, moveTo: null });
  expect(await stored(task)).toBe(before);
});

test('the count of another user contains no task of the owner', async () => {
  await createSecret();
  expect(await as(createUser()).task.count()).toEqual({ count: 0 });
  expect((await as(owner).task.count()).count).toBeGreaterThan(0);
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

test('a cursor of the owner’s changes is refused for another user, who can neither continue nor read them', async () => {
  await Promise.all([createSecret(), createSecret()]);
  const first = await as(owner).changes.list({ limit: 1 });
  let page = first;
  while (page.hasMore) page = await as(owner).changes.list({ limit: 1000, since: page.cursor! });
  for (const since of [first.cursor!, page.cursor!]) {
    const { status, error, text } = await call(other, 'changes.list', { since });
    expect({ status, validation: error?.data.validation }).toEqual({
      status: 400,
      validation: {
        errors: [],
        properties: { since: { errors: ['The cursor does not match this user. Start again without since.'] } },
      },
    });
    expect(text).not.toMatch(/secret|owner/i);
  }
});
