import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  createTask,
  createTasks,
  deleteTask,
  listTasks,
  openDatabase,
  type TaskQuery,
  type TaskRecord,
  updateTask,
  type UserScope,
} from '../src/index.ts';
import { alice, asTools, bob, openFixture } from './fixture.ts';

const orders = ['newest', 'oldest'] as const;
const filters = [undefined, true, false] as const;

async function collect(
  scope: UserScope,
  query: TaskQuery,
  afterPage: (page: number) => Promise<void> = async () => {},
) {
  const items: TaskRecord[] = [];
  let cursor: string | null | undefined;
  for (let page = 0; cursor !== null; page++) {
    const result = await listTasks(scope, { ...query, cursor });
    items.push(...result.items);
    cursor = result.nextCursor;
    await afterPage(page);
  }
  return items;
}

describe('a list of 1,000 tasks', async () => {
  const { db, sql } = await openFixture();
  const scope = db.asUser(alice);

  beforeAll(async () => {
    await asTools(sql, 'insert into users (id) values ($1), ($2)', [alice, bob]);
    // Four tasks per millisecond, so that the id decides their order.
    await asTools(
      sql,
      `insert into tasks (user_id, id, title, completed, completed_at, created_at, updated_at)
      select $1, gen_random_uuid(), 'task ' || n, n % 3 = 0, case when n % 3 = 0 then now() end, at, now()
      from generate_series(1, 1000) n, lateral (select '2026-01-01'::timestamptz + (n / 4) * interval '1 ms' as at) times`,
      [alice],
    );
  });

  test.each(orders.flatMap((order) => filters.map((completed) => ({ order, completed }))))(
    'the pages of a list contain every task once and in order: order $order, completed $completed',
    async ({ order, completed }) => {
      const { rows } = await asTools(
        sql,
        `select id from tasks where user_id = $1 and ($2::boolean is null or completed = $2) order by created_at, id`,
        [alice, completed ?? null],
      );
      const expected = rows.map(({ id }: { id: string }) => id);
      if (order === 'newest') expected.reverse();
      const items = await collect(scope, { limit: 7, order, completed });
      expect(items.map(({ id }) => id)).toEqual(expected);
    },
  );

  test('has no cursor on its last page, even if that page is full', async () => {
    const page = await listTasks(scope, { limit: 200, order: 'newest' });
    expect(page.nextCursor).not.toBeNull();
    const all = await collect(scope, { limit: 200, order: 'newest' });
    expect(all).toHaveLength(1_000);
    expect(await listTasks(db.asUser(bob), { limit: 1, order: 'newest' })).toEqual({ items: [], nextCursor: null });
  });

  test.each(orders)(
    'neither skips nor repeats unchanged tasks during concurrent writes, in order %s',
    async (order) => {
      const before = await collect(scope, { limit: 200, order });
      const touched = new Set<string>();
      const write = async (page: number) => {
        const victims = before.filter((_, at) => at % 25 === page % 25).map(({ id }) => id);
        await Promise.all(
          victims.map((id, at) => {
            touched.add(id);
            return at % 2 === 0
              ? deleteTask(scope, { id }).catch(() => {})
              : updateTask(scope, { id, completed: true }).catch(() => {});
          }),
        );
        await createTask(scope, { title: `made at page ${page}` });
      };
      const running: Promise<void>[] = [];
      const seen = await collect(scope, { limit: 50, order }, async (page) => {
        if (page < 12) running.push(write(page));
      });
      await Promise.all(running);
      const count = new Map<string, number>();
      for (const { id } of seen) count.set(id, (count.get(id) ?? 0) + 1);
      const untouched = before.filter(({ id }) => !touched.has(id));
      expect(untouched.length).toBeGreaterThan(300);
      expect(untouched.filter(({ id }) => count.get(id) !== 1)).toEqual([]);
    },
  );

  test('accepts a cursor only for the user, filter and order that it was issued for', async () => {
    const query = { limit: 10, order: 'newest' } as const;
    const { nextCursor } = await listTasks(scope, query);
    const cursor = nextCursor!;
    const refused = { code: 'INVALID_CURSOR' };
    await expect(listTasks(db.asUser(bob), { ...query, cursor })).rejects.toMatchObject(refused);
    await expect(listTasks(scope, { ...query, order: 'oldest', cursor })).rejects.toMatchObject(refused);
    await expect(listTasks(scope, { ...query, completed: false, cursor })).rejects.toMatchObject(refused);
    await expect(listTasks(scope, { ...query, limit: 3, cursor })).resolves.toHaveProperty('items.length', 3);
  });

  test('refuses a cursor if any of its characters was changed', async () => {
    const query = { limit: 10, order: 'newest' } as const;
    const cursor = (await listTasks(scope, query)).nextCursor!;
    const forged = Array.from(
      cursor,
      (character, at) => cursor.slice(0, at) + (character === 'A' ? 'B' : 'A') + cursor.slice(at + 1),
    );
    for (const text of [...forged, '', 'null', `${cursor}=`, `${cursor}A`, cursor.slice(1), ` ${cursor}`]) {
      await expect(listTasks(scope, { ...query, cursor: text }), text).rejects.toMatchObject({
        code: 'INVALID_CURSOR',
      });
    }
  });
});

