import { setImmediate } from 'node:timers';
import { expect, test } from 'vitest';
import { createTask, createTasks, listTasks } from '../../src/index.ts';
import { alice, openFixture } from '../fixture.ts';
import { openCounted } from './counted.ts';

const { url } = await openFixture();
const { scope, reports, count } = await openCounted(url, alice);
const newest = (limit: number) => listTasks(scope, { limit, order: 'newest' });

test('equal reads of a batch run once, and each call has its own result', async () => {
  for (const title of ['one', 'two', 'three']) await createTask(scope, { title });
  await newest(1);
  reports.length = 0;
  const [pages, trips] = await count(() => Promise.all([newest(2), newest(1), newest(2), newest(2), newest(1)]));
  expect(trips).toBe(1);
  expect(reports.map(({ name }) => name)).toEqual(['task_list_newest', 'task_list_newest']);
  expect(pages.map(({ items }) => items.map(({ title }) => title))).toEqual(
    [2, 1, 2, 2, 1].map((limit) => ['three', 'two'].slice(0, limit)),
  );
  pages[0].items.length = 0;
  expect(pages[2].items).toHaveLength(2);
});

test('other work runs while the calls of a batch receive many rows', async () => {
  await createTasks(
    scope,
    Array.from({ length: 300 }, (_, at) => ({ title: `Task ${at}` })),
  );
  let turns = 0;
  const turnsAtEnd: number[] = [];
  const countTurns = () => {
    turns += 1;
    if (turnsAtEnd.length < 10) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const reads = Array.from({ length: 10 }, (_, at) =>
    newest(250 + at).then(({ items }) => {
      turnsAtEnd.push(turns);
      return items.length;
    }),
  );
  expect(await Promise.all(reads)).toEqual(Array.from({ length: 10 }, (_, at) => 250 + at));
  // In each turn, one call can begin and end, and one that began earlier can end.
  expect(new Set(turnsAtEnd).size).toBeGreaterThanOrEqual(5);
});
