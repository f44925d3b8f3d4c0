import { expect, test } from 'vitest';
import { copyListsStatement, copyTasksStatement } from '../../src/changes/copy-statements.ts';
import { readFeedStatement, readQuickFeedStatement } from '../../src/changes/feed-statements.ts';
import { createList, createTask, deleteTask, listChanges, updateTask } from '../../src/index.ts';
import { internalsOf } from '../../src/scope/user-scope.ts';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

type Fixture = Awaited<ReturnType<typeof openFixture>>;

/** Gives Alice and Bob the same revisions and times in their logs, and some of the same IDs. */
async function createBoth({ db, sql }: Fixture): Promise<void> {
  const [bobs, own] = [db.asUser(bob), db.asUser(alice)];
  const list = await createList(bobs, { name: 'secret' });
  await createList(own, { id: list.id, name: 'own' });
  const { id } = await createTask(bobs, { title: 'secret', listId: list.id });
  await createTask(own, { id, title: 'own' });
  await createTask(bobs, { title: 'secret' });
  await createTask(own, { title: 'own' });
  await asTools(sql, `update changes set at = '2026-01-01'`);
}

test.each([true, false])('a cursor of another user is refused, whether row-level security is on (%s)', async (isOn) => {
  const fixture = await openFixture();
  const { db, sql } = fixture;
  await createBoth(fixture);
  if (!isOn)
    for (const table of ['lists', 'tasks', 'changes'])
      await sql.query(`alter table ${table} disable row level security`);
  const pages = [await listChanges(db.asUser(bob), { limit: 1 }), await listChanges(db.asUser(bob), { limit: 10 })];
  await asTools(sql, `update changes set at = '2026-01-02' where user_id = $1`, [bob]);
  pages.push(await listChanges(db.asUser(bob), { limit: 10, since: pages[1]!.cursor! }));
  expect(pages.map(({ isReset }) => isReset)).toEqual([false, false, true]);
  for (const { cursor } of pages) {
    await expect(listChanges(db.asUser(alice), { limit: 10, since: cursor! })).rejects.toMatchObject({
      code: 'INVALID_CURSOR',
      field: 'since',
    });
  }
});

test('without row-level security, the owner filter alone isolates the changes of users', async () => {
  const fixture = await openFixture();
  const { db, sql } = fixture;
  await createBoth(fixture);
  for (const table of ['users', 'lists', 'tasks', 'changes']) {
    await sql.query(`alter table ${table} disable row level security`);
  }
  const scope = db.asUser(alice);
  const copy = await listChanges(scope, { limit: 10 });
  expect(copy).toMatchObject({ tasks: [{ title: 'own' }, { title: 'own' }], lists: [{ name: 'own' }], hasMore: false });
  const { id } = copy.tasks[0]!;
  await updateTask(db.asUser(bob), { id, title: 'secret change' }).catch(() => {});
  await createTask(db.asUser(bob), { title: 'secret' });
  expect(await listChanges(scope, { limit: 10, since: copy.cursor! })).toMatchObject({
    tasks: [],
    cursor: copy.cursor,
  });
  await deleteTask(scope, { id });
  for (const maxBytes of [undefined, 1]) {
    const page = await listChanges(scope, { limit: 10, since: copy.cursor!, maxBytes });
    expect(page).toMatchObject({ tasks: [{ id, title: 'own' }], lists: [], removed: [], hasMore: false });
  }
});

test('without the owner filter, row-level security alone isolates the changes of users', async () => {
  const fixture = await openFixture();
  await createBoth(fixture);
  const { runAll } = internalsOf(fixture.db.asUser(alice));
  // The statements ask for Bob's rows, as with a wrong owner filter, in a transaction of Alice.
  const from = '00000000-0000-0000-0000-000000000000';
  const args = {
    userId: bob,
    known: '1',
    revision: '1',
    sent: 0,
    rows: 10,
    maxBytes: 1_000_000,
    from,
    after: undefined,
  };
  const statements = [readQuickFeedStatement, readFeedStatement, copyTasksStatement, copyListsStatement];
  expect(await runAll(statements.map((statement) => ({ statement, args })))).toEqual([[], [], [], []]);
  const { runAll: runAsBob } = internalsOf(fixture.db.asUser(bob));
  const rows = await runAsBob(statements.map((statement) => ({ statement, args })));
  expect(rows.map(({ length }) => length)).toEqual([3, 3, 2, 1]);
});
