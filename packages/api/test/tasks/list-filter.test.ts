import { expect, test } from 'vitest';
import { createUser, openFixture } from '../fixture.ts';
import { openServer } from '../http.ts';

const { db, as } = await openFixture();
const { call, send } = await openServer(db);

const refused: [string, object, string][] = [
  ['a blank label', { label: ' ' }, 'label: must not be blank'],
  ['a search text of 501 characters', { search: 'x'.repeat(501) }, 'search: must have at most 500 characters'],
  ['a search text with NUL', { search: 'a\0b' }, 'search: must not contain NUL or lone surrogates'],
  ['a date that does not exist', { due: { from: '2026-02-30' } }, 'due.from: The date 2026-02-30 does not exist.'],
  ['a malformed date', { due: { until: 'today' } }, 'due.until: The date is malformed. Use YYYY-MM-DD'],
  ['no date together with a range', { due: { none: true, from: '2026-01-01' } }, 'due: Tasks without a date are in no'],
  ['none: false', { due: { none: false } }, 'due.none: must be true'],
  [
    'a time without a zone',
    { updatedAfter: '2026-01-01T00:00:00' },
    'updatedAfter: The time is malformed. Use ISO 8601',
  ],
  ['a malformed time', { completedAfter: 'now' }, 'completedAfter: The time is malformed. Use ISO 8601'],
  ['a time before the year 1', { updatedAfter: '0001-01-01T00:00:00+01:00' }, 'updatedAfter: must be from the year 1'],
  [
    'a time after the year 9999',
    { updatedAfter: '9999-12-31T23:59:59-01:00' },
    'updatedAfter: must be from the year 1',
  ],
  ['a priority of 4', { priority: 4 }, 'priority: must be one of 0, 1, 2, 3'],
  ['a list that is no UUID', { listId: 'inbox' }, 'listId: must be a UUID'],
];

test.each(refused)('task.list and task.count refuse a filter with %s', async (_, filter, message) => {
  for (const path of ['task.list', 'task.count']) {
    const { status, error } = await call(createUser(), path, filter);
    expect({ path, status }).toEqual({ path, status: 400 });
    expect(error?.message).toContain(message);
  }
});

test('task.list refuses an unknown order and names the known ones', async () => {
  const { error } = await call(createUser(), 'task.list', { order: 'random' });
  expect(error?.message).toBe(
    'order: must be one of newest, oldest, position, due, completed, updated, priority, title',
  );
});

test('a blank search text is no condition', async () => {
  const { task } = as(createUser());
  await task.create({ title: 'one' });
  for (const search of ['', ' \t\n', '\u0301']) {
    expect((await task.list({ search })).items).toHaveLength(1);
    expect(await task.count({ search })).toEqual({ count: 1 });
  }
});

test('search finds any script, in any case, with or without accents, by the start of a word', async () => {
  const { task } = as(createUser());
  const titles = ['Café crème', 'Straße', '牛乳を買う', 'Ελλάς', 'Купить молоко', 'שלום', '100% \\_done_', `it's "so"`];
  for (const title of titles) await task.create({ title });
  const find = async (search: string) => (await task.list({ search, order: 'oldest' })).items.map(({ title }) => title);
  expect(await find('CREME caf')).toEqual(['Café crème']);
  expect(await find('strasse')).toEqual(['Straße']);
  expect(await find('牛乳')).toEqual(['牛乳を買う']);
  expect(await find('ελλας')).toEqual(['Ελλάς']);
  expect(await find('МОЛОК')).toEqual(['Купить молоко']);
  expect(await find('שלו')).toEqual(['שלום']);
  expect(await find('%')).toEqual(['100% \\_done_']);
  expect(await find('_')).toEqual(['100% \\_done_']);
  expect(await find('\\')).toEqual(['100% \\_done_']);
  expect(await find(`"so" it's`)).toEqual([`it's "so"`]);
  expect(await find('x'.repeat(500))).toEqual([]);
  expect(await find('ab cd ef gh ij kl mn op qr st uv wx yz')).toEqual([]);
});

