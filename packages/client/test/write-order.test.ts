import { createClient, newId, newTaskId } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { createStorage, errorOf, openProxy, refusal, signUpClient, startServer } from './fixture.ts';

const server = await startServer();
const proxy = await openProxy(server);

beforeEach(() => {
  proxy.decide = () => 'pass';
});

test('a create and the following calls for the same task succeed without waiting for each other', async () => {
  const holdfast = await signUpClient(proxy);
  for (let round = 0; round < 10; round += 1) {
    const id = newTaskId();
    const [created, updated, read] = await Promise.all([
      holdfast.task.create({ id, title: 'new' }),
      holdfast.task.update({ id: id.toUpperCase(), title: 'changed' }),
      holdfast.task.get({ id }),
    ]);
    expect([created.title, updated.title, read.title]).toEqual(['new', 'changed', 'changed']);
    const [last] = await Promise.all([holdfast.task.update({ id, title: 'last' }), holdfast.task.delete({ id })]);
    expect(last.title).toBe('last');
  }
});

test('a call with several tasks waits for writes to each of them, and later writes wait for it', async () => {
  const holdfast = await signUpClient(proxy);
  for (let round = 0; round < 5; round += 1) {
    const [one, two] = [newTaskId(), newTaskId()];
    const [, , many, updated, deleted, read] = await Promise.all([
      holdfast.task.create({ id: one, title: 'one' }),
      holdfast.task.createMany({ items: [{ id: two.toUpperCase(), title: 'two' }] }),
      holdfast.task.updateMany({ ids: [one, two], set: { priority: 1 } }),
      holdfast.task.update({ id: two, priority: 2 }),
      holdfast.task.deleteMany({ ids: [one] }),
      holdfast.task.get({ id: two }),
    ]);
    expect(many.items.map(({ title, priority }) => [title, priority])).toEqual([
      ['one', 1],
      ['two', 1],
    ]);
    expect([updated.priority, read.priority, deleted]).toEqual([2, 2, { ids: [one] }]);
    const [restored, last] = await Promise.all([
      holdfast.trash.restore({ ids: [one] }),
      holdfast.task.update({ id: one, title: 'last' }),
    ]);
    expect([restored.items[0]!.title, last.title]).toEqual(['one', 'last']);
  }
});

test('tasks of a list wait for the pending create of the list, but not for each other', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  const id = newId();
  const old = await holdfast.task.create({ title: 'old' });
  const [, tasks, , counted, moved] = await Promise.all([
    holdfast.list.create({ id, name: 'new' }),
    Promise.all(['a', 'b', 'c'].map((title) => holdfast.task.create({ title, listId: id }))),
    holdfast.list.update({ id, name: 'changed' }),
    holdfast.task.count({ listId: id }),
    holdfast.task.updateMany({ ids: [old.id], set: { listId: id } }),
  ]);
  expect(counted.count).toBeLessThanOrEqual(4);
  expect(moved.items.map(({ listId }) => listId)).toEqual([id]);
  expect(tasks.map(({ listId }) => listId)).toEqual([id, id, id]);
  expect((await holdfast.list.list()).items).toMatchObject([{ id, name: 'changed', version: 2 }]);
  expect(proxy.seen.filter((line) => line.includes('task.create,'))).toEqual([
    'POST /trpc/task.create,task.create,task.create',
  ]);
  const [, deleted] = await Promise.all([
    holdfast.task.create({ title: 'd', listId: id }),
    holdfast.list.delete({ id }),
  ]);
  expect(deleted).toEqual({ id });
  expect(await holdfast.task.count({ listId: null })).toEqual({ count: 0 });
});

