import type { RouterInputs, RouterOutputs } from '@holdfast/api';
import { type Calls, type HoldfastError, isHoldfastError, type List, type Task } from '@holdfast/client';
import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query';
import { isTRPCClientError } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { expect, expectTypeOf, test } from 'vitest';
import { errorOf, signUpClient, openProxy, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());

test('the client has a call for every procedure, with the types of the server', () => {
  expectTypeOf<keyof Calls>().toEqualTypeOf<keyof RouterOutputs>();
  expectTypeOf<Exclude<keyof Calls['task'], 'listAll'>>().toEqualTypeOf<keyof RouterOutputs['task']>();
  expectTypeOf<keyof Calls['trash']>().toEqualTypeOf<keyof RouterOutputs['trash']>();
  expectTypeOf<keyof Calls['list']>().toEqualTypeOf<keyof RouterOutputs['list']>();
  expectTypeOf<keyof Calls['label']>().toEqualTypeOf<keyof RouterOutputs['label']>();
  expectTypeOf<keyof Calls['calendar']>().toEqualTypeOf<keyof RouterOutputs['calendar']>();
  expectTypeOf<Exclude<keyof Calls['user'], 'exportAll'>>().toEqualTypeOf<keyof RouterOutputs['user']>();
  expectTypeOf<keyof Calls['changes']>().toEqualTypeOf<keyof RouterOutputs['changes']>();
  expectTypeOf<Parameters<Calls['task']['update']>[0]>().toEqualTypeOf<RouterInputs['task']['update']>();
  type ListAllInput = NonNullable<Parameters<Calls['task']['listAll']>[0]>;
  type PageInput = { limit?: number; completed?: boolean; listId?: string | null; order?: 'newest' | 'due' };
  expectTypeOf<PageInput>().toExtend<ListAllInput>();
  expectTypeOf<{ cursor: string }>().not.toExtend<ListAllInput>();
  expectTypeOf<Task>().not.toBeAny();
  expectTypeOf<Task['completedAt']>().toEqualTypeOf<string | null>();
});

test('the code of an error decides its type', async () => {
  const holdfast = await signUpClient(proxy);
  const task = await holdfast.task.create({ title: 'one' });
  await holdfast.task.update({ id: task.id, title: 'two' });
  const error: unknown = await errorOf(holdfast.task.update({ id: task.id, title: 'three', ifVersion: 1 }));
  if (!isHoldfastError(error)) throw error;
  expectTypeOf(error).toEqualTypeOf<HoldfastError>();
  if (error.code !== 'CONFLICT') throw error;
  expectTypeOf(error.current).toEqualTypeOf<Task>();
  expect(error).toMatchObject({
    isRetryable: true,
    isUndone: true,
    requestId: expect.any(String),
    current: { title: 'two', version: 2 },
  });
  const invalid: unknown = await errorOf(holdfast.task.create({ title: ' ' }));
  if (!isHoldfastError(invalid, 'BAD_REQUEST')) throw invalid;
  expect(invalid.validation?.properties?.['title']?.errors).toEqual(['must not be blank']);
  // @ts-expect-error -- Only CONFLICT has this field.
  expect(invalid.current).toBeUndefined();
  expect(isHoldfastError(invalid, 'CONFLICT')).toBe(false);
  expect(isHoldfastError(new Error('of the app'))).toBe(false);
  const raw: unknown = await errorOf(holdfast.trpc.task.get.query({ id: crypto.randomUUID() }));
  expect(isHoldfastError(raw, 'NOT_FOUND') && isTRPCClientError(raw) && raw.data).toMatchObject({ code: 'NOT_FOUND' });
});

test('a conflict of a list has the stored list, and a call with missing tasks has their IDs', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.list.create({ name: 'one' });
  await holdfast.list.update({ id, name: 'two' });
  const error: unknown = await errorOf(holdfast.list.update({ id, name: 'three', ifVersion: 1 }));
  if (!isHoldfastError(error, 'CONFLICT')) throw error;
  expectTypeOf(error.currentList).toEqualTypeOf<List | undefined>();
  expect(error).toMatchObject({ isRetryable: true, currentList: { id, name: 'two', version: 2 } });
  expect(error).not.toHaveProperty('current');
  const task = await holdfast.task.create({ title: 'task' });
  const ids = [crypto.randomUUID(), crypto.randomUUID()];
  const missing: unknown = await errorOf(holdfast.task.deleteMany({ ids: [task.id, ...ids] }));
  if (!isHoldfastError(missing, 'NOT_FOUND')) throw missing;
  expectTypeOf(missing.ids).toEqualTypeOf<string[] | undefined>();
  expect(missing.ids?.toSorted()).toEqual(ids.toSorted());
  expect(await holdfast.task.get({ id: task.id })).toEqual(task);
});

