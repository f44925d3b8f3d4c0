import { beforeEach, expect, test } from 'vitest';
import { openProxy, startServer } from '../fixture.ts';
import { openDevice, settle } from './device.ts';

const proxy = await openProxy(await startServer());

beforeEach(() => {
  proxy.decide = () => 'pass';
});

const writesSeen = () => proxy.seen.filter((line) => line.startsWith('POST /trpc/task.'));

const inOrder = <Row extends { id: string }>(rows: readonly Row[]) =>
  rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));

// The server sets these fields.
const content = ({ version: _v, position: _p, ...row }: { version: number; position: string }) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, name.endsWith('At') && value !== null ? 'a time' : value]),
  );

test('a write takes effect at once, and the server has it after a moment', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const task = replica.task.create({ title: 'Milk' });
  expect(replica.tasks).toEqual([task]);
  expect(replica.status.unsent).toBe(1);
  await settle(replica);
  const { items } = await device.holdfast.task.list();
  expect(replica.tasks).toEqual(items);
  expect(items).toMatchObject([{ id: task.id, title: 'Milk', position: task.position }]);
});

test('every write of a replica changes the tasks and lists on the server in the same way', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { task, list } = replica;
  const home = list.create({ name: 'Home' });
  const work = list.create({ name: 'Work', color: 'red' });
  const many = task.createMany({ items: 'abcdef'.split('').map((title) => ({ title, listId: home.id })) });
  const [a, b, c, d, e, f] = many.map(({ id }) => id) as [string, string, string, string, string, string];
  expect(many.map(({ position }) => position)).toEqual(many.map(({ position }) => position).toSorted());
  task.update({ id: a, title: 'A', completed: true, due: { date: '2027-03-01', time: '09:00' }, description: 'text' });
  task.updateMany({ ids: [b, c], set: { priority: 2, addLabels: ['shop', 'Home'] } });
  task.reorder({ listId: home.id, ids: [f, e, d] });
  task.delete({ id: a });
  task.deleteMany({ ids: [b, e] });
  task.restore({ ids: [b] });
  list.update({ id: home.id, name: 'House', archived: true });
  list.delete({ id: work.id });
  task.renameLabel({ from: 'HOME', to: 'house' });
  const shown = structuredClone({ tasks: replica.tasks, trash: replica.trash, lists: replica.lists });
  await settle(replica);
  const { items: tasks } = await device.holdfast.task.list({ limit: 200 });
  const { items: trash } = await device.holdfast.trash.list();
  const { items: lists } = await device.holdfast.list.list();
  expect(inOrder(replica.tasks)).toEqual(inOrder(tasks));
  expect(inOrder(replica.trash)).toEqual(inOrder(trash));
  expect(inOrder(replica.lists)).toEqual(lists);
  expect(inOrder(shown.tasks).map(content)).toEqual(inOrder(tasks).map(content));
  expect(inOrder(shown.trash).map(content)).toEqual(inOrder(trash).map(content));
  expect(inOrder(shown.lists).map(content)).toEqual(lists.map(content));
  expect(
    tasks.filter(({ id }) => [f, d].includes(id)).toSorted((one, other) => (one.position < other.position ? -1 : 1)),
  ).toMatchObject([{ id: f }, { id: d }]);
});

test('calls of other devices appear in a replica without a request of the app', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  await replica.until(({ status }) => status.isComplete);
  const task = await device.holdfast.task.create({ title: 'from elsewhere' });
  await replica.until(({ tasks }) => tasks.length === 1);
  expect(replica.tasks).toEqual([task]);
  await device.holdfast.task.delete({ id: task.id });
  await replica.until(({ trash }) => trash.length === 1);
  await device.holdfast.trash.purge({ ids: [task.id] });
  await replica.until(({ trash }) => trash.length === 0);
});

test('writes without a network survive a restart and are sent once when the network is back', async () => {
  const device = await openDevice(proxy);
  const first = await device.start();
  await first.until(({ status }) => status.isComplete);
  proxy.decide = () => 'cut';
  const { id } = first.task.create({ title: 'Milk' });
  first.task.update({ id, completed: true });
  await first.stored();
  device.crash();

  const second = await device.start();
  expect(second.tasks).toMatchObject([{ id, title: 'Milk', completed: true }]);
  expect(second.status).toMatchObject({ unsent: 2, isComplete: true, isStored: true });
  await second.until(({ status }) => !status.isOnline);
  expect(second.status.error).toMatchObject({ code: 'NETWORK' });
  let lost = 0;
  proxy.decide = (path) => (path.includes('task.') && (lost += 1) <= 2 ? 'lose response' : 'pass');
  await settle(second);
  expect(lost).toBeGreaterThan(2);
  expect((await device.holdfast.task.list()).items).toMatchObject([{ id, completed: true, version: 2 }]);
  expect(second.status).toMatchObject({ isOnline: true, error: null });
});

test('a write that another device overwrote in the meantime is not applied a second time after a lost response', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'one' });
  await settle(replica);
  let isSent = false;
  proxy.decide = (path) => {
    if (isSent) return 'cut';
    isSent = path.includes('task.update');
    return isSent ? 'lose response' : 'pass';
  };
  replica.task.update({ id, title: 'two' });
  await replica.until(({ status }) => !status.isOnline);
  proxy.decide = () => 'pass';
  const other = await openDevice(proxy, (await device.holdfast.user.me()).email!);
  await other.start();
  await other.holdfast.task.update({ id, title: 'three' });
  await settle(replica);
  await replica.until(({ tasks }) => tasks[0]!.title === 'three');
  expect((await other.holdfast.task.get({ id })).version).toBe(3);
});

test('a deleted task does not come back for a moment when the server has accepted the deletion', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'Milk' });
  await settle(replica);
  let shown = 0;
  replica.task.delete({ id });
  replica.subscribe(() => (shown += replica.tasks.length));
  await settle(replica);
  expect(shown).toBe(0);
  expect(replica.trash).toMatchObject([{ id, version: 2 }]);
});

test('writes to different tasks share requests, and the writes to one task are sent in order', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  await settle(replica);
  proxy.seen.length = 0;
  const ids = Array.from({ length: 10 }, (_, at) => replica.task.create({ title: `${at}` }).id);
  for (const id of ids) for (const title of ['x', 'y']) replica.task.update({ id, title: title + id });
  await settle(replica);
  expect(writesSeen().map((line) => line.split(',').length)).toEqual([10, 10, 10]);
  expect((await device.holdfast.task.list()).items.map(({ title, id }) => title === `y${id}`)).toEqual(
    ids.map(() => true),
  );
});

test('the arrays of a replica stay the same objects as long as nothing in them changes', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'Milk' });
  await settle(replica);
  const { tasks, lists, trash, status } = replica;
  replica.list.create({ name: 'Home' });
  expect([replica.tasks === tasks, replica.trash === trash, replica.lists === lists]).toEqual([true, true, false]);
  await settle(replica);
  expect(replica.status).toEqual(status);
  replica.task.update({ id, title: 'Oat milk' });
  expect([replica.tasks === tasks, tasks[0]!.title]).toEqual([false, 'Milk']);
});