test('search finds words of the description and of labels', async () => {
  const { task } = as(createUser());
  const { id } = await task.create({ title: 'one', description: 'Bring the Umbrella', labels: ['Errands'] });
  await task.create({ title: 'two' });
  for (const search of ['umbr', 'errand', 'one umbrella errands']) {
    expect((await task.list({ search })).items.map((found) => found.id)).toEqual([id]);
  }
});

test('a label filter ignores case and does not match a part of a label', async () => {
  const { task } = as(createUser());
  const { id } = await task.create({ title: 'one', labels: ['Zuhause Ä'] });
  await task.create({ title: 'two', labels: ['Zuhause Ä 2'] });
  for (const label of ['zuhause ä', 'ZUHAUSE Ä', ' Zuhause A\u0308 ']) {
    expect((await task.list({ label })).items.map((found) => found.id)).toEqual([id]);
  }
  expect(await task.count({ label: 'Zuhause' })).toEqual({ count: 0 });
});

test('a title order ignores case and accents', async () => {
  const { task } = as(createUser());
  for (const title of ['b', 'Ä2', 'a1', 'C', 'á3']) await task.create({ title });
  const { items } = await task.list({ order: 'title' });
  expect(items.map(({ title }) => title)).toEqual(['a1', 'Ä2', 'á3', 'b', 'C']);
});

test('a due order has the earliest date first, tasks with a time before those of the whole day, and no date last', async () => {
  const { task } = as(createUser());
  const dues = [
    null,
    { date: '2026-01-02' },
    { date: '2026-01-02', time: '09:00', timeZone: 'Asia/Tokyo' },
    { date: '2026-01-02', time: '08:00' },
    { date: '2026-01-01' },
  ];
  for (const due of dues) await task.create({ title: 'x', due });
  const { items } = await task.list({ order: 'due' });
  expect(items.map(({ due }) => due)).toEqual([dues[4], dues[3], dues[2], dues[1], null]);
});

test('pages of long titles with a common start have a cursor that the next call accepts', async () => {
  const { task } = as(createUser());
  for (let count = 0; count < 5; count++) await task.create({ title: '😀ﷺ'.repeat(60) + count });
  const seen = new Set<string>();
  let cursor: string | null | undefined;
  do {
    const page = await task.list({ order: 'title', limit: 2, cursor });
    for (const { id } of page.items) seen.add(id);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen.size).toBe(5);
});

test('a cursor is refused for another filter', async () => {
  const { task } = as(createUser());
  for (let count = 0; count < 3; count++)
    await task.create({ title: 'milk', labels: ['a'], due: { date: '2026-01-01' } });
  const query = { limit: 1, search: 'milk', label: 'a', due: { from: '2026-01-01' } } as const;
  for (const order of ['newest', 'due', 'title'] as const) {
    const { nextCursor: cursor } = await task.list({ ...query, order });
    expect((await task.list({ ...query, order, cursor })).items).toHaveLength(1);
    for (const other of [
      { search: 'mil' },
      { search: undefined },
      { label: 'b' },
      { due: { from: '2025-12-31' } },
      { due: { until: '2026-01-01' } },
      { priority: 0 as const },
      { listId: null },
      { updatedAfter: '2026-01-01T00:00:00Z' },
      { order: 'updated' as const },
    ]) {
      await expect(task.list({ ...query, order, cursor, ...other })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        message: 'The cursor does not match this list. Start again without a cursor.',
      });
    }
  }
});

test('twenty counts of one batch have separate results', async () => {
  const caller = createUser();
  const { task } = as(caller);
  for (let priority = 0; priority < 4; priority++) await task.create({ title: 'x', priority: priority as 0 });
  await task.create({ title: 'y', priority: 3, completed: true });
  const inputs = Array.from({ length: 20 }, (_, at) => ({
    priority: at % 4,
    completed: at % 8 < 4 ? false : undefined,
  }));
  const path = inputs.map(() => 'task.count').join();
  const input = encodeURIComponent(JSON.stringify(Object.fromEntries(inputs.entries())));
  const { text } = await send(caller, `${path}?batch=1&input=${input}`);
  const counts = (JSON.parse(text) as { result: { data: unknown } }[]).map(({ result }) => result.data);
  expect(counts).toEqual(
    inputs.map(({ priority, completed }) => ({ count: priority === 3 && completed === undefined ? 2 : 1 })),
  );
});
