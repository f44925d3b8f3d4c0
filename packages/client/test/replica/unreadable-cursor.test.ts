import { expect, test } from 'vitest';
import { openProxy, startServer } from '../fixture.ts';
import { openDevice } from './device.ts';

const proxy = await openProxy(await startServer());

test('a replica whose cursor the server cannot read, as after a new AUTH_SECRET, starts a new copy and keeps unsent work', async () => {
  const device = await openDevice(proxy);
  const first = await device.start();
  const [kept, deleted] = [first.task.create({ title: 'kept' }), first.task.create({ title: 'deleted' })];
  await first.until(({ status }) => status.isComplete && status.unsent === 0);
  proxy.decide = () => 'cut';
  const unsent = first.task.create({ title: 'unsent' });
  await first.stored();
  device.crash();
  await first.close();
  const stored = [...device.disk.values()].find((entries) => entries.has('feed'));
  const feed = JSON.parse(stored!.get('feed')!) as { cursor: string };
  stored!.set('feed', JSON.stringify({ ...feed, cursor: `${feed.cursor}x` }));
  proxy.decide = () => 'pass';
  await device.holdfast.trash.purge({ ids: [(await device.holdfast.task.delete({ id: deleted.id })).id] });
  const second = await device.start();
  await second.until(({ tasks, status }) => status.unsent === 0 && !tasks.some(({ id }) => id === deleted.id));
  expect(second.tasks.map(({ id }) => id).toSorted()).toEqual([kept.id, unsent.id].toSorted());
  expect(second.status).toMatchObject({ isComplete: true, error: null });
});
