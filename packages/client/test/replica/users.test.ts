import { createClient } from '@holdfast/client';
import { openReplica } from '@holdfast/client/replica';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { createStorage, errorOf, openProxy, password, refusal, signUpClient, startServer } from '../fixture.ts';
import { createDisk, createFullDisk, keysOf, openDevice, settle, titles } from './device.ts';

const proxy = await openProxy(await startServer());

beforeEach(() => {
  proxy.decide = () => 'pass';
});

test('sign-out deletes the data of the user on this device', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  expect(keysOf(device.disk).length).toBeGreaterThan(1);
  await device.app.signOut();
  expect(keysOf(device.disk)).toEqual([]);
  expect(replica.tasks).toEqual([]);
  expect(replica.status.isClosed).toBe(true);
  expect(() => replica.task.create({ title: 'x' })).toThrow('The replica is closed. Open a new replica.');
  expect(await errorOf(openReplica(device.holdfast))).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('user.delete deletes the data of the user on this device, with unsent writes', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  await settle(replica);
  replica.task.create({ title: 'Milk' });
  await device.app.user.delete({ password });
  expect(keysOf(device.disk)).toEqual([]);
  expect(replica.tasks).toEqual([]);
  expect(replica.status.isClosed).toBe(true);
  expect(await errorOf(openReplica(device.holdfast))).toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a sign-out right after a write shows and stores nothing of the user', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  await settle(replica);
  replica.task.create({ title: 'unsent' });
  const shown: number[] = [];
  const signedOut = device.app.signOut();
  await replica.until(({ status }) => status.isClosed);
  replica.subscribe(() => shown.push(replica.tasks.length));
  await signedOut;
  expect([keysOf(device.disk), replica.tasks, shown.filter((count) => count > 0)]).toEqual([[], [], []]);
});

test('a sign-out deletes the data of a replica that was closed before', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  const closing = replica.close();
  await Promise.all([closing, replica.close()]);
  expect(keysOf(device.disk).length).toBeGreaterThan(1);
  await device.app.signOut();
  expect(keysOf(device.disk)).toEqual([]);
});

test('a sign-out deletes the data in a storage that has failed', async () => {
  const holdfast = await signUpClient(proxy);
  const { disk, storage } = createDisk();
  let isFull = false;
  const replica = await openReplica(holdfast, {
    storage(name) {
      const used = storage(name);
      return {
        ...used,
        async save(entries) {
          if (isFull) throw new Error('The disk is full.');
          await used.save(entries);
        },
      };
    },
  });
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  isFull = true;
  replica.task.create({ title: 'Bread' });
  await replica.until(({ status }) => !status.isStored);
  await holdfast.signOut();
  expect(keysOf(disk)).toEqual([]);
});

test('a sign-out deletes nothing of an earlier user', async () => {
  const { disk, storage: onDisk } = createDisk();
  const holdfast = await signUpClient(proxy, { storage: createStorage() });
  const first = await openReplica(holdfast, { storage: onDisk });
  first.task.create({ title: 'Milk' });
  await settle(first);
  const before = keysOf(disk).filter((key) => key.startsWith('task'));
  await holdfast.signUp({ name: 'Bob', email: 'bob.third@example.org', password });
  await holdfast.signOut();
  expect(keysOf(disk).filter((key) => key.startsWith('task'))).toEqual(before);
});

test('a user who signs out while the replica opens gets an error', async () => {
  const { storage } = createDisk();
  const holdfast = await signUpClient(proxy, { storage: createStorage() });
  const opening = openReplica(holdfast, {
    storage: (name) => ({
      ...storage(name),
      async load() {
        if (name.split(' ').length > 2) await holdfast.signOut();
        return [];
      },
    }),
  });
  await expect(opening).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('if the session ended, a later change of a description is compared with the text of the server', async () => {
  const { disk, storage: onDisk } = createDisk();
  const session = createStorage();
  const holdfast = await signUpClient(proxy, { storage: session });
  const email = (await holdfast.user.me()).email!;
  const first = await openReplica(holdfast, { storage: onDisk });
  const { id } = first.task.create({ title: 'Plan', description: 'base' });
  await settle(first);
  const again = createClient({ url: proxy.url });
  await again.signIn({ email, password });
  proxy.decide = (path) => (path.includes('task.') ? 'cut' : 'pass');
  // During the pause after a failure, nothing prepares the next write.
  first.task.create({ title: 'Milk' });
  await first.until(({ status }) => !status.isOnline);
  first.task.update({ id, description: 'mine' });
  await first.stored();
  const elsewhere = createClient({ url: proxy.url, storage: { load: () => session.stored, save() {} } });
  await elsewhere.signOut();
  proxy.decide = (path) => (path.startsWith('/trpc') ? refusal('UNAUTHORIZED', 401) : 'pass');
  await expect(holdfast.user.me()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await first.until(({ status }) => status.isClosed).catch(() => {});
  proxy.decide = () => 'pass';
  await again.task.update({ id, description: 'theirs' });
  await expect.poll(() => keysOf(disk).filter((key) => key.startsWith('task'))).toEqual([]);
  // The first copy arrives late.
  proxy.decide = (path) => (path.includes('changes.') ? 'cut' : 'pass');
  const second = await openReplica(again, { storage: onDisk });
  onTestFinished(() => second.close());
  await second.until(({ status }) => status.error !== null);
  proxy.decide = () => 'pass';
  await second.until(({ status, refused }) => status.isComplete && (status.unsent === 0 || refused.length > 0));
  expect(second.refused).toMatchObject([{ refusal: { conflict: { mine: 'mine', theirs: 'theirs' } } }]);
  expect(await again.task.get({ id })).toMatchObject({ description: 'theirs' });
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
  const replica = await openReplica(holdfast, { storage: createFullDisk() });
  onTestFinished(() => replica.close());
  replica.task.create({ title: 'Milk' });
  await settle(replica);
  expect(replica.status.isStored).toBe(false);
  expect((await holdfast.task.list()).items).toEqual(replica.tasks);
});
