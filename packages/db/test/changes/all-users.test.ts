import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  type ChangesOfUser,
  createList,
  createTask,
  deleteTask,
  noteChanges,
  purgeTasks,
  readAllChanges,
  updateTask,
} from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';

/** A sink in memory, as a tool would write it in a database of its own. */
function createSink() {
  const positions = new Map<string, string>();
  const records = new Map<string, string>();
  const pages: ChangesOfUser[] = [];
  return {
    positions,
    records,
    pages,
    readPositions: ({ after, until }: { after: string; until: string }) =>
      new Map([...positions].filter(([id]) => id > after && id <= until)),
    store(page: ChangesOfUser): void {
      const { userId, tasks, lists, removed, position, isReset } = page;
      pages.push(page);
      const toKey = (kind: string, id: string) => `${userId} ${kind} ${id}`;
      if (isReset) for (const key of records.keys()) if (key.startsWith(userId)) records.delete(key);
      for (const { kind, id } of removed) records.delete(toKey(kind, id));
      for (const { id, title } of tasks) records.set(toKey('task', id), title);
      for (const { id, name } of lists) records.set(toKey('list', id), name);
      if (position === null) positions.delete(userId);
      else positions.set(userId, position);
    },
  };
}

type Sink = ReturnType<typeof createSink>;

async function open() {
  const { db, sql, url } = await openFixture();
  const read = async (sink: Sink) => {
    const before = sink.pages.length;
    for await (const page of readAllChanges(db, sink)) sink.store(page);
    return sink.pages.slice(before);
  };
  const readRows = async () => {
    const { rows } = await asTools(
      sql,
      `select user_id || ' task ' || id as key, title as text from tasks
      union all select user_id || ' list ' || id, name from lists where deleted_at is null`,
    );
    return new Map<string, string>(rows.map(({ key, text }) => [key, text]));
  };
  const expectEqual = async (sink: Sink) => expect(sink.records).toEqual(await readRows());
  return { db, sql, url, read, expectEqual };
}

test('a reader of all users receives everything first, then only changes, and nothing if there are none', async () => {
  const { db, sql, read, expectEqual } = await open();
  const [one, other] = [randomUUID(), randomUUID()].map((id) => db.asUser(id)) as [
    ReturnType<typeof db.asUser>,
    ReturnType<typeof db.asUser>,
  ];
  const sink = createSink();
  const { id } = await createTask(one, { title: 'one' });
  await createList(other, { name: 'other' });
  await read(sink);
  await expectEqual(sink);
  expect(await read(sink)).toEqual([]);
  await updateTask(one, { id, title: 'changed' });
  await asTools(sql, `insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'by SQL')`, [other.userId]);
  const pages = await read(sink);
  expect(new Map(pages.map(({ userId, tasks }) => [userId, tasks.map(({ title }) => title)]))).toEqual(
    new Map([
      [one.userId, ['changed']],
      [other.userId, ['by SQL']],
    ]),
  );
  await deleteTask(one, { id });
  await purgeTasks(one, { ids: [id] });
  await read(sink);
  await expectEqual(sink);
});

test('a reader of all users pages through 2,500 users, and through a user with 1,200 tasks', async () => {
  const { db, sql, read, expectEqual } = await open();
  await asTools(sql, 'insert into users (id) select gen_random_uuid() from generate_series(1, 2500)');
  await asTools(sql, `insert into tasks (user_id, id, title) select id, gen_random_uuid(), 'x' from users`);
  const userId = randomUUID();
  await createTask(db.asUser(userId), { title: 'x' });
  await asTools(
    sql,
    `insert into tasks (user_id, id, title) select $1, gen_random_uuid(), 'x' from generate_series(1, 1200)`,
    [userId],
  );
  const sink = createSink();
  const pages = await read(sink);
  await expectEqual(sink);
  expect(Math.max(...pages.map(({ tasks }) => tasks.length))).toBeLessThanOrEqual(500);
  expect(await read(sink)).toEqual([]);
});

test('a reader that ends after any page continues with the next one', async () => {
  const { db, sql, expectEqual } = await open();
  for (const userId of [randomUUID(), randomUUID()]) {
    await createTask(db.asUser(userId), { title: 'x' });
    await asTools(
      sql,
      `insert into tasks (user_id, id, title) select $1, gen_random_uuid(), 'x' from generate_series(1, 1200)`,
      [userId],
    );
  }
  const sink = createSink();
  let isComplete = false;
  while (!isComplete) {
    isComplete = true;
    for await (const page of readAllChanges(db, sink)) {
      sink.store(page);
      isComplete = false;
      break;
    }
  }
  await expectEqual(sink);
  const seen = sink.pages.flatMap(({ tasks }) => tasks.map(({ id }) => id));
  expect(seen).toHaveLength(new Set(seen).size);
});

