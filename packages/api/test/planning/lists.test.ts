import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, nextMillisecond, openFixture } from '../fixture.ts';
import { openServer } from '../http.ts';
import { readLatestChange } from './rows.ts';

const { db, as } = await openFixture();
const { call } = await openServer(db);
const caller = createUser();
const { list } = as(caller);

test('a new list has the given values and defaults for the others', async () => {
  const created = await list.create({ name: ' Home ' });
  expect(created).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    name: 'Home',
    color: null,
    position: expect.stringMatching(/^[0-9A-Za-z]+$/),
    archivedAt: null,
    createdAt: created.updatedAt,
    updatedAt: created.createdAt,
    version: 1,
  });
  const blue = await list.create({ name: 'Blue', color: '#00f', position: 'a5' });
  expect(blue).toMatchObject({ name: 'Blue', color: '#00f', position: 'a5' });
  expect(await readLatestChange(db, caller.userId)).toEqual({ tasks: [], lists: [blue.id] });
});

test('list.list returns all lists in order of position and id, also archived ones', async () => {
  const fresh = as(createUser());
  const ids = ['3', '1', '2'].map((digit) => `0190a000-0000-7000-8000-00000000000${digit}`);
  for (const id of ids) await fresh.list.create({ id, name: id, position: 'a0' });
  const first = await fresh.list.create({ name: 'first', position: 'Zz' });
  const last = await fresh.list.create({ name: 'last' });
  const archived = await fresh.list.update({ id: last.id, archived: true });
  const { items } = await fresh.list.list();
  expect(items.map(({ id }) => id)).toEqual([first.id, ids[1], ids[2], ids[0], last.id]);
  expect(items.at(-1)).toEqual(archived);
  expect(await fresh.list.list({})).toEqual({ items });
});