test('a call with keepalive brings along the writes that it must follow, and those that these must follow', async () => {
  const holdfast = await signUpClient(proxy);
  const { id: blocked } = await holdfast.task.create({ title: 'blocked' });
  const listId = newId();
  const id = newTaskId();
  let isHeld = true;
  proxy.decide = (path) => (isHeld && path === '/trpc/task.update' ? 'hang' : 'pass');
  proxy.seen.length = 0;
  const controller = new AbortController();
  const hanging = errorOf(holdfast.task.update({ id: blocked, title: 'first' }, { signal: controller.signal }));
  await expect.poll(() => proxy.seen.length).toBe(1);
  const writes = [
    holdfast.list.create({ id: listId, name: 'list' }),
    holdfast.task.create({ id, title: 'task', listId }),
    holdfast.task.updateMany({ ids: [blocked, id], set: { priority: 3 } }),
    holdfast.list.create({ name: 'of no concern' }),
    holdfast.task.delete({ id }, { keepalive: true }),
  ];
  await Promise.all(writes);
  expect(proxy.seen.slice(1)).toEqual([
    'POST /trpc/list.create,task.create,task.updateMany,task.delete',
    'POST /trpc/list.create',
  ]);
  isHeld = false;
  controller.abort();
  await hanging;
  expect(await holdfast.task.get({ id: blocked })).toMatchObject({ title: 'blocked', priority: 3 });
});

test('writes without IDs are sent in the order of the calls', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.task.create({ title: 'task', labels: ['a'] });
  const zones = ['Europe/Berlin', 'Asia/Tokyo', 'America/Lima'];
  const [, last] = await Promise.all([
    Promise.all(zones.map((timeZone) => holdfast.user.update({ timeZone }))),
    holdfast.user.me(),
    holdfast.label.rename({ from: 'a', to: 'b' }),
    holdfast.label.rename({ from: 'b', to: 'c' }),
  ]);
  expect(last.timeZone).toBe('America/Lima');
  expect(await holdfast.label.list()).toEqual({ items: [{ name: 'c', count: 1 }] });
});

test('writes to different tasks share one request', async () => {
  const holdfast = await signUpClient(proxy);
  await holdfast.user.me();
  proxy.seen.length = 0;
  await Promise.all(Array.from({ length: 10 }, (_, index) => holdfast.task.create({ title: `${index}` })));
  expect(proxy.seen).toHaveLength(1);
});

test('a write that waits for an earlier one ends at its abort and is not sent', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  proxy.decide = () => 'hang';
  proxy.seen.length = 0;
  const [first, second] = [new AbortController(), new AbortController()];
  const hanging = errorOf(holdfast.task.update({ id, title: 'first' }, { signal: first.signal }));
  const waiting = errorOf(holdfast.task.update({ id, title: 'second' }, { signal: second.signal }));
  await expect.poll(() => proxy.seen.length).toBe(1);
  second.abort();
  expect(await waiting).toMatchObject({ code: 'ABORTED', isRetryable: true });
  first.abort();
  expect(await hanging).toMatchObject({ code: 'ABORTED', isRetryable: false });
  expect(proxy.seen).toHaveLength(1);
});

test('a double click with ifVersion does not conflict with itself', async () => {
  const holdfast = await signUpClient(proxy);
  const { id, version } = await holdfast.task.create({ title: 'task' });
  const click = (completed: boolean) => holdfast.task.update({ id, completed, ifVersion: version });
  const tasks = await Promise.all([click(true), click(false), click(false), click(true)]);
  expect(tasks.map((task) => [task.completed, task.version])).toEqual([
    [true, 2],
    [false, 3],
    [false, 3],
    [true, 4],
  ]);
  // A call after the responses knows the new version, so an old one is a conflict.
  expect(await errorOf(click(false))).toMatchObject({ code: 'CONFLICT', current: { version: 4 } });
});

test('a double click with ifVersion conflicts with a change of another device', async () => {
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const otherDevice = createClient({ url: server, storage });
  const { id, version } = await holdfast.task.create({ title: 'task' });
  let isChanged = false;
  let updates = 0;
  proxy.decide = (path) => {
    if (path !== '/trpc/task.update') return 'pass';
    updates += 1;
    return updates === 1 || isChanged ? 'pass' : refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true });
  };
  const first = holdfast.task.update({ id, completed: true, ifVersion: version });
  const second = errorOf(holdfast.task.update({ id, completed: false, ifVersion: version }));
  expect(await first).toMatchObject({ version: 2 });
  await expect.poll(() => updates).toBeGreaterThan(1);
  await otherDevice.task.update({ id, title: 'theirs' });
  isChanged = true;
  expect(await second).toMatchObject({ code: 'CONFLICT', current: { title: 'theirs', completed: true } });
});

