import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, nextMillisecond, openFixture } from '../fixture.ts';

const { as } = await openFixture();
const caller = createUser();
const { task } = as(caller);

test('a task created with only a title is open, has no description and has version 1', async () => {
  const created = await task.create({ title: 'buy milk' });
  expect(created).toEqual({
    id: expect.any(String),
    title: 'buy milk',
    description: null,
    completed: false,
    completedAt: null,
    createdAt: created.updatedAt,
    updatedAt: expect.any(String),
    version: 1,
    listId: null,
    due: null,
    priority: 0,
    labels: [],
    position: expect.stringMatching(/^g[0-9A-Za-z]{7,}$/),
    deletedAt: null,
  });
});

test('a create stores every given field', async () => {
  const input = { id: randomUUID(), title: 'buy milk', description: 'two litres', completed: true };
  const created = await task.create(input);
  expect(created).toMatchObject(input);
  expect(await task.get({ id: input.id })).toEqual(created);
});

test('a task created as completed has its creation time as completedAt', async () => {
  const created = await task.create({ title: 'done', completed: true });
  expect(created.completedAt).toBe(created.createdAt);
});

test('createdAt is the time of the call', async () => {
  const before = Date.now();
  const { createdAt } = await task.create({ title: 'now' });
  expect(Date.parse(createdAt)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(createdAt)).toBeLessThanOrEqual(Date.now() + 1);
});

test('generated ids are UUIDs of version 7, each greater than the previous one', async () => {
  const ids: string[] = [];
  for (let number = 0; number < 50; number++) ids.push((await task.create({ title: `${number}` })).id);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids).toEqual([...new Set(ids)].sort());
});

test('an id in upper case is the same id as in lower case', async () => {
  const id = randomUUID();
  const created = await task.create({ id: id.toUpperCase(), title: 'one' });
  expect(created.id).toBe(id);
  expect(await task.create({ id, title: 'one' })).toEqual(created);
});

test('a create repeated with the same id returns the stored task and creates no other', async () => {
  const { task } = as(createUser());
  const input = { id: randomUUID(), title: ' once ', description: 'text', completed: true };
  const created = await task.create(input);
  await nextMillisecond();
  expect(await task.create(input)).toEqual(created);
  expect((await task.list()).items).toEqual([created]);
});

test('twenty simultaneous equal creates create one task and return the same output', async () => {
  const { task } = as(createUser());
  const input = { id: randomUUID(), title: 'once' };
  const tasks = await Promise.all(Array.from({ length: 20 }, () => task.create(input)));
  expect(new Set(tasks.map((one) => JSON.stringify(one))).size).toBe(1);
  expect((await task.list()).items).toEqual([tasks[0]]);
});

test('of twenty simultaneous different creates with one id, one succeeds and the others conflict', async () => {
  const { task } = as(createUser());
  const id = randomUUID();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => task.create({ id, title: `${n}` })));
  const stored = await task.get({ id });
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([{ status: 'fulfilled', value: stored }]);
  for (const outcome of outcomes.filter(({ status }) => status === 'rejected')) {
    expect(outcome).toMatchObject({ reason: { code: 'CONFLICT', cause: { current: stored } } });
  }
});

test.each([
  ['title', { title: 'other' }],
  ['description', { description: 'other' }],
  ['description (now omitted)', { description: undefined }],
  ['completed', { completed: true }],
])('a create with the id of a task that has another %s is a conflict that shows that task', async (_, difference) => {
  const input = { id: randomUUID(), title: 'one', description: 'text' };
  const current = await task.create(input);
  const again = task.create({ ...input, ...difference });
  await expect(again).rejects.toMatchObject({ code: 'CONFLICT', cause: { current } });
  expect(await task.get({ id: input.id })).toEqual(current);
});

test('a create with other input and the id of a task in the trash is a conflict', async () => {
  const { id } = await task.create({ title: 'first' });
  await task.delete({ id });
  await expect(task.create({ id, title: 'second' })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a repeated create returns the task as it is now, also after a change and in the trash', async () => {
  const input = { id: randomUUID(), title: 'first', labels: ['home'] };
  await task.create(input);
  const changed = await task.update({ id: input.id, title: 'second' });
  expect(await task.create(input)).toEqual(changed);
  await task.delete({ id: input.id });
  expect(await task.create(input)).toMatchObject({ title: 'second', deletedAt: expect.any(String) });
});

test('a create removes white space at both ends of the title', async () => {
  expect((await task.create({ title: ' \t\n buy  milk \u{a0}\u{3000}' })).title).toBe('buy  milk');
});

test('a create preserves white space at both ends of the description', async () => {
  expect((await task.create({ title: 'x', description: ' \n text \t' })).description).toBe(' \n text \t');
});

test.each([
  ['a title of 500 letters', { title: 'x'.repeat(500) }],
  ['a title of 500 emoji', { title: '😀'.repeat(500) }],
  ['a title of 500 letters within white space', { title: ` ${'x'.repeat(500)}\n` }],
  ['a description of 10,000 letters', { title: 'x', description: 'x'.repeat(10_000) }],
  ['a description of 10,000 emoji', { title: 'x', description: '😀'.repeat(10_000) }],
  ['an empty description', { title: 'x', description: '' }],
  ['null for the description', { title: 'x', description: null }],
  ['the nil UUID', { id: '00000000-0000-0000-0000-000000000000', title: 'x' }],
])('a create with %s succeeds', async (_, input) => {
  expect(await task.create(input)).toMatchObject({ ...input, title: input.title.trim() });
});

test.each([
  ['no title', {}, 'title'],
  ['null for the title', { title: null }, 'title'],
  ['an empty title', { title: '' }, 'title'],
  ['a title of white space', { title: ' \t\n ' }, 'title'],
  ['a title of 501 letters', { title: 'x'.repeat(501) }, 'title'],
  ['a title of 501 emoji', { title: '😀'.repeat(501) }, 'title'],
  ['a title that is a number', { title: 1 }, 'title'],
  ['a title with a NUL', { title: 'a\0b' }, 'title'],
  ['a title with a lone surrogate', { title: 'a\ud800b' }, 'title'],
  ['a description of 10,001 letters', { title: 'x', description: 'x'.repeat(10_001) }, 'description'],
  ['a description of 10,001 emoji', { title: 'x', description: '😀'.repeat(10_001) }, 'description'],
  ['a description with a NUL', { title: 'x', description: '\0' }, 'description'],
  ['a description with a lone surrogate', { title: 'x', description: '\udc00' }, 'description'],
  ['null for completed', { title: 'x', completed: null }, 'completed'],
  ['a string for completed', { title: 'x', completed: 'true' }, 'completed'],
  ['null for the id', { id: null, title: 'x' }, 'id'],
  ['an id that is not a UUID', { id: '1', title: 'x' }, 'id'],
  ['an id in braces', { id: `{${randomUUID()}}`, title: 'x' }, 'id'],
  ['an id without hyphens', { id: randomUUID().replaceAll('-', ''), title: 'x' }, 'id'],
])('a create with %s is refused and the error names the field', async (_, input, field) => {
  const refused = task.create(input as never);
  await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST', cause: { issues: [{ path: [field] }] } });
});

test('the error of a create names all invalid fields', async () => {
  const refused = task.create({ id: '1', title: '', completed: 1 } as never);
  await expect(refused).rejects.toMatchObject({
    cause: { issues: [{ path: ['id'] }, { path: ['title'] }, { path: ['completed'] }] },
  });
});
