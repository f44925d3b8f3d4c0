import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  createList,
  createTask,
  type Database,
  deleteList,
  listLabels,
  listLists,
  renameLabel,
  restoreList,
  updateList,
  updateUser,
} from '../../src/index.ts';
import { listLabelsStatement } from '../../src/labels/list-labels.ts';
import { renameLabelStatement } from '../../src/labels/rename-label.ts';
import { createListStatement } from '../../src/lists/create-list.ts';
import { deleteListStatement } from '../../src/lists/delete-list.ts';
import { listListsStatement } from '../../src/lists/list-lists.ts';
import { restoreListStatement } from '../../src/lists/restore-list.ts';
import { updateListStatement } from '../../src/lists/update-list.ts';
import type { Statement } from '../../src/scope/prepared-statement.ts';
import { internalsOf } from '../../src/scope/user-scope.ts';
import { updateUserStatement } from '../../src/users/update-user.ts';
import { alice, asTools, bob, openFixture } from '../fixture.ts';

/** Gives Bob a live list with a task, and a list in the trash with a task. */
async function createBobsLists(db: Database) {
  const scope = db.asUser(bob);
  const [live, trashed] = [await createList(scope, { name: 'live' }), await createList(scope, { name: 'trashed' })];
  for (const { id, name } of [live, trashed]) await createTask(scope, { title: name, listId: id, labels: ['secret'] });
  await deleteList(scope, { id: trashed.id });
  return { live: live.id, trashed: trashed.id };
}

type Fixture = Awaited<ReturnType<typeof openFixture>>;

/** Everything that Bob has, except his revision. */
async function readBob({ sql }: Fixture): Promise<unknown> {
  const read = (text: string) => asTools(sql, text, [bob]);
  const queries = [
    'select id, email, name, time_zone from users where id = $1',
    'select * from lists where user_id = $1 order by id',
    'select * from tasks where user_id = $1 order by id',
    'select revision, operation_id from changes where user_id = $1 order by revision',
  ];
  const results = [];
  for (const query of queries) results.push((await read(query)).rows);
  const { rows } = await sql.query('select name from auth."user" where id = $1', [bob]);
  return [...results, rows];
}

async function createBobsAccount({ sql }: Fixture): Promise<void> {
  await sql.query(
    `insert into auth."user" (id, name, email, "emailVerified") values ($1, 'Bob', 'bob@example.org', false)`,
    [bob],
  );
}

test('without row-level security, the owner filter alone isolates lists, labels and users', async () => {
  const fixture = await openFixture();
  const { db, sql } = fixture;
  await createBobsAccount(fixture);
  const { live, trashed } = await createBobsLists(db);
  for (const table of ['users', 'lists', 'tasks', 'changes']) {
    await sql.query(`alter table ${table} disable row level security`);
  }
  const before = await readBob(fixture);
  const scope = db.asUser(alice);
  await createTask(scope, { title: 'x', labels: ['secret'] });
  for (const id of [live, trashed]) {
    const notFound = { code: 'LIST_NOT_FOUND' };
    await expect(updateList(scope, { id, name: 'taken' })).rejects.toMatchObject(notFound);
    await expect(deleteList(scope, { id })).rejects.toMatchObject(notFound);
    await expect(deleteList(scope, { id, moveTo: null })).rejects.toMatchObject(notFound);
    await expect(restoreList(scope, { id })).rejects.toMatchObject(notFound);
    await expect(createTask(scope, { title: 'x', listId: id })).rejects.toMatchObject(notFound);
  }
  const own = await createList(scope, { name: 'own' });
  await expect(deleteList(scope, { id: own.id, moveTo: live })).rejects.toMatchObject({ code: 'LIST_NOT_FOUND' });
  expect(await listLists(scope)).toEqual({ items: [own] });
  expect(await createList(scope, { id: live, name: 'mine' })).toMatchObject({ name: 'mine', version: 1 });
  await deleteList(scope, { id: live });
  await restoreList(scope, { id: live });
  expect(await listLabels(scope)).toEqual({ items: [{ name: 'secret', count: 1 }] });
  expect(await renameLabel(scope, { from: 'secret', to: 'known' })).toEqual({ count: 1 });
  await updateUser(scope, { name: 'Alice', timeZone: 'Asia/Tokyo' });
  expect(await readBob(fixture)).toEqual(before);
});

test('without the owner filter, row-level security alone isolates lists, labels and users', async () => {
  const fixture = await openFixture();
  const { db } = fixture;
  await createBobsAccount(fixture);
  const { live, trashed } = await createBobsLists(db);
  await createTask(db.asUser(alice), { title: 'x' });
  const before = await readBob(fixture);
  const { run } = internalsOf(db.asUser(alice));
  // The statements ask for Bob's rows, as with a wrong owner filter, in a transaction of Alice.
  const attempt = async (statement: Statement<never>, args: object) =>
    run(statement as Statement<object>, { userId: bob, changedAt: new Date().toISOString(), ...args });
  for (const id of [live, trashed]) {
    expect(await attempt(updateListStatement, { id, name: 'taken' })).toEqual([]);
    expect(await attempt(deleteListStatement, { id })).toEqual([]);
    expect(await attempt(restoreListStatement, { id })).toEqual([]);
  }
  const values = { id: randomUUID(), name: 'x', color: null, position: 'a0', createdAt: new Date().toISOString() };
  expect((await attempt(createListStatement, values))[0]![0]).toBeNull();
  expect(await attempt(listListsStatement, {})).toEqual([]);
  expect(await attempt(listLabelsStatement, {})).toEqual([]);
  const texts = { from: 'secret', fromKey: 'secret', foldedFrom: 'secret', to: 'x', toKey: 'x', foldedTo: 'x' };
  const letters = { fromLetters: '', fromReplacements: '', toLetters: '', toReplacements: '' };
  expect(await attempt(renameLabelStatement, { ...texts, ...letters })).toEqual([['0', null, 'f']]);
  const change = { name: 'taken', timeZone: 'Asia/Tokyo', tokenEmail: null, tokenName: null };
  expect(await attempt(updateUserStatement, change)).toEqual([]);
  expect(await readBob(fixture)).toEqual(before);
});

test('the function that renames an account reaches only the account of the transaction’s user', async () => {
  const fixture = await openFixture();
  const { db, sql } = fixture;
  await createBobsAccount(fixture);
  const before = await readBob(fixture);
  const rename = `select holdfast_rename_account('taken') as has_account`;
  const asAlice = db.asUser(alice).transaction(({ em }) => em.execute(rename));
  expect(await asAlice).toEqual([{ has_account: false }]);
  await expect(asTools(sql, rename)).rejects.toThrow('permission denied');
  expect(await readBob(fixture)).toEqual(before);
});
