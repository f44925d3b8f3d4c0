import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createUser, openFixture } from '../fixture.ts';
import { openServer, post } from '../http.ts';
import { insertTasks, readLatestChange, readTasks } from './rows.ts';

const { db, as } = await openFixture();
const { send } = await openServer(db);

/** A user with a list of an open and a completed task, and a task in the inbox. */
async function createHome() {
  const caller = createUser();
  const { task, list } = as(caller);
  const home = await list.create({ name: 'Home', color: 'red' });
  const open = await task.create({ title: '1 open', listId: home.id });
  const completed = await task.create({ title: '2 completed', listId: home.id, completed: true });
  const inbox = await task.create({ title: '3 inbox' });
  return { caller, task, list, home, open, completed, inbox, rows: () => readTasks(db, caller.userId) };
}

test('a list goes to the trash with its tasks, and all have the same time of deletion', async () => {
  const { caller, list, task, home, open, completed, inbox, rows } = await createHome();
  expect(await list.delete({ id: home.id })).toEqual({ id: home.id });
  expect(await list.list()).toEqual({ items: [] });
  expect((await task.list()).items).toEqual([inbox]);
  const [one, two, three] = await rows();
  expect(one).toMatchObject({ list_id: home.id, version: 2, deleted_at: expect.any(String) });
  expect(two).toMatchObject({ list_id: home.id, version: 2, deleted_at: one!.deleted_at });
  expect(three).toMatchObject({ version: 1, deleted_at: null });
  const change = { lists: [home.id], tasks: [open.id, completed.id].toSorted() };
  expect(await readLatestChange(db, caller.userId)).toEqual(change);
  expect(await list.restore({ id: home.id })).toMatchObject({ id: home.id, name: 'Home', color: 'red', version: 3 });
  expect(await readLatestChange(db, caller.userId)).toEqual(change);
  expect(await task.get({ id: completed.id })).toMatchObject({
    listId: home.id,
    position: completed.position,
    completedAt: completed.completedAt,
    version: 3,
  });
});

