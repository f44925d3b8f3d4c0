import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, openFixture } from '../fixture.ts';
import { openServer } from '../http.ts';

const { db, as } = await openFixture();
const { call } = await openServer(db);
const caller = createUser();
const { task, trash } = as(caller);

async function createDeleted(): Promise<string> {
  const { id } = await task.create({ title: 'x' });
  await task.delete({ id });
  return id;
}

test('a deleted task is in the trash, can be restored, and is then in the list again', async () => {
  const id = await createDeleted();
  const { items } = await trash.list();
  expect(items[0]).toMatchObject({ id, deletedAt: expect.any(String), version: 2 });
  const restored = await trash.restore({ ids: [id] });
  expect(restored.items).toEqual([await task.get({ id })]);
  expect(restored.items[0]).toMatchObject({ deletedAt: null, version: 3 });
  expect((await trash.list()).items.map((item) => item.id)).not.toContain(id);
});

test('trash.restore names all IDs that were not found, and restores nothing', async () => {
  const [id, unknown] = [await createDeleted(), [randomUUID(), randomUUID()]];
  const { status, error } = await call(caller, 'trash.restore', { ids: [unknown[0], id, unknown[1]] });
  expect(status).toBe(404);
  expect(error).toMatchObject({
    message: '2 tasks not found.',
    data: { code: 'NOT_FOUND', ids: unknown },
  });
  await expect(task.get({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('trash.purge removes a task for good, and a repeated call counts 0', async () => {
  const id = await createDeleted();
  expect(await trash.purge({ ids: [id, randomUUID()] })).toEqual({ count: 1 });
  expect(await trash.purge({ ids: [id] })).toEqual({ count: 0 });
  await expect(trash.restore({ ids: [id] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('trash.purge with a time leaves tasks that were deleted at that time or later', async () => {
  const { trash, task } = as(createUser());
  const deletedAts: string[] = [];
  for (let at = 0; at < 3; at++) {
    const { id } = await task.create({ title: `${at}` });
    await task.delete({ id });
    const [newest] = (await trash.list({ limit: 1 })).items;
    deletedAts.push(newest!.deletedAt!);
  }
  const before = deletedAts[1]!;
  const older = deletedAts.filter((at) => at < before).length;
  expect(await trash.purge({ before })).toEqual({ count: older });
  expect((await trash.list()).items.every(({ deletedAt }) => deletedAt! >= before)).toBe(true);
});

const ids = Array.from({ length: 501 }, () => randomUUID());
const utc = 'before: must be a time in UTC such as 2026-01-31T09:30:00.000Z';
test.each([
  ['trash.restore', { ids: [] }, 'ids: must have at least 1 ID'],
  ['trash.restore', { ids }, 'ids: must have at most 500 IDs'],
  ['trash.restore', { ids: ['x'] }, 'ids.0: must be a UUID'],
  ['trash.purge', { ids }, 'ids: must have at most 500 IDs'],
  ['trash.purge', {}, 'must have either ids or before, and not both'],
  [
    'trash.purge',
    { ids: ids.slice(0, 1), before: '2026-01-01T00:00:00Z' },
    'must have either ids or before, and not both',
  ],
  ['trash.purge', { before: '2026-01-01' }, utc],
  ['trash.purge', { before: '2026-01-01T00:00:00+01:00' }, utc],
  ['trash.purge', { before: '2026-02-30T00:00:00Z' }, utc],
  ['trash.purge', { before: '0000-01-01T00:00:00Z' }, 'before: must be in the year 1 or later'],
  ['trash.list', { limit: 201 }, 'limit: must be 200 or less'],
])('%s refuses a wrong input with a clear sentence (case %#)', async (path, input, message) => {
  const { status, error } = await call(caller, path, input);
  expect({ status, message: error?.message }).toEqual({ status: 400, message });
});

test('trash.restore accepts 500 tasks in one call', async () => {
  const { task, trash } = as(createUser());
  const created = await task.createMany({ items: Array.from({ length: 500 }, () => ({ title: 'x' })) });
  const ids = created.items.map(({ id }) => id);
  await task.deleteMany({ ids });
  const { items } = await trash.restore({ ids });
  expect(items.map(({ id }) => id)).toEqual(ids);
});
