import { holdfastCollectionOptions } from '@holdfast/client/tanstack-db';
import { createCollection, createLiveQueryCollection, eq } from '@tanstack/db';
import { expect, test } from 'vitest';
import { showOpenTasks } from '../../examples/open-tasks.ts';
import { openProxy, startServer } from '../fixture.ts';
import { openDevice, settle } from './device.ts';

const proxy = await openProxy(await startServer());

test('a live query of TanStack DB shows the tasks of a replica, and its writes reach the server', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const tasks = createCollection(holdfastCollectionOptions(replica, 'tasks'));
  const open = createLiveQueryCollection((query) =>
    query
      .from({ task: tasks })
      .where(({ task }) => eq(task.completed, false))
      .orderBy(({ task }) => task.title),
  );
  await open.preload();
  const titles = () => open.toArray.map(({ title }) => title);
  const milk = replica.task.create({ title: 'Milk' });
  replica.task.create({ title: 'Bread' });
  expect(titles()).toEqual(['Bread', 'Milk']);

  await tasks.update(milk.id, (draft) => void (draft.title = 'Apples')).isPersisted.promise;
  const { id } = replica.task.create({ title: 'Tea' });
  await tasks.delete(id).isPersisted.promise;
  await tasks.insert({ ...milk, id: '019f0000-0000-7000-8000-000000000001', title: 'Coffee' }).isPersisted.promise;
  expect(titles()).toEqual(['Apples', 'Bread', 'Coffee']);
  await settle(replica);
  expect(titles()).toEqual(['Apples', 'Bread', 'Coffee']);
  const { items } = await device.holdfast.task.list({ order: 'title' });
  expect(items.map(({ title }) => title)).toEqual(['Apples', 'Bread', 'Coffee']);

  await device.holdfast.task.update({ id: milk.id, completed: true });
  await expect.poll(titles).toEqual(['Bread', 'Coffee']);
});

test('a collection of TanStack DB archives and deletes the lists of a replica', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const lists = createCollection(holdfastCollectionOptions(replica, 'lists'));
  await lists.preload();
  const { id } = replica.list.create({ name: 'Home' });
  await lists.update(id, (draft) => void (draft.archivedAt = new Date().toISOString())).isPersisted.promise;
  await settle(replica);
  expect((await device.holdfast.list.list()).items).toMatchObject([
    { id, name: 'Home', archivedAt: expect.any(String) },
  ]);
  await lists.delete(id).isPersisted.promise;
  await settle(replica);
  expect(lists.size).toBe(0);
  expect((await device.holdfast.list.list()).items).toEqual([]);
});

test('the live query of the docs shows the open tasks of a replica, and completes a task', async () => {
  const device = await openDevice(proxy);
  const replica = await device.start();
  const { id } = replica.task.create({ title: 'Milk', position: 'a1' });
  let shown: string[] = [];
  const complete = showOpenTasks(replica, (titles) => (shown = titles));
  await expect.poll(() => shown).toEqual(['Milk']);
  replica.task.create({ title: 'Bread', position: 'Zz' });
  await expect.poll(() => shown).toEqual(['Bread', 'Milk']);
  complete(id);
  await expect.poll(() => shown).toEqual(['Bread']);
  await settle(replica);
  expect(await device.holdfast.task.get({ id })).toMatchObject({ completed: true });
});
