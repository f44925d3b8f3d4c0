import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCaller, createContext } from '../../src/index.ts';
import { createUser, openFixture, password, type Procedures, toAccount } from '../fixture.ts';
import { openServer } from '../http.ts';

const { db, store, as } = await openFixture();
const { call } = await openServer(db);

/** A user who can delete the account. */
const withAccount = (caller = createUser(), more = {}) =>
  createCaller(createContext({ db, caller, openAccount: () => ({ ...toAccount(store, caller), ...more }) }));

/** All pages of an export. */
async function exportAll({ user }: Procedures) {
  const pages = [await user.export()];
  while (pages.at(-1)!.nextCursor !== null) pages.push(await user.export({ cursor: pages.at(-1)!.nextCursor }));
  return { lists: pages.flatMap(({ lists }) => lists), tasks: pages.flatMap(({ tasks }) => tasks) };
}

async function fill({ list, task }: Procedures): Promise<void> {
  const { id: listId } = await list.create({ name: 'Home', color: 'red' });
  const deleted = await list.create({ name: 'Deleted' });
  await task.create({ title: 'in the deleted list', listId: deleted.id });
  await list.delete({ id: deleted.id });
  await list.update({ id: (await list.create({ name: 'Archived' })).id, archived: true });
  const due = { date: '2026-03-29', time: '12:30', timeZone: 'Europe/Berlin' };
  await task.create({ title: 'all fields', description: 'a\nb', due, priority: 3, labels: ['x', 'Y'], listId });
  const { id } = await task.create({ title: 'completed and deleted', completed: true, position: 'Zz' });
  await task.update({ id, title: 'changed' });
  await task.delete({ id });
}

test('another account gets identical lists and tasks by export and import, and a second import changes nothing', async () => {
  const [from, to] = [as(createUser()), as(createUser())];
  await fill(from);
  const exported = await exportAll(from);
  const count = exported.lists.length + exported.tasks.length;
  expect(await to.user.import(exported)).toEqual({ created: count, unchanged: 0, conflicts: [] });
  expect(await exportAll(to)).toEqual(exported);
  expect(await to.list.list()).toEqual(await from.list.list());
  const { cursor } = await to.changes.list({ limit: 1000 });
  expect(await to.user.import(exported)).toEqual({ created: 0, unchanged: count, conflicts: [] });
  expect(await to.changes.list({ since: cursor! })).toMatchObject({ tasks: [], lists: [], removed: [], cursor });
});

test('an import without rows is accepted', async () => {
  expect(await as(createUser()).user.import({})).toEqual({ created: 0, unchanged: 0, conflicts: [] });
});

test('a task with an unknown list is NOT_FOUND, and the message names the field', async () => {
  const tasks = [{ id: randomUUID(), title: 'x', listId: randomUUID() }];
  await expect(as(createUser()).user.import({ tasks })).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'tasks.0.listId: List not found.',
  });
});

const id = randomUUID();
const createdAt = '2026-01-02T00:00:00.000Z';
const earlier = '2026-01-01T00:00:00Z';

test.for<[string, object, string]>([
  ['a blank title', { tasks: [{ id, title: ' ' }] }, 'tasks.0.title: must not be blank'],
  ['no ID', { tasks: [{ title: 'x' }] }, 'tasks.0.id: must be a UUID'],
  [
    'a repeated ID',
    {
      lists: [
        { id, name: 'x' },
        { id: id.toUpperCase(), name: 'y' },
      ],
    },
    'lists: must not repeat an id',
  ],
  ['an unknown key', { tasks: [{ id, title: 'x', userId: id }] }, 'tasks.0: Unrecognized key: "userId"'],
  [
    'a change before the creation',
    { tasks: [{ id, title: 'x', createdAt, updatedAt: earlier }] },
    'tasks.0.updatedAt: must not be before createdAt',
  ],
  [
    'an archived list before its creation',
    { lists: [{ id, name: 'x', createdAt, archivedAt: earlier }] },
    'lists.0.archivedAt: must not be before createdAt',
  ],
  [
    'an open task with a time of completion',
    { tasks: [{ id, title: 'x', completed: false, completedAt: createdAt }] },
    'tasks.0.completedAt: must be null if completed is false',
  ],
  [
    'a completed task without a time',
    { tasks: [{ id, title: 'x', completed: true, completedAt: null }] },
    'tasks.0.completedAt: must be a time if completed is true',
  ],
  [
    'a malformed time',
    { tasks: [{ id, title: 'x', createdAt: 'yesterday' }] },
    'tasks.0.createdAt: The time is malformed. Use ISO 8601, such as 2026-05-31T09:00:00Z.',
  ],
  [
    'too many rows',
    {
      lists: [{ id, name: 'x' }],
      tasks: Array.from({ length: 500 }, () => ({ id: randomUUID(), title: 'x' })),
    },
    'must have at most 500 rows; send several calls',
  ],
])('an import with %s is refused', async ([, input, message]) => {
  const caller = createUser();
  const { status, error } = await call(caller, 'user.import', input);
  expect([status, error?.message]).toEqual([400, message]);
  expect(await as(caller).user.export()).toEqual({ lists: [], tasks: [], nextCursor: null });
});

test('a wrong or missing password is BAD_REQUEST, names the field, and removes nothing', async () => {
  const procedures = withAccount();
  await fill(procedures);
  const before = await exportAll(procedures);
  for (const [input, message] of [
    [{ password: 'wrong horse' }, 'password: is wrong. Check it and try again.'],
    [{}, 'password: is missing. Send the password of the account.'],
    [undefined, 'password: is missing. Send the password of the account.'],
  ] as const) {
    await expect(procedures.user.delete(input)).rejects.toMatchObject({ code: 'BAD_REQUEST', message });
  }
  expect(await exportAll(procedures)).toEqual(before);
});

test('after the deletion, every call of the user is UNAUTHORIZED', async () => {
  const procedures = withAccount();
  await fill(procedures);
  expect(await procedures.user.delete({ password })).toEqual({});
  const { user, task } = procedures;
  for (const call of [() => user.me(), () => task.create({ title: 'x' }), () => user.delete({ password })]) {
    await expect(call()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  }
});

test('with another issuer, a deletion needs no password', async () => {
  const procedures = withAccount(createUser(), { confirm: async () => 'confirmed' });
  await fill(procedures);
  expect(await procedures.user.delete()).toEqual({});
  await expect(procedures.user.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('without a server, a deletion is refused', async () => {
  const { user, task } = as(createUser());
  const created = await task.create({ title: 'x' });
  await expect(user.delete({ password })).rejects.toMatchObject({ code: 'METHOD_NOT_SUPPORTED' });
  expect((await user.export()).tasks).toEqual([created]);
});
