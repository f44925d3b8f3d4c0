import { expect, test } from 'vitest';
import { createCaller, createContext } from '../src/index.ts';
import { createUser, openFixture } from './fixture.ts';

const { db, as } = await openFixture();

const caller = createUser();
const created: string[] = [];
for (let count = 0; count < 120; count++) {
  const { id } = await as(caller).task.create({ title: `${count}`, description: '😀'.repeat(10_000) });
  created.push(id);
}

/** Lists with `calls` calls in one request, and returns the pages and the size of their JSON in MiB. */
async function list(calls: number, cursors: (string | undefined)[] = []) {
  const { task } = createCaller(createContext({ db, caller, calls, pages: calls }));
  const pages = await Promise.all(
    Array.from({ length: calls }, (_, at) => task.list({ limit: 200, order: 'oldest', cursor: cursors[at] })),
  );
  return { pages, mebibytes: Buffer.byteLength(JSON.stringify(pages)) / 1024 ** 2 };
}

test.each([1, 2, 20])(
  'the lists of a request with %i calls of 200 large tasks have at most 3 MiB together',
  async (calls) => {
    const { pages, mebibytes } = await list(calls);
    expect(mebibytes).toBeLessThan(3);
    for (const { items, nextCursor } of pages) {
      expect(items.length).toBeGreaterThan(0);
      expect(nextCursor).not.toBeNull();
    }
  },
);

test('pages that end early continue with the next task', async () => {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { pages } = await list(1, [cursor]);
    ids.push(...pages[0]!.items.map(({ id }) => id));
    cursor = pages[0]!.nextCursor;
  }
  expect(ids).toEqual(created);
});

/** As `list`, with pages of changes. */
async function listChanges(calls: number, since?: string) {
  const { changes } = createCaller(createContext({ db, caller, calls, pages: calls }));
  const pages = await Promise.all(Array.from({ length: calls }, () => changes.list({ limit: 1000, since })));
  return { pages, mebibytes: Buffer.byteLength(JSON.stringify(pages)) / 1024 ** 2 };
}

test.each([1, 2, 20])(
  'the pages of changes of a request with %i calls have at most 3 MiB together, also if all 120 large tasks have changed',
  async (calls) => {
    const { changes, task } = as(caller);
    let { cursor, hasMore } = await changes.list({ limit: 1000 });
    while (hasMore) ({ cursor, hasMore } = await changes.list({ limit: 1000, since: cursor! }));
    await task.updateMany({ ids: created.slice(0, 40), set: { priority: 1, addLabels: [`${calls}`] } });
    await task.updateMany({ ids: created.slice(40, 80), set: { priority: 2, addLabels: [`${calls}`] } });
    for (const since of [undefined, cursor!, (await changes.list({ since: cursor! })).cursor!]) {
      const { pages, mebibytes } = await listChanges(calls, since);
      expect(mebibytes).toBeLessThan(3);
      for (const { tasks, hasMore } of pages) {
        expect(tasks.length).toBeGreaterThan(0);
        expect(hasMore).toBe(true);
      }
    }
  },
);

test('equal reads of all lists or labels in one request run once, and others on their own', async () => {
  const { list, label } = createCaller(createContext({ db, caller, calls: 20 }));
  await as(caller).list.create({ name: 'Home' });
  const reads = await Promise.all([list.list(), list.list(), list.list({}), label.list(), label.list()]);
  expect(new Set(reads).size).toBe(3);
  expect(reads[2]).toEqual(reads[0]);
  await as(caller).list.create({ name: 'Office' });
  expect((await list.list()).items).toHaveLength(reads[0].items.length + 1);
  const wrong = list.list({ name: 'x' } as never);
  await expect(Promise.all([wrong, list.list({})])).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
