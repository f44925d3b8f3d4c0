import { createClient } from '@holdfast/client';
import { openReplica, type Replica } from '@holdfast/client/replica';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createStorage, errorOf, openProxy, password, refusal, signUpClient, startServer } from '../fixture.ts';
import { createDisk, openDevice, settle } from './device.ts';

const proxy = await openProxy(await startServer());

beforeEach(() => {
  proxy.decide = () => 'pass';
});

const titles = ({ tasks }: Pick<Replica, 'tasks'>) => tasks.map(({ title }) => title).toSorted();
const keysOf = (disk: Map<string, Map<string, string>>) =>
  [...disk.values()].flatMap((stored) => Array.from(stored.keys()));
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

test('a refused write remains visible until the app sends it again with another value', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'Milk', due: { date: '2027-02-30' } });
  replica.task.update({ id, completed: true });
  const other = replica.task.create({ title: 'Bread' });
  await replica.until(({ refused, status }) => refused.length === 1 && status.unsent === 1);
  const [refused] = replica.refused;
  expect(refused).toMatchObject({ path: 'task.create', input: { id }, refusal: { code: 'BAD_REQUEST' } });
  expect(refused!.refusal.validation?.properties).toHaveProperty('due');
  expect(titles(replica)).toEqual(['Bread', 'Milk']);
  expect((await device.holdfast.task.list()).items.map(({ id }) => id)).toEqual([other.id]);
  replica.retry(refused!.id, { due: { date: '2027-02-28' } });
  await settle(replica);
  expect(await device.holdfast.task.get({ id })).toMatchObject({ completed: true, due: { date: '2027-02-28' } });
});

test('if the app drops a refused create, the later writes to its task are gone too', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: ' ' });
  replica.task.update({ id, completed: true });
  replica.task.create({ title: 'Bread' });
  await replica.until(({ refused, status }) => refused.length === 1 && status.unsent === 1);
  replica.drop(replica.refused[0]!.id);
  await settle(replica);
  expect(titles(replica)).toEqual(['Bread']);
});

test('two devices that change one description see both texts, and the app decides', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const email = (await device.holdfast.user.me()).email!;
  const { id } = replica.task.create({ title: 'Plan', description: 'base' });
  await settle(replica);
  proxy.decide = () => 'cut';
  replica.task.update({ id, description: 'mine', priority: 3 });
  replica.task.update({ id, title: 'Plans' });
  await replica.stored();
  device.crash();
  proxy.decide = () => 'pass';
  const other = createClient({ url: proxy.url });
  await other.signIn({ email, password });
  await other.task.update({ id, description: 'theirs' });

  const again = await device.start();
  await again.until(({ refused }) => refused.length === 1);
  const { conflict } = again.refused[0]!.refusal;
  expect(conflict).toMatchObject({ base: 'base', mine: 'mine', theirs: 'theirs', task: { id, description: 'theirs' } });
  expect(again.task.get(id)).toMatchObject({ description: 'mine', title: 'Plans', priority: 3 });
  expect(await other.task.get({ id })).toMatchObject({ description: 'theirs', title: 'Plan' });
  again.retry(again.refused[0]!.id, { description: 'theirs and mine' });
  await settle(again);
  expect(await other.task.get({ id })).toMatchObject({ description: 'theirs and mine', title: 'Plans', priority: 3 });
});

test('a change of another field on another device is no conflict for a description', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'Plan', description: 'base' });
  await settle(replica);
  const other = createClient({ url: proxy.url });
  await other.signIn({ email: (await device.holdfast.user.me()).email!, password });
  const update = other.task.update({ id, title: 'Plans' });
  replica.task.update({ id, description: 'mine' });
  replica.task.update({ id, description: 'mine, longer' });
  await update;
  await settle(replica);
  expect(await other.task.get({ id })).toMatchObject({ title: 'Plans', description: 'mine, longer' });
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

test('a write of more than 60 days ago waits for the app', async () => {
  const device = await openDevice(proxy);
  const first = await device.start();
  proxy.decide = () => 'cut';
  const { id } = first.task.create({ title: 'old' });
  await first.stored();
  device.crash();
  const old = new Date(Date.now() - 61 * 24 * 60 * 60 * 1000).toISOString();
  for (const stored of device.disk.values()) {
    for (const [key, value] of stored) stored.set(key, value.replace(/"at":"[^"]*"/, `"at":"${old}"`));
  }
  proxy.decide = () => 'pass';
  const second = await device.start();
  await second.until(({ refused }) => refused.length === 1);
  expect(second.refused[0]!.refusal.code).toBe('TOO_OLD');
  expect((await device.holdfast.task.list()).items).toEqual([]);
  second.retry(second.refused[0]!.id);
  await settle(second);
  expect((await device.holdfast.task.list()).items).toMatchObject([{ id }]);
});

test('the outbox accepts 10,000 writes and refuses the next one with a clear error', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  proxy.decide = () => 'cut';
  const { id } = replica.task.create({ title: 'Milk' });
  for (let count = 1; count < 10_000; count += 1) replica.task.update({ id, priority: (count % 4) as 0 | 1 | 2 | 3 });
  expect(() => replica.task.update({ id, title: 'one more' })).toThrow(
    'More than 10000 changes are unsent. Connect to the server first.',
  );
  expect(replica.task.get(id)!.title).toBe('Milk');
});

