import { inOperation } from '@holdfast/operation';
import { expect, test } from 'vitest';
import { countTasks, createTask, type DatabaseObserver, deleteTask } from '../../src/index.ts';
import { alice, bob, openFixture } from '../fixture.ts';

const sent: string[] = [];
const observer: DatabaseObserver = { onStatement: ({ name }) => sent.push(name ?? '') };
const { db } = await openFixture({ observer });

test('a count has neither tasks of other users nor tasks in the trash', async () => {
  await createTask(db.asUser(bob), { title: 'of another user' });
  const scope = db.asUser(alice);
  const [, { id }] = [await createTask(scope, { title: 'one' }), await createTask(scope, { title: 'two' })];
  expect(await countTasks(scope, {})).toEqual({ count: 2 });
  await deleteTask(scope, { id });
  expect(await countTasks(scope, {})).toEqual({ count: 1 });
  expect(await countTasks(scope, { completed: true })).toEqual({ count: 0 });
});

test('counts of one batch are one statement, and equal filters have equal counts', async () => {
  const owner = '0190a000-0000-7000-8000-00000000000c';
  for (const title of ['milk', 'Milk and bread', '"quotes" \\ {braces}, commas'])
    await createTask(db.asUser(owner), { title });
  sent.length = 0;
  const scope = db.asUser(owner, { batchReads: true });
  const searches = ['milk', 'bread', 'milk', '"quotes" \\ {braces}, commas', 'none', ''];
  const counts = await inOperation({ name: 'batch' }, () =>
    Promise.all(searches.map((search) => countTasks(scope, { search }))),
  );
  expect(counts.map(({ count }) => count)).toEqual([2, 1, 2, 1, 0, 3]);
  expect(sent).toEqual(['task_count']);
});

test('a count works inside of a transaction', async () => {
  const owner = '0190a000-0000-7000-8000-00000000000d';
  await db.asUser(owner).transaction(async (scope) => {
    await createTask(scope, { title: 'one', labels: ['a,b'] });
    expect(await countTasks(scope, { label: 'A,B' })).toEqual({ count: 1 });
  });
});
