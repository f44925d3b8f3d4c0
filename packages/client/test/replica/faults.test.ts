import { openReplica, type Replica } from '@holdfast/client/replica';
import { openTestDatabase } from '@holdfast/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { launchHoldfast, openProxy, type Proxy, refusal, signUpClient, startServer } from '../fixture.ts';
import { createFullDisk, type Device, openDevice, settle } from './device.ts';

const server = await startServer();
const open = () => openProxy(server);

test.each([
  ['TOO_MANY_REQUESTS', 429],
  ['SERVICE_UNAVAILABLE', 503],
])('if the server refuses streams with %s, a replica reads the changes again and again', async (code, status) => {
  const proxy = await open();
  const device = await openDevice(proxy);
  proxy.decide = (path) => (path.includes('changes.watch') ? refusal(code, status) : 'pass');
  const replica = await device.start();
  await replica.until(({ status }) => status.error !== null);
  expect(replica.status).toMatchObject({ isOnline: true, error: { code } });
  await device.holdfast.task.create({ title: 'from elsewhere' });
  await replica.until(({ tasks }) => tasks.length === 1);
  replica.task.create({ title: 'own' });
  await settle(replica);
  proxy.decide = () => 'pass';
  await replica.until(({ status }) => status.error === null);
});

test('a replica without any write reports that the server stopped', async () => {
  const database = await openTestDatabase(inject('testServer'));
  const own = await launchHoldfast({ DATABASE_URL: database.url });
  onTestFinished(async () => {
    await own.stop();
    await database.drop();
  });
  const proxy = await openProxy(own.url);
  const replica = await (await openDevice(proxy)).start();
  await settle(replica);
  await own.stop();
  await replica.until(({ status }) => !status.isOnline);
  expect(replica.status.error).toMatchObject({ code: 'NETWORK' });
});

test('while the server cannot be reached, writes do not cause requests', async () => {
  const proxy = await open();
  const device = await openDevice(proxy);
  const replica = await device.start();
  await settle(replica);
  const { id } = replica.task.create({ title: 'Milk' });
  await settle(replica);
  proxy.decide = () => 'cut';
  replica.task.update({ id, completed: true });
  await replica.until(({ status }) => !status.isOnline);
  proxy.seen.length = 0;
  for (let count = 0; count < 100; count += 1) {
    replica.task.update({ id, title: `Milk ${count}` });
    await replica.stored();
  }
  expect(proxy.seen.length).toBeLessThan(20);
  proxy.decide = () => 'pass';
  await settle(replica);
});

test('a cursor that the server cannot read begins a new copy, and no unsent write is lost', async () => {
  const proxy = await open();
  const device = await openDevice(proxy);
  const other = await openDevice(await open(), (await device.holdfast.user.me()).email!);
  const first = await device.start();
  const gone = first.task.create({ title: 'gone' });
  first.task.create({ title: 'stays' });
  await settle(first);
  proxy.decide = () => 'cut';
  first.task.create({ title: 'unsent' });
  await first.stored();
  device.crash();
  for (const entries of device.disk.values()) {
    const feed = entries.get('feed');
    if (feed) entries.set('feed', feed.replace(/"cursor":"[^"]*"/, '"cursor":"of another secret"'));
  }
  proxy.decide = () => 'pass';
  await other.holdfast.task.delete({ id: gone.id });
  await other.holdfast.trash.purge({ ids: [gone.id] });
  const second = await device.start();
  await settle(second);
  await second.until(({ tasks }) => tasks.length === 2);
  expect(second.tasks.map(({ title }) => title).toSorted()).toEqual(['stays', 'unsent']);
});

/** Starts the app, whose writes reach the server, and which receives no changes until the test lets them pass. */
async function startWithoutChanges(device: Device, proxy: Proxy): Promise<Replica> {
  const replica = await device.start();
  proxy.decide = (path) => (path.includes('changes.') ? 'cut' : 'pass');
  await replica.until(({ status }) => !status.isOnline);
  return replica;
}

test('an accepted write to a task that another device then deleted for good is not reported as refused', async () => {
  const proxy = await open();
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'Milk' });
  await settle(replica);
  const other = await openDevice(await open(), (await device.holdfast.user.me()).email!);
  await replica.close();
  const again = await startWithoutChanges(device, proxy);
  again.task.update({ id, title: 'Bread' });
  await expect.poll(async () => (await other.holdfast.task.get({ id })).version).toBe(2);
  await other.holdfast.task.delete({ id });
  await other.holdfast.trash.purge({ ids: [id] });
  proxy.decide = () => 'pass';
  let refused = 0;
  again.subscribe(() => (refused += again.refused.length));
  await again.until(({ tasks, status }) => tasks.length === 0 && status.unsent === 0);
  expect(refused).toBe(0);
});

