import { createClient, newId, newTaskId } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { createStorage, errorOf, openProxy, refusal, signUpClient, startServer } from './fixture.ts';

const proxy = await openProxy(await startServer());
const calls = () => proxy.seen.filter((line) => line.includes('/trpc/'));

beforeEach(() => {
  proxy.decide = () => 'pass';
});

/** Gives the first call of a procedure this outcome. */
const first = (fate: ReturnType<typeof proxy.decide>) => {
  let left = 1;
  proxy.decide = (path) => (path.startsWith('/trpc/') && (left -= 1) >= 0 ? fate : 'pass');
};

test('a repeated create with an ID of the app returns the task as it is now', async () => {
  const holdfast = await signUpClient(proxy);
  const input = { id: newTaskId(), title: 'mine', due: { date: '2027-06-01' }, labels: ['home'] };
  await holdfast.task.create(input);
  const changed = await holdfast.task.update({ id: input.id, title: 'changed' });
  expect(await holdfast.task.create(input)).toEqual(changed);
  expect(await errorOf(holdfast.task.create({ ...input, title: 'other' }))).toMatchObject({
    code: 'CONFLICT',
    current: changed,
  });
});

test('a retried create succeeds if a server before 0.2 says that the task has changed since', async () => {
  const holdfast = await signUpClient(proxy);
  const current = { ...(await holdfast.task.create({ title: 'mine' })), title: 'changed', version: 2 };
  const conflict = refusal('CONFLICT', 409, { current });
  let creates = 0;
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    creates += 1;
    return creates % 2 === 1 ? 'cut' : conflict;
  };
  expect(await holdfast.task.create({ title: 'mine' })).toEqual(current);
  // An ID of the app can be the ID of another task.
  expect(await errorOf(holdfast.task.create({ id: current.id, title: 'mine' }))).toMatchObject({ code: 'CONFLICT' });
});

test('a retried create returns the stored task if another device changed it before the retry', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const otherDevice = createClient({ url: proxy.url, storage });
  let creates = 0;
  let isChanged = false;
  proxy.decide = (path) => {
    if (path !== '/trpc/task.create') return 'pass';
    creates += 1;
    if (creates === 1) return 'lose response';
    // Gives another device time to change the task.
    return isChanged ? 'pass' : refusal('SERVICE_UNAVAILABLE', 503, { retryAfterMs: 1000 });
  };
  const creating = holdfast.task.create({ title: 'mine' });
  await expect.poll(() => creates).toBe(2);
  const [found] = (await otherDevice.task.list()).items;
  await otherDevice.task.update({ id: found!.id, title: 'changed' });
  isChanged = true;
  expect(await creating).toMatchObject({ id: found!.id, title: 'changed', version: 2 });
});

test('a read recognizes the values of an update as the server stores them', async () => {
  const holdfast = await signUpClient(proxy);
  const { id: listId } = await holdfast.list.create({ name: 'list' });
  const { id } = await holdfast.task.create({ title: 'old' });
  const due = { date: '2027-06-01', time: '09:00', timeZone: 'europe/berlin' };
  const changes = { due, labels: [' home ', 'Garden'], listId: listId.toUpperCase(), priority: 2 as const };
  first('lose response');
  expect(await holdfast.task.update({ id, ...changes })).toMatchObject({ labels: ['home', 'Garden'], version: 2 });
  first('lose response');
  expect(await holdfast.task.update({ id, due: null, labels: [] })).toMatchObject({ due: null, version: 3 });
  for (const change of [{ due: { date: '2027-06-01' } }, { labels: ['home'] }, { listId: null }]) {
    first('cut');
    expect(await errorOf(holdfast.task.update({ id, ...change }))).toMatchObject({
      code: 'NETWORK',
      isRetryable: false,
    });
  }
});

test('calls with an operationId are retried after a lost response and applied once', async () => {
  const holdfast = await signUpClient(proxy);
  const { task, list, label, trash } = holdfast;
  const lost = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    first('lose response');
    proxy.seen.length = 0;
    const result = await call();
    const [path] = calls();
    expect(calls()).toEqual([path, path]);
    return result;
  };
  const { id: listId } = await lost(() => list.create({ name: 'list' }));
  const { items } = await lost(() => task.createMany({ items: [{ title: 'a' }, { title: 'b' }] }));
  const ids = items.map(({ id }) => id);
  const updated = await lost(() => task.updateMany({ ids, set: { listId, addLabels: ['x'] } }));
  expect(updated.items.map(({ version }) => version)).toEqual([2, 2]);
  await lost(() => task.reorder({ listId, ids: ids.toReversed() }));
  expect(await lost(() => label.rename({ from: 'x', to: 'y' }))).toEqual({ count: 2 });
  expect(await lost(() => task.deleteMany({ ids }))).toEqual({ ids });
  expect((await lost(() => trash.restore({ ids }))).items).toHaveLength(2);
  expect(await lost(() => list.update({ id: listId, name: 'new' }))).toMatchObject({ version: 2 });
  expect(await lost(() => list.update({ id: listId, color: 'red', ifVersion: 2 }))).toMatchObject({ version: 3 });
  expect(await lost(() => list.delete({ id: listId }))).toEqual({ id: listId });
  expect(await lost(() => list.restore({ id: listId }))).toMatchObject({ id: listId, name: 'new' });
  const operationId = newId();
  const before = (await task.get({ id: ids[0]! })).version;
  expect(await lost(() => task.update({ id: ids[0]!, title: 'c', operationId }))).toMatchObject({
    version: before + 1,
  });
  expect((await task.list()).items).toHaveLength(2);
});

test('a purge without a response is not repeated', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  await holdfast.task.delete({ id });
  first('lose response');
  expect(await errorOf(holdfast.trash.purge({ ids: [id] }))).toMatchObject({ code: 'NETWORK', isRetryable: false });
  expect(await holdfast.trash.list()).toEqual({ items: [], nextCursor: null });
});