test('each call of the client reaches its procedure', async () => {
  const holdfast = await signUpClient(proxy);
  const { task, list, label, trash, user, changes, calendar } = holdfast;
  const { id: listId } = await list.create({ name: 'Home' });
  const { items } = await task.createMany({ items: [{ title: 'a', listId }, { title: 'b' }] });
  const ids = items.map(({ id }) => id);
  await task.updateMany({ ids, set: { listId, addLabels: ['new'] } });
  const reordered = await task.reorder({ listId, ids: ids.toReversed() });
  expect(reordered.items.map(({ title }) => title)).toEqual(['b', 'a']);
  expect(await label.rename({ from: 'new', to: 'newer' })).toEqual({ count: 2 });
  expect(await label.list()).toEqual({ items: [{ name: 'newer', count: 2 }] });
  const { createdAt } = await calendar.create();
  expect(await calendar.get()).toEqual({ createdAt });
  expect(await calendar.revoke()).toBeUndefined();
  expect(await task.count({ listId })).toEqual({ count: 2 });
  const page = await task.list({ listId, order: 'position' });
  expect(page.items.map(({ title }) => title)).toEqual(['b', 'a']);
  await task.deleteMany({ ids });
  expect((await trash.list({ limit: 1 })).items).toHaveLength(1);
  expect((await trash.restore({ ids: [ids[0]!] })).items).toMatchObject([{ title: 'a', deletedAt: null }]);
  expect(await trash.purge({ ids })).toEqual({ count: 1 });
  await list.delete({ id: listId, moveTo: null });
  expect(await list.list()).toEqual({ items: [] });
  expect(await list.restore({ id: listId })).toMatchObject({ id: listId, name: 'Home' });
  const copy = await changes.list();
  expect(copy.lists).toMatchObject([{ name: 'Home' }]);
  expect(await changes.list({ since: copy.cursor! })).toMatchObject({ tasks: [], cursor: copy.cursor, hasMore: false });
  expect(await user.update({ timeZone: 'europe/berlin' })).toMatchObject({ timeZone: 'Europe/Berlin' });
  expect(await user.me()).toMatchObject({ timeZone: 'Europe/Berlin' });
  expect(await task.get({ id: ids[0]! })).toMatchObject({ title: 'a', labels: ['newer'], listId: null });
});

test('listAll yields the tasks of all pages and requests no page that the caller does not need', async () => {
  const holdfast = await signUpClient(proxy);
  await Promise.all(Array.from({ length: 5 }, (_, index) => holdfast.task.create({ title: `task ${index}` })));
  proxy.seen.length = 0;
  const titles: string[] = [];
  for await (const task of holdfast.task.listAll({ limit: 2 })) titles.push(task.title);
  expect(titles.toSorted()).toEqual(['task 0', 'task 1', 'task 2', 'task 3', 'task 4']);
  expect(proxy.seen).toHaveLength(3);
  for await (const task of holdfast.task.listAll({ limit: 2 })) if (task) break;
  expect(proxy.seen).toHaveLength(4);
  const controller = new AbortController();
  const aborted = errorOf(
    (async () => {
      for await (const task of holdfast.task.listAll({ limit: 2 }, { signal: controller.signal }))
        if (task) controller.abort();
    })(),
  );
  expect(await aborted).toMatchObject({ code: 'ABORTED' });
  expect(proxy.seen).toHaveLength(5);
});

test('a streamed batch returns each call’s own result or error', async () => {
  const statuses: number[] = [];
  async function recordStatus(...request: Parameters<typeof fetch>): Promise<Response> {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  }
  const holdfast = await signUpClient(proxy, { streaming: true, fetch: recordStatus });
  const { id } = await holdfast.task.create({ title: 'streamed' });
  proxy.seen.length = 0;
  const [found, missing] = await Promise.all([
    holdfast.task.get({ id }),
    errorOf(holdfast.task.get({ id: crypto.randomUUID() })),
  ]);
  expect(found.title).toBe('streamed');
  // A stream sends its status before the first result. Without streaming, it would be 207.
  expect(statuses.at(-1)).toBe(200);
  expect(missing).toMatchObject({ code: 'NOT_FOUND', isRetryable: true });
  expect(proxy.seen).toHaveLength(1);
});

test('the client works with TanStack Query', async () => {
  const holdfast = await signUpClient(proxy);
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const trpc = createTRPCOptionsProxy({ client: holdfast.trpc, queryClient });
  const task = await holdfast.task.create({ title: 'queried' });
  const page = await queryClient.fetchQuery(trpc.task.list.queryOptions({ completed: false }));
  expectTypeOf(page.items[0]!).toEqualTypeOf<Task>();
  expect(page.items).toEqual([task]);
});

test('an infinite query of TanStack Query reads two pages', async () => {
  const holdfast = await signUpClient(proxy);
  for (const title of ['one', 'two', 'three']) await holdfast.task.create({ title });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const trpc = createTRPCOptionsProxy({ client: holdfast.trpc, queryClient });
  const options = trpc.task.list.infiniteQueryOptions(
    { limit: 2, order: 'oldest' },
    { getNextPageParam: ({ nextCursor }) => nextCursor, initialCursor: null },
  );
  const observer = new InfiniteQueryObserver(queryClient, options);
  const stop = observer.subscribe(() => {});
  await observer.refetch();
  expect(observer.getCurrentResult().hasNextPage).toBe(true);
  const { data, hasNextPage, error } = await observer.fetchNextPage();
  stop();
  expect(error).toBeNull();
  expect(data?.pages.map(({ items }) => items.map(({ title }) => title))).toEqual([['one', 'two'], ['three']]);
  expect(hasNextPage).toBe(false);
});

test('an input that is too long for a URL is PAYLOAD_TOO_LARGE', async () => {
  const holdfast = await signUpClient(proxy);
  const error = await errorOf(holdfast.task.list({ cursor: 'x'.repeat(10_000) }));
  expect(error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
});
