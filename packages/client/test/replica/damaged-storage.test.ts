import { expect, test } from 'vitest';
import { openProxy, startServer } from '../fixture.ts';
import { openDevice, titles } from './device.ts';

const proxy = await openProxy(await startServer());

/**
 * A device that knows a list with three tasks, and has one task that waits to be sent. Another device deletes the third task.
 * Nothing reaches the server until `decide` says so.
 */
async function openUsed() {
  proxy.decide = () => 'pass';
  const device = await openDevice(proxy);
  const replica = await device.start();
  const list = replica.list.create({ name: 'Home' });
  const [one, two, three] = ['One', 'Two', 'Three'].map((title) => replica.task.create({ title, listId: list.id }));
  await replica.until(({ status }) => status.isComplete && status.unsent === 0);
  proxy.decide = () => 'cut';
  replica.task.create({ title: 'Unsent' });
  await replica.stored();
  device.crash();
  await replica.close();
  proxy.decide = () => 'pass';
  await device.holdfast.task.delete({ id: three!.id });
  proxy.decide = () => 'cut';
  const stored = [...device.disk.values()].find((entries) => entries.has('feed'))!;
  return { device, stored, list, one: one!, two: two! };
}

const read = (stored: Map<string, string>, key: string) => JSON.parse(stored.get(key)!) as Record<string, unknown>;

test('stored rows that are damaged are left out until a new copy replaces them, and unsent work is sent', async () => {
  const { device, stored, list, one, two } = await openUsed();
  const row = read(stored, `task ${one.id}`);
  stored.set(`task ${one.id}`, JSON.stringify({ ...row, row: { ...(row.row as object), labels: 'home' } }));
  stored.set(`task ${two.id}`, '5');
  stored.set(`list ${list.id}`, '{"generation":1,"row":{}}');
  stored.set('task of nobody', '{"generation":1,"row":{"id":"of nobody"}}');
  const replica = await device.start();
  expect(titles(replica)).toEqual(['Three', 'Unsent']);
  proxy.decide = () => 'pass';
  await replica.until(({ tasks, lists, status }) => tasks.length === 3 && lists.length === 1 && status.unsent === 0);
  expect(titles(replica)).toEqual(['One', 'Two', 'Unsent']);
  await replica.close();
  expect(stored.has('task of nobody')).toBe(false);
  expect(read(stored, `list ${list.id}`)).toMatchObject({ row: { name: 'Home' } });
});

test.each(['5', '{}', '{"cursor":7,"generation":"x"}'])(
  'with the place in the feed damaged as %s, the tasks are shown, and a new copy starts',
  async (damaged) => {
    const { device, stored } = await openUsed();
    stored.set('feed', damaged);
    const replica = await device.start();
    expect(titles(replica)).toEqual(['One', 'Three', 'Two', 'Unsent']);
    expect(replica.status).toMatchObject({ isComplete: true, unsent: 1 });
    proxy.decide = () => 'pass';
    await replica.until(({ tasks, status }) => tasks.length === 3 && status.unsent === 0);
    expect(titles(replica)).toEqual(['One', 'Two', 'Unsent']);
  },
);

test('a stored write of an unknown kind is neither shown nor sent, and stays stored for a version that knows it', async () => {
  const { device, stored, one } = await openUsed();
  const key = [...stored.keys()].find((key) => key.startsWith('write'))!;
  const own = read(stored, key);
  const unknown = { ...own, id: 'x', path: 'task.snooze', input: { id: one.id } };
  stored.set('write x', JSON.stringify(unknown));
  stored.set('write y', '"y"');
  const replica = await device.start();
  expect(titles(replica)).toEqual(['One', 'Three', 'Two', 'Unsent']);
  expect(replica.status.unsent).toBe(1);
  proxy.decide = () => 'pass';
  await replica.until(({ status }) => status.unsent === 0);
  await replica.close();
  expect(read(stored, 'write x')).toEqual(unknown);
  expect(stored.has(key)).toBe(false);
});
