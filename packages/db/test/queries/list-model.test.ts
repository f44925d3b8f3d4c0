import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTasks, listTasks, type TaskFilter, type TaskQuery, type UserScope } from '../../src/index.ts';
import { openFixture } from '../fixture.ts';
import { conditions, filters, manyTasks, model, orders, store } from './model.ts';

const { db, sql } = await openFixture();

async function collect(scope: UserScope, query: TaskQuery): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listTasks(scope, { ...query, cursor: cursor ?? undefined });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    expect(cursor?.length ?? 0).toBeLessThanOrEqual(1_000);
  } while (cursor !== null && ids.length < 1_000);
  return ids;
}

const query = fc.record({
  filter: filters,
  order: fc.constantFrom(...orders),
  limit: fc.integer({ min: 1, max: 20 }),
  maxBytes: fc.option(fc.constantFrom(1, 2_000), { nil: undefined }),
});

test('the pages of any list contain exactly the matching tasks in order, and the count is their number', async () => {
  await fc.assert(
    fc.asyncProperty(manyTasks, fc.array(query, { minLength: 20, maxLength: 20 }), async (tasks, queries) => {
      const userId = randomUUID();
      const scope = db.asUser(userId);
      await store(sql, userId, tasks);
      for (const { filter, ...page } of queries) {
        const expected = model(tasks, filter, page.order);
        expect(await collect(scope, { ...filter, ...page })).toEqual(expected);
        expect(await countTasks(scope, filter)).toEqual({ count: expected.length });
      }
    }),
    { numRuns: 40 },
  );
});

type Condition = keyof typeof conditions;
const names = Object.keys(conditions) as Condition[];
const pairs: Condition[][] = [
  [],
  ...names.flatMap((one, at) => [[one], ...names.slice(at + 1).map((other) => [one, other])]),
];

test.each(orders)('order %s works with each condition of a filter and with each pair of conditions', async (order) => {
  const [tasks] = fc.sample(manyTasks, 1);
  const userId = randomUUID();
  const scope = db.asUser(userId);
  await store(sql, userId, tasks!);
  for (const pair of pairs) {
    const given = fc.record(Object.fromEntries(pair.map((name) => [name, conditions[name]])));
    for (const filter of fc.sample(given, 3) as TaskFilter[]) {
      expect({ filter, ids: await collect(scope, { ...filter, order, limit: 7 }) }).toEqual({
        filter,
        ids: model(tasks!, filter, order),
      });
    }
  }
});
