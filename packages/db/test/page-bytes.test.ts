import { expect, test } from 'vitest';
import { createTasks, listChanges, listTasks } from '../src/index.ts';
import { alice, openFixture } from './fixture.ts';

const { db } = await openFixture();
const scope = db.asUser(alice);
const maxBytes = 150_000;
/** A page ends after the task that reaches the limit. */
const taskMax = 61_000;
await createTasks(
  scope,
  Array.from({ length: 12 }, () => ({ title: 'x', description: '\u0001'.repeat(10_000) })),
);

const toSize = (page: object) => JSON.stringify(page).length;

test('a control character counts as its 6 bytes of JSON in a page of tasks', async () => {
  let [cursor, count]: [string | undefined, number] = [undefined, 0];
  do {
    const page = await listTasks(scope, { limit: 200, order: 'newest', maxBytes, cursor });
    expect(toSize(page)).toBeLessThan(maxBytes + taskMax);
    count += page.items.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(count).toBe(12);
});

test('a control character counts as its 6 bytes of JSON in the pages of a copy and of the feed', async () => {
  const ids = new Set<string>();
  let { cursor } = await listChanges(db.asUser(alice), { limit: 1, maxBytes });
  let hasMore = true;
  while (hasMore) {
    const page = await listChanges(scope, { since: cursor!, limit: 500, maxBytes });
    expect(toSize(page)).toBeLessThan(maxBytes + taskMax);
    for (const { id } of page.tasks) ids.add(id);
    ({ cursor, hasMore } = page);
  }
  const { items } = await createTasks(
    scope,
    Array.from({ length: 12 }, () => ({ title: 'y', description: '\u0001'.repeat(10_000) })),
  );
  const found = [];
  for (hasMore = true; hasMore;) {
    const page = await listChanges(scope, { since: cursor!, limit: 500, maxBytes });
    expect(toSize(page)).toBeLessThan(maxBytes + taskMax);
    found.push(...page.tasks.map(({ id }) => id));
    ({ cursor, hasMore } = page);
  }
  expect(ids.size).toBe(11);
  expect(found.toSorted()).toEqual(items.map(({ id }) => id).toSorted());
});
