import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RouterInputs } from '../../src/index.ts';
import { createUser, openFixture, type Procedures, type Task } from '../fixture.ts';

const { as } = await openFixture();
type Query = Extract<RouterInputs['task']['list'], object>;

const query = fc.record(
  {
    limit: fc.integer({ min: 1, max: 5 }),
    completed: fc.boolean(),
    order: fc.constantFrom('newest' as const, 'oldest' as const),
  },
  { requiredKeys: ['limit'] },
);
const seeds = fc.array(fc.record({ id: fc.option(fc.uuid(), { nil: undefined }), completed: fc.boolean() }), {
  maxLength: 12,
});

/** Creates the tasks of a new user at once, so that times of creation coincide. */
async function createAll(seeds: { id: string | undefined; completed: boolean }[]) {
  const { task } = as(createUser());
  const unique = seeds.filter(({ id }, index) => !id || seeds.findIndex((other) => other.id === id) === index);
  return { task, tasks: await Promise.all(unique.map((seed, n) => task.create({ ...seed, title: `${n}` }))) };
}

/** Lists all pages and runs `between` after each page but the last. */
async function listAll(
  task: Procedures['task'],
  query: Query,
  between: (page: number) => Promise<void> = async () => {},
) {
  const pages: Task[][] = [];
  let cursor: string | null | undefined;
  do {
    if (pages.length > 0) await between(pages.length);
    const page = await task.list({ ...query, ...(cursor != null && { cursor }) });
    pages.push(page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return pages;
}

function model(tasks: Task[], { completed, order = 'newest' }: Query): Task[] {
  const oldestFirst = tasks
    .filter((task) => completed === undefined || task.completed === completed)
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return order === 'oldest' ? oldestFirst : oldestFirst.toReversed();
}

function placeOf({ createdAt, id }: Task): string {
  return `${createdAt} ${id}`;
}

test('pages contain the requested tasks in the requested order, and all pages but the last are full', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.array(query, { minLength: 1, maxLength: 6 }), async (seeds, queries) => {
      const { task, tasks } = await createAll(seeds);
      for (const query of queries) {
        const expected = model(tasks, query);
        const pages = await listAll(task, query);
        expect(pages.flat()).toEqual(expected);
        expect(pages.slice(0, -1).every((page) => page.length === query.limit)).toBe(true);
        expect(pages.length).toBe(Math.max(1, Math.ceil(expected.length / query.limit)));
      }
    }),
    { numRuns: 30 },
  );
});

test('an unchanged task is listed exactly once, even if other tasks are written between the pages', async () => {
  const step = fc.record({ write: fc.constantFrom('create', 'delete', 'complete', 'rename'), at: fc.nat() });
  const writes = fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(seeds, query, writes, async (seeds, query, writes) => {
      const { task, tasks } = await createAll(seeds);
      const untouched = new Set(tasks);
      const pages = await listAll(task, query, async (page) => {
        for (const { write, at } of writes[page - 1] ?? []) {
          const victim = [...untouched][at % untouched.size];
          if (victim === undefined || write === 'create') await task.create({ title: 'new' });
          else if (write === 'delete') await task.delete({ id: victim.id });
          else if (write === 'rename') await task.update({ id: victim.id, title: 'renamed' });
          else await task.update({ id: victim.id, completed: !victim.completed });
          if (write !== 'create' && victim !== undefined) untouched.delete(victim);
        }
      });
      const listed = pages.flat();
      expect(listed.filter(({ id }) => [...untouched].some((task) => task.id === id))).toEqual(
        model([...untouched], query),
      );
      expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    }),
    { numRuns: 30 },
  );
});

test('a list is in the order of creation', async () => {
  const { task } = as(createUser());
  const ids: string[] = [];
  for (let number = 0; number < 20; number++) ids.push((await task.create({ title: `${number}` })).id);
  expect((await task.list({ order: 'oldest' })).items.map(({ id }) => id)).toEqual(ids);
  expect((await task.list()).items.map(({ id }) => id)).toEqual(ids.toReversed());
});

test('a list has 50 tasks by default and 200 with the largest limit', async () => {
  const { task } = as(createUser());
  await Promise.all(Array.from({ length: 201 }, (_, number) => task.create({ title: `${number}` })));
  for (const input of [undefined, {}, { limit: undefined }]) expect((await task.list(input)).items).toHaveLength(50);
  const { items, nextCursor } = await task.list({ limit: 200 });
  expect(items).toHaveLength(200);
  expect(await task.list({ limit: 200, cursor: nextCursor! })).toMatchObject({ items: [{}], nextCursor: null });
});

test.each([
  { limit: 0 },
  { limit: -1 },
  { limit: 201 },
  { limit: 1.5 },
  { limit: '10' },
  { limit: null },
  { order: 'random' },
  { completed: 'true' },
  { completed: null },
  { limit: 10, offset: 10 },
])('a list with the input %o is refused', async (input) => {
  await expect(as(createUser()).task.list(input as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test.each<Query>([{ order: 'oldest' }, { completed: false }, { completed: true }])(
  'a cursor of the default list is refused in a list with %o',
  async (other) => {
    const { task } = await createAll([{ id: undefined, completed: false }]);
    await task.create({ title: 'second' });
    const { nextCursor } = await task.list({ limit: 1 });
    const refused = task.list({ limit: 1, cursor: nextCursor!, ...other });
    await expect(refused).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  },
);

test('a cursor works with another page limit', async () => {
  const { task } = await createAll(Array.from({ length: 4 }, () => ({ id: undefined, completed: false })));
  const { items, nextCursor } = await task.list({ limit: 1 });
  const rest = await task.list({ limit: 10, cursor: nextCursor! });
  expect([...items, ...rest.items]).toEqual((await task.list()).items);
});

test('a list accepts the cursor null and the direction of an infinite query, and refuses to go backward', async () => {
  const { task } = await createAll([{ id: undefined, completed: false }]);
  const first = await task.list({ cursor: null, direction: 'forward' });
  expect(first).toEqual(await task.list());
  // @ts-expect-error -- Lists have no pages before the first one.
  await expect(task.list({ direction: 'backward' })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
