import { expect, test } from 'vitest';
import { openProxy, startServer } from '../fixture.ts';
import { openDevice, settle } from './device.ts';

const proxy = await openProxy(await startServer());

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