test.each([
  ['without a name', {}],
  ['with a blank name', { name: ' \u0085' }],
  ['with a name of 201 emoji', { name: '😀'.repeat(201) }],
  ['with NUL in the name', { name: 'a\0' }],
  ['with an empty color', { name: 'x', color: '' }],
  ['with a color of 51 letters', { name: 'x', color: 'x'.repeat(51) }],
  ['with a position that is no key', { name: 'x', position: 'z' }],
  ['with an id that is no UUID', { name: 'x', id: '1' }],
  ['with an unknown key', { name: 'x', archivedAt: null }],
])('a list %s is refused', async (_, input) => {
  await expect(list.create(input as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('a name of 200 emoji and a color of 50 emoji are stored', async () => {
  const values = { name: '😀'.repeat(200), color: '😀'.repeat(50) };
  expect(await list.create(values)).toMatchObject(values);
});

test('the same create again returns the list as it is now', async () => {
  const id = randomUUID();
  await list.create({ id, name: 'Home', color: 'red' });
  const renamed = await list.update({ id, name: 'House' });
  expect(await list.create({ id, name: 'Home', color: 'red' })).toEqual(renamed);
  expect((await list.list()).items.filter((one) => one.id === id)).toEqual([renamed]);
});

test('a create with the id of another create is a conflict that shows the list', async () => {
  const created = await list.create({ name: 'Home' });
  const { status, error } = await call(caller, 'list.create', { id: created.id, name: 'Work' });
  expect({ status, current: error?.data.current }).toEqual({ status: 409, current: created });
  const { id } = await as(caller).task.create({ id: randomUUID(), title: 'a task' });
  await expect(list.create({ id, name: 'Home' })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('the same create again is NOT_FOUND while the list is in the trash', async () => {
  const id = randomUUID();
  await list.create({ id, name: 'Home' });
  await list.delete({ id });
  await expect(list.create({ id, name: 'Home' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const other = list.create({ id, name: 'Work' });
  await expect(other).rejects.toMatchObject({ code: 'CONFLICT', cause: { current: null } });
});

test('the 501st list is refused, and a list in the trash does not count', async () => {
  const full = as(createUser());
  const ids = Array.from({ length: 500 }, () => randomUUID());
  for (const id of ids) await full.list.create({ id, name: 'one of many' });
  const problem = { code: 'BAD_REQUEST', message: 'You have 500 lists, the maximum. Delete a list first.' };
  await expect(full.list.create({ name: 'too many' })).rejects.toMatchObject(problem);
  expect(await full.list.create({ id: ids[0]!, name: 'one of many' })).toMatchObject({ id: ids[0] });
  await full.list.delete({ id: ids[0]! });
  const refused = { id: randomUUID(), name: 'next' };
  await full.list.create(refused);
  await expect(full.list.restore({ id: ids[0]! })).rejects.toMatchObject(problem);
  await full.list.delete({ id: refused.id });
  expect(await full.list.restore({ id: ids[0]! })).toMatchObject({ id: ids[0] });
  expect((await full.list.list()).items).toHaveLength(500);
});

test('of twenty simultaneous creates only those up to 500 lists succeed', async () => {
  const full = as(createUser());
  for (let made = 0; made < 490; made++) await full.list.create({ name: 'one of many' });
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => full.list.create({ name: 'more' })));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
});

test('an update changes the given fields and no others', async () => {
  const before = await list.create({ name: 'Home', color: 'red' });
  await nextMillisecond();
  const renamed = await list.update({ id: before.id, name: ' House ' });
  expect(renamed).toEqual({ ...before, name: 'House', version: 2, updatedAt: renamed.updatedAt });
  expect(renamed.updatedAt > before.updatedAt).toBe(true);
  const plain = await list.update({ id: before.id, color: null, position: 'a1' });
  expect(plain).toMatchObject({ name: 'House', color: null, position: 'a1', version: 3 });
  expect(await readLatestChange(db, caller.userId)).toEqual({ tasks: [], lists: [before.id] });
});

test('a list can be archived and taken back into use', async () => {
  const { id } = await list.create({ name: 'Home' });
  const archived = await list.update({ id, archived: true });
  expect(archived).toMatchObject({ archivedAt: archived.updatedAt, version: 2 });
  expect(await list.update({ id, archived: true })).toEqual(archived);
  expect(await list.update({ id, archived: true, color: 'red' })).toMatchObject({ archivedAt: archived.archivedAt });
  expect(await list.update({ id, archived: false })).toMatchObject({ archivedAt: null, version: 4 });
});

test('an update without an effect changes nothing', async () => {
  const before = await list.create({ name: 'Home', color: 'red' });
  await nextMillisecond();
  const { id, name, color, position } = before;
  for (const change of [{}, { name, color, position, archived: false }, { name: ' Home ' }, { ifVersion: 1 }]) {
    expect(await list.update({ id, ...change })).toEqual(before);
  }
});

test('an update or a delete with a stale ifVersion is a conflict that shows the list', async () => {
  const { id } = await list.create({ name: 'Home' });
  const current = await list.update({ id, name: 'House' });
  for (const [path, input] of [
    ['list.update', { id, name: 'Flat', ifVersion: 1 }],
    ['list.delete', { id, ifVersion: 9_999_999_999 }],
  ] as const) {
    const { status, error } = await call(caller, path, input);
    expect({ status, current: error?.data.current }).toEqual({ status: 409, current });
  }
  expect(await list.update({ id, name: 'Flat', ifVersion: 2 })).toMatchObject({ name: 'Flat', version: 3 });
});

test('an update with an operationId is applied once', async () => {
  const { id } = await list.create({ name: 'one' });
  const update = { id, name: 'two', operationId: randomUUID() };
  await list.update(update);
  const current = await list.update({ id, name: 'three' });
  expect(await list.update(update)).toEqual(current);
  await expect(list.update({ ...update, name: 'four' })).rejects.toMatchObject({ code: 'CONFLICT' });
  const unchanged = { id, name: 'three', operationId: randomUUID() };
  await list.update(unchanged);
  const later = await list.update({ id, name: 'five' });
  expect(await list.update(unchanged)).toEqual(later);
});

test('a refused update is not remembered', async () => {
  const { id } = await list.create({ name: 'one' });
  const update = { id, name: 'two', ifVersion: 2, operationId: randomUUID() };
  await expect(list.update(update)).rejects.toMatchObject({ code: 'CONFLICT' });
  await list.update({ id, name: 'between' });
  expect(await list.update(update)).toMatchObject({ name: 'two', version: 3 });
});

test('a list of another user, one in the trash, and one that never existed are the same', async () => {
  const [trashed, foreign] = [await list.create({ name: 'mine' }), await as(createUser()).list.create({ name: 'not' })];
  await list.delete({ id: trashed.id });
  for (const path of ['list.update', 'list.delete']) {
    const responses = [];
    for (const id of [trashed.id, foreign.id, randomUUID()]) responses.push(await call(caller, path, { id }));
    expect(responses[0]).toMatchObject({ status: 404, error: { message: 'List not found.' } });
    expect(responses[1]).toEqual(responses[0]);
    expect(responses[2]).toEqual(responses[0]);
  }
  const { task } = as(caller);
  for (const listId of [trashed.id, foreign.id, randomUUID()]) {
    const problem = { code: 'NOT_FOUND', message: 'listId: List not found.' };
    await expect(task.create({ title: 'x', listId })).rejects.toMatchObject(problem);
  }
});