test('cursors remain valid after a restart with the same key, and are refused after a restart without it', async () => {
  const { db, url } = await openFixture({ cursorKey: 'kept' });
  for (const title of ['one', 'two']) await createTask(db.asUser(alice), { title });
  const query = { limit: 1, order: 'oldest' } as const;
  const { nextCursor } = await listTasks(db.asUser(alice), query);
  const [again, other] = [await openDatabase({ url, cursorKey: 'kept' }), await openDatabase({ url })];
  const page = await listTasks(again.asUser(alice), { ...query, cursor: nextCursor! });
  expect(page).toMatchObject({ items: [{ title: 'two' }], nextCursor: null });
  await expect(listTasks(other.asUser(alice), { ...query, cursor: nextCursor! })).rejects.toMatchObject({
    code: 'INVALID_CURSOR',
  });
  await again.close();
  await other.close();
});

test('a cursor that the previous version issued continues its list', async () => {
  const { db } = await openFixture({ cursorKey: 'kept' });
  const scope = db.asUser(alice);
  const [first, second] = [await createTask(scope, { title: 'one' }), await createTask(scope, { title: 'two' })];
  for (const completed of [undefined, false]) {
    const position = `${Date.parse(first.createdAt).toString(36)}.${first.id}`;
    const signature = createHmac('sha256', 'kept')
      .update(`${alice} ${completed} oldest\n${position}`)
      .digest('base64url');
    const cursor = `${position}.${signature.slice(0, 22)}`;
    expect((await listTasks(scope, { limit: 5, order: 'oldest', completed, cursor })).items).toEqual([second]);
  }
});

test.each(orders)('pages with a size limit end early and return every task once, in order %s', async (order) => {
  const { db } = await openFixture();
  const scope = db.asUser(alice);
  const sizes = [10_000, 3_000, 0, 10_000, 5_000, 0, 0, 8_000];
  for (const size of sizes) await createTask(scope, { title: 'x', description: '😀'.repeat(size) });
  const all = await collect(scope, { limit: 200, order });
  for (const maxBytes of [1, 20_000, 50_000, 145_000, 200_000]) {
    const pages: number[] = [];
    const items = await collect(scope, { limit: 5, order, maxBytes }, async (page) => void pages.push(page));
    expect(items).toEqual(all);
    // With 1 byte, each page has one task, and no page is empty.
    if (maxBytes === 1) expect(pages).toHaveLength(sizes.length);
  }
});

test('a page exceeds its size limit by at most one task', async () => {
  const { db } = await openFixture();
  const scope = db.asUser(alice);
  for (let count = 0; count < 30; count++) await createTask(scope, { title: 'x', description: '😀'.repeat(10_000) });
  const { items, nextCursor } = await listTasks(scope, { limit: 200, order: 'newest', maxBytes: 1_000_000 });
  expect(items).toHaveLength(25);
  expect(nextCursor).not.toBeNull();
});

test('a page of tasks with many labels that reaches its size limit continues with the next task', async () => {
  const { db } = await openFixture();
  const scope = db.asUser(alice);
  const labels = Array.from({ length: 20 }, (_, at) => `${at}`);
  const items = Array.from({ length: 100 }, () => ({ title: 'x', description: 'x'.repeat(3_000), labels }));
  for (let call = 0; call < 2; call++) await createTasks(scope, items);
  for (const order of orders) {
    expect(await collect(scope, { limit: 200, order, maxBytes: 500_000 })).toHaveLength(200);
  }
});