test('a write to an unknown task throws at once', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const id = '01900000-0000-7000-8000-000000000000';
  expect(() => replica.task.update({ id, title: 'x' })).toThrow('The replica has no such task or list. Check the ID.');
  expect(() => replica.task.deleteMany({ ids: [id] })).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND', ids: [id] }),
  );
  expect(replica.status.unsent).toBe(0);
});

test('sign-out deletes the data of the user on this device', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  expect(keysOf(device.disk).length).toBeGreaterThan(1);
  await device.holdfast.signOut();
  expect(keysOf(device.disk)).toEqual([]);
  expect(replica.tasks).toEqual([]);
  expect(replica.status.isClosed).toBe(true);
  expect(() => replica.task.create({ title: 'x' })).toThrow('The replica is closed. Open a new one.');
  expect(await errorOf(openReplica(device.holdfast))).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('if the session ends in another way, only unsent work remains, and the same user can send it later', async () => {
  const storage = createStorage();
  const { disk, storage: onDisk } = createDisk();
  const holdfast = await signUpClient(proxy, { storage });
  const email = (await holdfast.user.me()).email!;
  const first = await openReplica(holdfast, { storage: onDisk });
  first.task.create({ title: 'sent' });
  await settle(first);
  proxy.decide = () => 'cut';
  const { id } = first.task.create({ title: 'unsent' });
  await first.stored();
  const closed = first.until(() => false);
  const elsewhere = createClient({ url: proxy.url, storage: { load: () => storage.stored, save() {} } });
  proxy.decide = (path) => (path.startsWith('/trpc') ? refusal('UNAUTHORIZED', 401) : 'pass');
  await elsewhere.signOut();
  await expect(holdfast.user.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await expect(closed).rejects.toMatchObject({ code: 'ABORTED' });
  const left = () => keysOf(disk).filter((key) => /^(task|write)/.test(key));
  await expect.poll(left).toEqual([expect.stringMatching(/^write/)]);

  proxy.decide = () => 'pass';
  const again = createClient({ url: proxy.url });
  await again.signIn({ email, password });
  const second = await openReplica(again, { storage: onDisk });
  onTestFinished(() => second.close());
  expect(second.tasks).toMatchObject([{ id, title: 'unsent' }]);
  await settle(second);
  expect(titles(second)).toEqual(['sent', 'unsent']);
});

test('another user on the same device sees nothing of the first one, and sends nothing of them', async () => {
  const { storage: onDisk } = createDisk();
  const storage = createStorage();
  const holdfast = await signUpClient(proxy, { storage });
  const first = await openReplica(holdfast, { storage: onDisk });
  proxy.decide = (path) => (path.includes('task.create') ? 'cut' : 'pass');
  first.task.create({ title: 'of the first user' });
  await first.stored();
  await holdfast.signUp({ name: 'Bob', email: 'bob.other@example.org', password });
  expect(first.status.isClosed).toBe(true);
  proxy.decide = () => 'pass';
  const second = await openReplica(holdfast, { storage: onDisk });
  onTestFinished(() => second.close());
  second.task.create({ title: 'of the second user' });
  await settle(second);
  expect(titles(second)).toEqual(['of the second user']);
  expect((await holdfast.task.list()).items.map(({ title }) => title)).toEqual(['of the second user']);
});

test('a replica opens and works without a network if the user is known on the device', async () => {
  const device = await openDevice(proxy);
  const first = await device.start();
  first.task.create({ title: 'Milk' });
  await settle(first);
  await first.close();
  proxy.decide = () => 'cut';
  const second = await device.start();
  expect(titles(second)).toEqual(['Milk']);
  second.task.create({ title: 'Bread' });
  expect(titles(second)).toEqual(['Bread', 'Milk']);
});

test('a replica without a working storage continues in memory and says so', async () => {
  const holdfast = await signUpClient(proxy);
  const { storage } = createDisk();
  const full = (name: string) => ({
    ...storage(name),
    save: async () => {
      throw new Error('The disk is full.');
    },
  });
  const replica = await openReplica(holdfast, { storage: full });
  onTestFinished(() => replica.close());
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  expect(replica.status.isStored).toBe(false);
  expect((await holdfast.task.list()).items).toEqual(replica.tasks);
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
