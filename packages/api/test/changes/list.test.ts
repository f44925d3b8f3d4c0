import { expect, test } from 'vitest';
import { type RouterOutputs } from '../../src/index.ts';
import { createUser, openFixture } from '../fixture.ts';
import { openServer } from '../http.ts';

const { db, as } = await openFixture();
const { call, send } = await openServer(db);

type Changes = RouterOutputs['changes']['list'];
const nothing = { tasks: [], lists: [], removed: [], hasMore: false, isReset: false };

test('changes.list returns a copy first, then the changes since its cursor', async () => {
  const caller = createUser();
  const list = async (input?: object) => (await call(caller, 'changes.list', input)).data as Changes;
  expect(await list()).toEqual({ ...nothing, cursor: null });
  const { task } = as(caller);
  const home = await as(caller).list.create({ name: 'Home' });
  const first = await task.create({ title: 'one', listId: home.id });
  const copy = await list();
  expect(copy).toEqual({ ...nothing, tasks: [first], lists: [home], cursor: expect.any(String) });
  expect(await list({ since: copy.cursor })).toEqual({ ...nothing, cursor: copy.cursor });
  const second = await task.create({ title: 'two' });
  await task.delete({ id: first.id });
  const page = await list({ since: copy.cursor, limit: 1000 });
  expect(page.tasks).toMatchObject([second, { id: first.id, deletedAt: expect.any(String) }]);
  expect(page).toMatchObject({ lists: [], removed: [], hasMore: false, isReset: false });
  await as(caller).trash.purge({ ids: [first.id] });
  await as(caller).list.delete({ id: home.id });
  expect(await list({ since: page.cursor })).toMatchObject({
    tasks: [],
    lists: [],
    removed: [
      { kind: 'task', id: first.id },
      { kind: 'list', id: home.id },
    ],
  });
});

test('changes.list has 500 changes per page by default, and all pages together have every task', async () => {
  const caller = createUser();
  for (let call = 0; call < 2; call += 1) {
    await as(caller).task.createMany({ items: Array.from({ length: 300 }, () => ({ title: 'x' })) });
  }
  const pages = [await as(caller).changes.list()];
  while (pages.at(-1)!.hasMore) pages.push(await as(caller).changes.list({ since: pages.at(-1)!.cursor! }));
  expect(pages.map(({ tasks }) => tasks.length)).toEqual([500, 100]);
  expect(new Set(pages.flatMap(({ tasks }) => tasks.map(({ id }) => id))).size).toBe(600);
});

test('a cursor that no call has returned to this user is BAD_REQUEST and names the field', async () => {
  const caller = createUser();
  await as(caller).task.create({ title: 'one' });
  await as(caller).task.create({ title: 'two' });
  const { cursor } = await as(caller).changes.list();
  const { nextCursor } = await as(caller).task.list({ limit: 1 });
  const tampered = cursor!.replace(/^./, (character) => (character === 'W' ? 'X' : 'W'));
  for (const since of ['', 'x', `${cursor!}x`, tampered, nextCursor!]) {
    const message = 'The cursor does not match this user. Start again without since.';
    expect(await call(caller, 'changes.list', { since })).toMatchObject({
      status: 400,
      error: { message, data: { validation: { errors: [], properties: { since: { errors: [message] } } } } },
    });
  }
});

test.each([
  [{ limit: 0 }, 'limit'],
  [{ limit: 1001 }, 'limit'],
  [{ limit: 1.5 }, 'limit'],
  [{ since: null }, 'since'],
  [{ since: 'x'.repeat(201) }, 'since'],
])('changes.list refuses %j and names the field', async (input, field) => {
  const { status, error } = await call(createUser(), 'changes.list', input);
  expect(status).toBe(400);
  expect(Object.keys(error!.data.validation!.properties!)).toEqual([field]);
});

test('changes.list and other reads of one batch return their own results', async () => {
  const caller = createUser();
  const created = await as(caller).task.create({ title: 'one' });
  const { cursor } = await as(caller).changes.list();
  const inputs = encodeURIComponent(JSON.stringify({ 1: { since: cursor }, 2: { id: created.id }, 3: { since: 'x' } }));
  const { text } = await send(caller, `changes.list,changes.list,task.get,changes.list?batch=1&input=${inputs}`);
  const results = JSON.parse(text) as { result?: { data: unknown }; error?: { data: { code: string } } }[];
  expect(results).toMatchObject([
    { result: { data: { tasks: [created], cursor } } },
    { result: { data: { tasks: [], cursor } } },
    { result: { data: created } },
    { error: { data: { code: 'BAD_REQUEST' } } },
  ]);
});