test('a reader of all users is told about erased users', async () => {
  const { db, sql, read, expectEqual } = await open();
  const [kept, erased] = [randomUUID(), randomUUID()];
  for (const user of [kept, erased]) await createTask(db.asUser(user), { title: 'x' });
  const sink = createSink();
  await read(sink);
  await asTools(sql, 'delete from users where id = $1', [erased]);
  expect(await read(sink)).toEqual([
    { userId: erased, tasks: [], lists: [], removed: [], position: null, isReset: true, isErased: true },
  ]);
  await expectEqual(sink);
  expect([...sink.positions.keys()]).toEqual([kept]);
  expect(await read(sink)).toEqual([]);
});

test('if the database is restored to an earlier state, a reader resets exactly the users who have lost changes', async () => {
  const { db, sql, read, expectEqual } = await open();
  const [same, behind, equal] = [randomUUID(), randomUUID(), randomUUID()];
  for (const user of [same, behind, equal]) await createTask(db.asUser(user), { title: 'before' });
  const sink = createSink();
  for (const user of [behind, equal]) await createTask(db.asUser(user), { title: 'lost' });
  await read(sink);
  // A restore removes the newest changes, with their rows of the log. One user reaches the lost revision again.
  await asTools(sql, `delete from changes where revision = 2`);
  await sql.query('alter table tasks disable trigger user');
  await asTools(sql, `delete from tasks where title = 'lost'`);
  await sql.query('alter table tasks enable trigger user');
  await asTools(sql, 'update users set revision = 1');
  await createTask(db.asUser(equal), { title: 'after' });
  const pages = await read(sink);
  await expectEqual(sink);
  expect([...new Set(pages.filter(({ isReset }) => isReset).map(({ userId }) => userId))].toSorted()).toEqual(
    [behind, equal].toSorted(),
  );
  expect(await read(sink)).toEqual([]);
});

test('a reader of all users empties a user whose log a restore has emptied', async () => {
  const { db, sql, read, expectEqual } = await open();
  const userId = randomUUID();
  await createTask(db.asUser(userId), { title: 'lost' });
  const sink = createSink();
  await read(sink);
  await sql.query('alter table tasks disable trigger user');
  await asTools(sql, 'with emptied as (delete from changes where user_id = $1) delete from tasks where user_id = $1', [
    userId,
  ]);
  await sql.query('alter table tasks enable trigger user');
  expect(await read(sink)).toMatchObject([{ userId, position: null, isReset: true, isErased: false }]);
  await expectEqual(sink);
  expect(await read(sink)).toEqual([]);
  await createTask(db.asUser(userId), { title: 'new' });
  await read(sink);
  await expectEqual(sink);
});

test('a position of another user is refused', async () => {
  const { db, read } = await open();
  const [one, other] = [randomUUID(), randomUUID()];
  for (const user of [one, other]) await createTask(db.asUser(user), { title: 'x' });
  const sink = createSink();
  await read(sink);
  sink.positions.set(one, sink.positions.get(other)!);
  await expect(read(sink)).rejects.toMatchObject({ code: 'INVALID_CURSOR' });
});

test('an aborted signal ends the reading after the current page', async () => {
  const { db } = await open();
  for (const user of [randomUUID(), randomUUID()]) await createTask(db.asUser(user), { title: 'x' });
  const [sink, stop] = [createSink(), new AbortController()];
  for await (const page of readAllChanges(db, { ...sink, signal: stop.signal })) {
    sink.store(page);
    stop.abort();
  }
  expect(sink.pages).toHaveLength(1);
});

test('without triggers, changes that a tool notes reach readers, as those of rows that keep their revision', async () => {
  const { db, sql, read, expectEqual } = await open();
  const userId = randomUUID();
  const { id } = await createTask(db.asUser(userId), { title: 'x' });
  const sink = createSink();
  await read(sink);
  await sql.query('alter table tasks disable trigger user');
  const copies = Array.from({ length: 10_001 }, () => randomUUID());
  await db.acrossAllUsers(
    async (em) => {
      await em.execute(`update tasks set title = 'y' where id = ?`, [id]);
      await em.execute(
        `insert into tasks (user_id, id, title, revision) select ?, id, 'copy', 1 from unnest(?::text::uuid[]) as id`,
        [userId, `{${copies.join()}}`],
      );
      await noteChanges(em, { userId, taskIds: [id, ...copies] });
    },
    { write: true },
  );
  await read(sink);
  await expectEqual(sink);
  const { rows } = await asTools(sql, 'select revision::int, cardinality(task_ids) as ids from changes order by 1');
  expect(rows).toEqual([1, 10_000, 2].map((ids, at) => ({ revision: at + 1, ids })));
});

test('a user can note only own changes', async () => {
  const { db, sql } = await open();
  const [user, other] = [randomUUID(), randomUUID()];
  for (const id of [user, other]) await createTask(db.asUser(id), { title: 'x' });
  await db.asUser(user).transaction(({ em }) => noteChanges(em, { userId: other, taskIds: [randomUUID()] }));
  await db.asUser(user).transaction(({ em }) => noteChanges(em, { userId: user, listIds: [randomUUID()] }));
  const { rows } = await asTools(sql, 'select user_id, max(revision)::int as revision from changes group by 1');
  expect(new Map(rows.map((row) => [row.user_id, row.revision]))).toEqual(
    new Map([
      [user, 2],
      [other, 1],
    ]),
  );
});