test('a call with keepalive is sent at once, after the writes to the task that were not sent', async () => {
  const holdfast = await signUpClient(proxy);
  const { id } = await holdfast.task.create({ title: 'old' });
  let isHeld = true;
  proxy.decide = (path) => (isHeld && path === '/trpc/task.update' && proxy.seen.length === 1 ? 'hang' : 'pass');
  proxy.seen.length = 0;
  const controller = new AbortController();
  const hanging = errorOf(holdfast.task.update({ id, title: 'first' }, { signal: controller.signal }));
  await expect.poll(() => proxy.seen.length).toBe(1);
  const waiting = holdfast.task.update({ id, description: 'second' });
  const urgent = holdfast.task.update({ id, title: 'third' }, { keepalive: true });
  expect(await urgent).toMatchObject({ title: 'third', description: 'second', version: 3 });
  expect(await waiting).toMatchObject({ title: 'old', description: 'second', version: 2 });
  expect(proxy.seen.slice(1)).toEqual(['POST /trpc/task.update,task.update']);
  isHeld = false;
  controller.abort();
  await hanging;
  // Two calls of one tick: the first one is not sent again behind the second one.
  proxy.seen.length = 0;
  const batched = holdfast.task.update({ id, title: 'fourth' });
  const other = holdfast.task.create({ title: 'other' });
  expect(await holdfast.task.update({ id, title: 'fifth' }, { keepalive: true })).toMatchObject({ version: 5 });
  expect([(await batched).title, (await other).title]).toEqual(['fourth', 'other']);
  expect(await holdfast.task.get({ id })).toMatchObject({ title: 'fifth' });
  expect(proxy.seen).toEqual(['POST /trpc/task.update,task.update', 'POST /trpc/task.create', 'GET /trpc/task.get']);
});

test('calls with keepalive on their way may have 64 KiB, and an unavailable server is tried again', async () => {
  const holdfast = await signUpClient(proxy);
  const text = '😀'.repeat(9000);
  const [one, two] = [await holdfast.task.create({ title: '1' }), await holdfast.task.create({ title: '2' })];
  const [sent, refused] = await Promise.all([
    holdfast.task.update({ id: one.id, description: text }, { keepalive: true }),
    errorOf(holdfast.task.update({ id: two.id, description: text }, { keepalive: true })),
  ]);
  expect(sent).toMatchObject({ description: text });
  expect(refused).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', isRetryable: true });
  let left = 2;
  proxy.decide = () => ((left -= 1) >= 0 ? refusal('SERVICE_UNAVAILABLE', 503, { isRetryable: true }) : 'pass');
  expect(await holdfast.task.delete({ id: one.id }, { keepalive: true })).toEqual({ id: one.id });
  const missing = await errorOf(holdfast.task.update({ id: one.id, title: 'x' }, { keepalive: true }));
  expect(missing).toMatchObject({ code: 'NOT_FOUND' });
});

test('a call with keepalive uses the session if there is no token yet, and gets a new token after a refusal', async () => {
  const storage = createStorage();
  const { task } = await signUpClient(proxy, { storage });
  const restarted = createClient({ url: proxy.url, storage });
  proxy.seen.length = 0;
  await restarted.task.create({ title: 'first' }, { keepalive: true });
  expect(proxy.seen).toEqual(['POST /trpc/task.create']);
  expect((await task.list()).items).toMatchObject([{ title: 'first' }]);
  let left = 1;
  proxy.decide = (path) => (path === '/trpc/task.create' && (left -= 1) >= 0 ? refusal('UNAUTHORIZED', 401) : 'pass');
  expect(await restarted.task.create({ title: 'second' }, { keepalive: true })).toMatchObject({ title: 'second' });
});