test('list.restore leaves the tasks in the trash that were deleted before the list, also in the same batch', async () => {
  for (let round = 0; round < 10; round++) {
    const { caller, list, home, open, completed, task } = await createHome();
    const batch = post(JSON.stringify({ 0: { id: open.id }, 1: { id: home.id } }));
    expect((await send(caller, 'task.delete,list.delete?batch=1', batch)).status).toBe(200);
    await list.restore({ id: home.id });
    await expect(task.get({ id: open.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await task.get({ id: completed.id })).toMatchObject({ listId: home.id, deletedAt: null });
  }
});

test('a list whose task has the time of deletion of the list gets a later one', async () => {
  const { caller, list, home, open, completed, task } = await createHome();
  await task.delete({ id: open.id });
  const later = (minutes: number) =>
    db.acrossAllUsers(
      (em) =>
        em.execute(`update tasks set deleted_at = now() + ? * interval '1 minute' where user_id = ? and id = ?`, [
          minutes,
          caller.userId,
          open.id,
        ]),
      { write: true },
    );
  await later(5);
  await list.delete({ id: home.id });
  const [one, two] = await readTasks(db, caller.userId);
  expect(Date.parse(two!.deleted_at!) - Date.parse(one!.deleted_at!)).toBe(1);
  await list.restore({ id: home.id });
  expect((await task.list()).items.map(({ id }) => id)).toContain(completed.id);
  await expect(task.get({ id: open.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('tasks that were created after the clock of the deletion are restored with their list', async () => {
  const { caller, list, home, open, completed, task } = await createHome();
  await db.acrossAllUsers(
    (em) =>
      em.execute(
        `update tasks set created_at = now() + interval '1 hour', updated_at = now() + interval '1 hour' where user_id = ? and id = ?`,
        [caller.userId, open.id],
      ),
    { write: true },
  );
  await list.delete({ id: home.id });
  expect((await task.list()).items.map(({ title }) => title)).toEqual(['3 inbox']);
  await list.restore({ id: home.id });
  expect(await task.get({ id: open.id })).toMatchObject({ listId: home.id });
  expect(await task.get({ id: completed.id })).toMatchObject({ listId: home.id });
});

test('with moveTo, the tasks move to another list or to the inbox, and only the list goes to the trash', async () => {
  const { caller, list, home, open, completed, inbox, task, rows } = await createHome();
  const other = await list.create({ name: 'Other' });
  const trashed = await task.create({ title: '0 trashed', listId: home.id });
  await task.delete({ id: trashed.id });
  await list.delete({ id: home.id, moveTo: other.id });
  const moved = { lists: [home.id], tasks: [open.id, completed.id].toSorted() };
  expect(await readLatestChange(db, caller.userId)).toEqual(moved);
  expect(await list.list()).toEqual({ items: [other] });
  expect((await rows()).map(({ list_id }) => list_id)).toEqual([home.id, other.id, other.id, null]);
  await list.delete({ id: other.id, moveTo: null });
  expect((await rows()).map(({ list_id }) => list_id)).toEqual([home.id, null, null, null]);
  expect(await task.get({ id: completed.id })).toMatchObject({ completed: true, version: 3, listId: null });
  expect(await task.get({ id: inbox.id })).toEqual(inbox);
  expect(await list.restore({ id: home.id })).toMatchObject({ name: 'Home' });
  expect((await rows()).map(({ deleted_at }) => deleted_at === null)).toEqual([false, true, true, true]);
});

test('a moveTo that is no list of the user changes nothing', async () => {
  const { list, home, open, task } = await createHome();
  const trashed = await list.create({ name: 'trashed' });
  await list.delete({ id: trashed.id });
  const foreign = await as(createUser()).list.create({ name: 'foreign' });
  for (const moveTo of [trashed.id, foreign.id, randomUUID()]) {
    const problem = { code: 'NOT_FOUND', message: 'moveTo: List not found.' };
    await expect(list.delete({ id: home.id, moveTo, operationId: randomUUID() })).rejects.toMatchObject(problem);
  }
  const same = list.delete({ id: home.id, moveTo: home.id.toUpperCase() });
  await expect(same).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(await list.list()).toEqual({ items: [home] });
  expect(await task.get({ id: open.id })).toEqual(open);
});

test('a delete with an operationId is applied once', async () => {
  const { list, home, open, task } = await createHome();
  const deletion = { id: home.id, operationId: randomUUID() };
  expect(await list.delete(deletion)).toEqual({ id: home.id });
  expect(await list.delete(deletion)).toEqual({ id: home.id });
  await list.restore({ id: home.id });
  expect(await list.delete(deletion)).toEqual({ id: home.id });
  expect(await task.get({ id: open.id })).toMatchObject({ listId: home.id });
  await expect(list.delete({ ...deletion, moveTo: null })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a refused delete is not remembered', async () => {
  const { list, home } = await createHome();
  const deletion = { id: home.id, ifVersion: 2, operationId: randomUUID() };
  await expect(list.delete(deletion)).rejects.toMatchObject({ code: 'CONFLICT' });
  await list.update({ id: home.id, name: 'House' });
  expect(await list.delete(deletion)).toEqual({ id: home.id });
  expect(await list.list()).toEqual({ items: [] });
});

test('a restore with an operationId is applied once', async () => {
  const { list, home } = await createHome();
  await list.delete({ id: home.id });
  const restoration = { id: home.id, operationId: randomUUID() };
  const restored = await list.restore(restoration);
  expect(await list.restore(restoration)).toEqual(restored);
  await list.delete({ id: home.id });
  await expect(list.restore(restoration)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await list.list()).toEqual({ items: [] });
});

test('a restore of a list that is not in the trash changes nothing and is remembered', async () => {
  const { list, home } = await createHome();
  const restoration = { id: home.id, operationId: randomUUID() };
  expect(await list.restore(restoration)).toEqual(home);
  await list.delete({ id: home.id });
  await expect(list.restore(restoration)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(list.restore({ id: randomUUID() })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a list with 10,000 tasks can be deleted and restored, and one with 10,001 is refused', async () => {
  const caller = createUser();
  const { list } = as(caller);
  const { id } = await list.create({ name: 'large' });
  await insertTasks(db, { userId: caller.userId, listId: id, count: 10_000 });
  await list.delete({ id });
  expect((await readTasks(db, caller.userId)).filter((row) => row.deleted_at === null)).toEqual([]);
  await list.restore({ id });
  await insertTasks(db, { userId: caller.userId, listId: id, count: 1 });
  const problem = { code: 'BAD_REQUEST', message: 'The list has more than 10,000 tasks. Move or delete some first.' };
  await expect(list.delete({ id })).rejects.toMatchObject(problem);
  await expect(list.delete({ id, moveTo: null })).rejects.toMatchObject(problem);
  expect((await readTasks(db, caller.userId)).filter((row) => row.deleted_at !== null)).toEqual([]);
});

test('a task that is created while its list is deleted is either in the trash with the list or refused', async () => {
  for (let round = 0; round < 20; round++) {
    const { caller, list, home, task } = await createHome();
    const [created] = await Promise.allSettled([
      task.create({ title: 'late', listId: home.id }),
      list.delete({ id: home.id }),
    ]);
    const live = (await readTasks(db, caller.userId)).filter((row) => row.deleted_at === null);
    expect(live.map(({ list_id }) => list_id)).toEqual([null]);
    if (created.status === 'rejected') expect(created.reason).toMatchObject({ code: 'NOT_FOUND' });
  }
});
