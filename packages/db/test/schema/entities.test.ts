import { expect, test } from 'vitest';
import { createTask, Task, User } from '../../src/index.ts';
import { openOrm } from '../../src/schema/orm.ts';
import { alice, bob, openFixture } from '../fixture.ts';

const { db, url } = await openFixture();

test('the primary key of a task is its owner and its id, and both entities force row-level security', async () => {
  const orm = openOrm(url);
  const meta = orm.getMetadata().get(Task);
  expect(meta.primaryKeys).toEqual(['user', 'id']);
  expect(meta.properties.user.fieldNames).toEqual(['user_id']);
  expect(meta.rowLevelSecurity).toBe('force');
  expect(orm.getMetadata().get(User).rowLevelSecurity).toBe('force');
  await orm.close();
});

test('every key and index of tasks starts with the owner', async () => {
  const indexes = await db.acrossAllUsers((em) =>
    em.execute<{ columns: string }[]>(
      `select (select string_agg(a.attname, ',' order by k.place) from unnest(indkey::int[]) with ordinality k (number, place)
        join pg_attribute a on a.attrelid = indrelid and a.attnum = k.number) as columns
      from pg_index where indrelid = 'tasks'::regclass order by 1`,
    ),
  );
  expect(indexes.map(({ columns }) => columns)).toEqual([
    'user_id,completed,created_at,id',
    'user_id,completed_at,id',
    'user_id,created_at,id',
    'user_id,deleted_at,id',
    'user_id,due_date,due_time,id',
    'user_id,id',
    'user_id,id',
    'user_id,list_id,position,id',
  ]);
});

test('the entity manager loads a task together with its owner', async () => {
  const scope = db.asUser(alice, { profile: { email: 'alice@example.com', name: 'Alice' } });
  const { id } = await createTask(scope, { title: 'water the plants' });
  const found = await scope.transaction(({ em }) =>
    em.findOneOrFail(Task, { id, user: alice }, { populate: ['user'] }),
  );
  expect(found.title).toBe('water the plants');
  expect(found.user.email).toBe('alice@example.com');
  expect(found.createdAt).toBeInstanceOf(Date);
});

test('a change through the entity manager increments the version of a task', async () => {
  const scope = db.asUser(alice);
  const { id } = await createTask(scope, { title: 'call the plumber' });
  await scope.transaction(async ({ em }) => {
    const task = await em.findOneOrFail(Task, { id, user: alice });
    task.title = 'call the roofer';
  });
  const changed = await scope.transaction(({ em }) => em.findOneOrFail(Task, { id, user: alice }));
  expect(changed).toMatchObject({ title: 'call the roofer', version: 2 });
});

test('a query with two conditions on relations applies both', async () => {
  const own = await createTask(db.asUser(alice), { title: 'mine' });
  const other = await createTask(db.asUser(bob), { title: 'of Bob' });
  const found = await db.acrossAllUsers((em) =>
    em.find(Task, { $and: [{ user: { $in: [alice] } }, { id: { $in: [own.id, other.id] } }] }),
  );
  expect(found.map(({ id }) => id)).toEqual([own.id]);
});

test('deleting a user deletes the tasks of that user and no others', async () => {
  const leaver = '0190a000-0000-7000-8000-00000000000d';
  await createTask(db.asUser(leaver), { title: 'deleted' });
  const other = await createTask(db.asUser(bob), { title: 'remains' });
  const remaining = await db.acrossAllUsers(
    async (em) => {
      await em.nativeDelete(User, { id: leaver });
      return em.find(Task, { $or: [{ user: leaver }, { id: other.id }] });
    },
    { write: true },
  );
  expect(remaining.map(({ title }) => title)).toEqual(['remains']);
});
