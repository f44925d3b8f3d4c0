import { expect, test } from 'vitest';
import { Change, createTask, getTask, List, Task, User } from '../../src/index.ts';
import { alice, bob, openFixture } from '../fixture.ts';

const { db } = await openFixture();
const scope = db.asUser(alice);
for (const user of [alice, bob]) await createTask(db.asUser(user), { title: 'creates the user' });

/** Creates a list and a task in it through the entity manager. */
async function createInList() {
  const [listId, id] = [crypto.randomUUID(), crypto.randomUUID()];
  await scope.transaction(async ({ em }) => {
    const list = em.create(List, { user: alice, id: listId, name: 'Home', color: 'red', position: 'a0' });
    em.create(Task, {
      user: alice,
      id,
      title: 'water the plants',
      list,
      dueDate: '2026-10-25',
      dueTime: '02:30',
      dueTimeZone: 'Europe/Berlin',
      priority: 3,
      labels: ['a', 'b,c', '"d"'],
      position: 'a1',
    });
  });
  return { listId, id };
}

function change(id: string, values: Partial<Task>) {
  return scope.transaction(async ({ em }) => {
    Object.assign(await em.findOneOrFail(Task, { user: alice, id }), values);
  });
}

test('the entity manager creates a list with a task, and loads the task with its list', async () => {
  const { listId, id } = await createInList();
  const task = await scope.transaction(({ em }) =>
    em.findOneOrFail(Task, { user: alice, id }, { populate: ['list', 'user'] }),
  );
  expect(task.list).toMatchObject({
    id: listId,
    name: 'Home',
    color: 'red',
    position: 'a0',
    deletedAt: null,
    version: 1,
  });
  expect(JSON.parse(JSON.stringify(task))).toMatchObject({
    listId,
    dueDate: '2026-10-25',
    dueTime: '02:30:00',
    dueTimeZone: 'Europe/Berlin',
    priority: 3,
    labels: ['a', 'b,c', '"d"'],
    position: 'a1',
    deletedAt: null,
    isFolded: false,
    revision: 0,
  });
  expect(task.dueAt).toEqual(new Date('2026-10-25T01:30:00.000Z'));
  expect(await getTask(scope, { id })).toMatchObject({
    listId,
    due: { date: '2026-10-25', time: '02:30', timeZone: 'Europe/Berlin' },
    labels: ['a', 'b,c', '"d"'],
  });
});

test('the entity manager creates a task with the id of its list and default values for all other fields', async () => {
  const { listId } = await createInList();
  const id = crypto.randomUUID();
  await scope.transaction(async ({ em }) => void em.create(Task, { user: alice, id, title: 'x', listId }));
  expect(await getTask(scope, { id })).toMatchObject({
    listId,
    due: null,
    priority: 0,
    labels: [],
    position: 'h00000000',
  });
});

test('the entity manager changes all planning fields of a task, and its version', async () => {
  const { id } = await createInList();
  await change(id, {
    labels: ['new'],
    dueDate: '2027-01-01',
    dueTime: null,
    dueTimeZone: null,
    priority: 1,
    position: 'b00',
  });
  expect(await getTask(scope, { id })).toMatchObject({
    labels: ['new'],
    due: { date: '2027-01-01' },
    priority: 1,
    position: 'b00',
    version: 2,
  });
});

test('the entity manager moves a task to another list by the relation or by the id of the list', async () => {
  const { listId, id } = await createInList();
  const other = (await createInList()).listId;
  const read = async () => (await getTask(scope, { id })).listId;
  await scope.transaction(async ({ em }) => {
    const task = await em.findOneOrFail(Task, { user: alice, id });
    task.list = em.getReference(List, [alice, other]);
  });
  expect(await read()).toBe(other);
  await change(id, { listId });
  expect(await read()).toBe(listId);
  await change(id, { list: null });
  expect(await read()).toBeNull();
  await change(id, { listId: other });
  await change(id, { listId: null });
  expect(await read()).toBeNull();
});

test('the entity manager finds tasks by their list, due date, priority and trash', async () => {
  const { listId, id } = await createInList();
  for (const where of [
    { list: { name: 'Home', id: listId } },
    { listId },
    { $and: [{ dueDate: { $lt: '2026-10-26' } }, { id }] },
    { $and: [{ dueAt: { $gte: new Date('2026-10-25T01:30:00Z') } }, { priority: 3 }, { id }] },
    { $and: [{ deletedAt: null }, { id }] },
  ]) {
    const found = await scope.transaction(({ em }) => em.find(Task, { $and: [{ user: alice }, where] }));
    expect(
      found.map((task) => task.id),
      JSON.stringify(where),
    ).toEqual([id]);
  }
});

test('the entity manager archives a list and moves it to the trash', async () => {
  const { listId } = await createInList();
  const at = new Date('2099-01-01T00:00:00.000Z');
  await scope.transaction(async ({ em }) => {
    const list = await em.findOneOrFail(List, { user: alice, id: listId });
    Object.assign(list, { archivedAt: at, deletedAt: at, name: 'Old', color: null });
  });
  const list = await scope.transaction(({ em }) => em.findOneOrFail(List, { user: alice, id: listId }));
  expect(list).toMatchObject({ archivedAt: at, deletedAt: at, name: 'Old', color: null, version: 2 });
});

test('the entity manager of one user sees neither lists nor the log of another user', async () => {
  await createInList();
  const found = await db
    .asUser(bob)
    .transaction(async ({ em }) => [
      ...(await em.find(List, { user: alice })),
      ...(await em.find(Change, { user: alice })),
    ]);
  expect(found).toEqual([]);
});

test('the entity manager reads the log, the revision and the time zone of a user', async () => {
  const { id } = await createTask(scope, { id: crypto.randomUUID(), title: 'logged' });
  const [log, user] = await scope.transaction(async ({ em }) => [
    await em.find(Change, { user: alice }, { orderBy: { revision: 'desc' }, limit: 1 }),
    await em.findOneOrFail(User, { id: alice }),
  ]);
  expect(log).toMatchObject([{ revision: user.revision, operationId: id, taskIds: [id], listIds: [] }]);
  expect(log[0]!.at).toBeInstanceOf(Date);
  expect(user.timeZone).toBeNull();
});