/** Resolves when the server has accepted a deletion, and has no lists. */
async function hasDeletedLists(proxy: Proxy, { holdfast }: Device): Promise<void> {
  await expect.poll(() => proxy.seen.some((line) => line.includes('list.delete'))).toBe(true);
  await expect.poll(async () => (await holdfast.list.list()).items).toEqual([]);
}

test('writes to a list that the same device then deleted are not sent again when the changes arrive late', async () => {
  const proxy = await open();
  const device = await openDevice(proxy);
  const replica = await device.start();
  await settle(replica);
  await replica.close();
  const again = await startWithoutChanges(device, proxy);
  const { id } = again.list.create({ name: 'Work' });
  again.list.update({ id, name: 'Job' });
  again.list.delete({ id });
  await hasDeletedLists(proxy, device);
  let shown = 0;
  again.subscribe(() => (shown += again.lists.length + again.refused.length));
  proxy.decide = () => 'pass';
  await settle(again);
  expect(shown).toBe(0);
  expect(proxy.seen.filter((line) => line.includes('list.create'))).toHaveLength(1);
});

test('an accepted write to a list that another device then deleted settles, and is not reported as refused', async () => {
  const proxy = await open();
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.list.create({ name: 'Work' });
  await settle(replica);
  await replica.close();
  const again = await startWithoutChanges(device, proxy);
  again.list.update({ id, name: 'Job' });
  const names = async () => (await device.holdfast.list.list()).items.map(({ name }) => name);
  await expect.poll(names).toEqual(['Job']);
  await device.holdfast.list.delete({ id });
  proxy.decide = () => 'pass';
  await again.until(({ status }) => status.unsent === 0 && status.isOnline);
  expect(again.refused).toEqual([]);
  expect(again.lists).toEqual([]);
});

test('a list that was made and deleted before a crash is not reported as refused after it', async () => {
  const proxy = await open();
  const device = await openDevice(proxy);
  const replica = await device.start();
  await settle(replica);
  proxy.decide = (path) => (path.includes('changes.') ? 'cut' : 'pass');
  await replica.close();
  const first = await device.start();
  const { id } = first.list.create({ name: 'Work' });
  first.list.delete({ id });
  await hasDeletedLists(proxy, device);
  device.crash();
  proxy.decide = () => 'pass';
  const second = await device.start();
  await second.until(({ status }) => status.unsent === 0 && status.isComplete);
  expect(second.refused).toEqual([]);
  expect(second.lists).toEqual([]);
});

test('a condition that throws rejects, and is not checked again', async () => {
  const replica = await (await openDevice(await open())).start();
  let calls = 0;
  const failed = replica.until(() => {
    if ((calls += 1) === 2) throw new Error('of the app');
    return false;
  });
  replica.task.create({ title: 'Milk' });
  await expect(failed).rejects.toThrow('of the app');
  await settle(replica);
  expect(calls).toBe(2);
});

test('the error of a storage that failed remains in the status', async () => {
  const holdfast = await signUpClient(await open());
  const replica = await openReplica(holdfast, { storage: createFullDisk() });
  onTestFinished(() => replica.close());
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  expect(replica.status).toMatchObject({ isStored: false, isOnline: true, error: { message: 'The disk is full.' } });
});

test('IDs in capital letters name the same tasks and lists', async () => {
  const device = await openDevice(await open());
  const replica = await device.start();
  const list = replica.list.create({ name: 'Home' });
  const listId = list.id.toUpperCase();
  const { id } = replica.task.create({ title: 'Milk', listId });
  const upper = id.toUpperCase();
  expect(replica.task.update({ id: upper, title: 'Bread' })).toMatchObject({ id, title: 'Bread', listId: list.id });
  replica.task.reorder({ listId, ids: [upper] });
  replica.task.updateMany({ ids: [upper], set: { completed: true } });
  expect(replica.tasks).toMatchObject([{ id, completed: true }]);
  replica.list.delete({ id: listId, moveTo: null });
  expect(replica.tasks).toMatchObject([{ id, listId: null }]);
  await settle(replica);
  expect(replica.tasks).toMatchObject([{ id, title: 'Bread', completed: true, listId: null }]);
});
