import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, nextMillisecond, openFixture } from '../fixture.ts';

const { as } = await openFixture();
const { task } = as(createUser());

/** Creates a task and waits a moment, so that a changed time is different. */
async function createEarlier(input: { title?: string; description?: string; completed?: boolean } = {}) {
  const created = await task.create({ title: 'one', ...input });
  await nextMillisecond();
  return created;
}

test('an update returns the stored task', async () => {
  const { id } = await createEarlier();
  const changed = await task.update({ id, title: 'two', description: 'text', completed: true });
  expect(changed).toMatchObject({ id, title: 'two', description: 'text', completed: true, version: 2 });
  expect(await task.get({ id })).toEqual(changed);
});

test('an update changes updatedAt and leaves createdAt', async () => {
  const before = await createEarlier();
  const after = await task.update({ id: before.id, title: 'two' });
  expect(after.updatedAt > before.updatedAt).toBe(true);
  expect(after.createdAt).toBe(before.createdAt);
});

test('completing a task sets completedAt', async () => {
  const { id } = await createEarlier();
  const completed = await task.update({ id, completed: true });
  expect(completed).toMatchObject({ completed: true, completedAt: completed.updatedAt });
});

test('completing a completed task preserves completedAt', async () => {
  const { id } = await createEarlier();
  const completed = await task.update({ id, completed: true });
  await nextMillisecond();
  expect(await task.update({ id, completed: true })).toEqual(completed);
  const { completedAt } = await task.update({ id, completed: true, title: 'two' });
  expect(completedAt).toBe(completed.completedAt);
});

test('reopening a task clears completedAt', async () => {
  const { id } = await createEarlier({ completed: true });
  expect(await task.update({ id, completed: false })).toMatchObject({
    completed: false,
    completedAt: null,
    version: 2,
  });
});

test.each([
  ['no fields', {}],
  ['the same title', { title: 'one' }],
  ['the same title within white space', { title: ' one ' }],
  ['the same value for every field', { title: 'one', description: 'text', completed: true }],
  ['undefined for every field', { title: undefined, description: undefined, completed: undefined }],
])('an update with %s changes nothing', async (_, change) => {
  const before = await createEarlier({ description: 'text', completed: true });
  expect(await task.update({ id: before.id, ...change })).toEqual(before);
  expect(await task.update({ id: before.id, ifVersion: 1, ...change })).toEqual(before);
  expect(await task.get({ id: before.id })).toEqual(before);
});

test('an empty description and null are different values', async () => {
  const { id } = await createEarlier();
  expect(await task.update({ id, description: '' })).toMatchObject({ description: '', version: 2 });
  expect(await task.update({ id, description: null })).toMatchObject({ description: null, version: 3 });
});

test('an update with the current version as ifVersion succeeds', async () => {
  const { id } = await createEarlier();
  expect(await task.update({ id, title: 'two', ifVersion: 1 })).toMatchObject({ title: 'two', version: 2 });
});

test.each([
  ['a new title', { title: 'three' }],
  ['the stored title', { title: 'two' }],
  ['no fields', {}],
])('an update with %s and a stale ifVersion is a conflict that shows the task', async (_, change) => {
  const { id } = await createEarlier();
  const current = await task.update({ id, title: 'two' });
  const stale = task.update({ id, ...change, ifVersion: 1 });
  await expect(stale).rejects.toMatchObject({ code: 'CONFLICT', cause: { current } });
  expect(await task.get({ id })).toEqual(current);
});

test('of two simultaneous updates with the same ifVersion one succeeds and the other is a conflict', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await task.create({ title: 'one' });
    const outcomes = await Promise.allSettled(['a', 'b'].map((title) => task.update({ id, title, ifVersion: 1 })));
    const current = await task.get({ id });
    expect(current.version).toBe(2);
    const won = { status: 'fulfilled', value: current };
    const lost = { status: 'rejected', reason: { code: 'CONFLICT', cause: { current } } };
    expect(outcomes).toMatchObject(outcomes[0]!.status === 'fulfilled' ? [won, lost] : [lost, won]);
  }
});

test('twenty simultaneous updates without ifVersion each increase the version', async () => {
  const { id } = await task.create({ title: 'one' });
  const tasks = await Promise.all(Array.from({ length: 20 }, (_, n) => task.update({ id, description: `${n}` })));
  expect(tasks.map(({ version }) => version).sort((a, b) => a - b)).toEqual(tasks.map((_, index) => index + 2));
  expect(tasks).toContainEqual(await task.get({ id }));
});

test('simultaneous updates of different fields are all stored', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await task.create({ title: 'one' });
    await Promise.all([
      task.update({ id, title: 'two' }),
      task.update({ id, description: 'text' }),
      task.update({ id, completed: true }),
    ]);
    expect(await task.get({ id })).toMatchObject({ title: 'two', description: 'text', completed: true, version: 4 });
  }
});

test('a deleted task is NOT_FOUND', async () => {
  const { id } = await createEarlier();
  expect(await task.delete({ id })).toEqual({ id });
  await expect(task.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(task.update({ id, title: 'two' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(task.delete({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a delete with the current version as ifVersion succeeds', async () => {
  const { id } = await createEarlier();
  expect(await task.delete({ id, ifVersion: 1 })).toEqual({ id });
});

test('a delete with a stale ifVersion is a conflict that shows the task and does not delete it', async () => {
  const { id } = await createEarlier();
  const current = await task.update({ id, title: 'two' });
  await expect(task.delete({ id, ifVersion: 1 })).rejects.toMatchObject({ code: 'CONFLICT', cause: { current } });
  expect(await task.get({ id })).toEqual(current);
});

test('of two simultaneous deletes exactly one finds the task', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await task.create({ title: 'one' });
    const outcomes = await Promise.allSettled([task.delete({ id }), task.delete({ id })]);
    const rejected = outcomes.filter(({ status }) => status === 'rejected');
    expect(rejected).toMatchObject([{ reason: { code: 'NOT_FOUND' } }]);
  }
});

test('a simultaneous delete and update leave the task deleted', async () => {
  for (let round = 0; round < 20; round++) {
    const { id } = await task.create({ title: 'one' });
    const [deleted] = await Promise.allSettled([task.delete({ id }), task.update({ id, title: 'two' })]);
    expect(deleted).toEqual({ status: 'fulfilled', value: { id } });
    await expect(task.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test.each([
  ['get', {}],
  ['update', { title: 'two' }],
  ['update', { ifVersion: 1 }],
  ['delete', {}],
  ['delete', { ifVersion: 1 }],
] as const)('%s with %o of a task that never existed is NOT_FOUND', async (procedure, input) => {
  await expect(task[procedure]({ id: randomUUID(), ...input })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test.each([
  ['null for the title', { title: null }],
  ['a blank title', { title: ' ' }],
  ['a title of 501 emoji', { title: '😀'.repeat(501) }],
  ['a description of 10,001 letters', { description: 'x'.repeat(10_001) }],
  ['null for completed', { completed: null }],
  ['an ifVersion that is not a whole number', { ifVersion: 1.5 }],
  ['an ifVersion that is a text', { ifVersion: '1' }],
  ['null for ifVersion', { ifVersion: null }],
])('an update with %s is refused and changes nothing', async (_, change) => {
  const before = await createEarlier();
  const refused = task.update({ id: before.id, ...change } as never);
  await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(await task.get({ id: before.id })).toEqual(before);
});
