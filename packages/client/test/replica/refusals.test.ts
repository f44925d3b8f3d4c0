import { createClient } from '@holdfast/client';
import { beforeEach, expect, test } from 'vitest';
import { openProxy, password, startServer } from '../fixture.ts';
import { openDevice, settle, titles } from './device.ts';

const proxy = await openProxy(await startServer());

beforeEach(() => {
  proxy.decide = () => 'pass';
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
