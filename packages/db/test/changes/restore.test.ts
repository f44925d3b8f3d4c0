import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { expect, test } from 'vitest';
import { readBackupFile } from '../../src/backup/file.ts';
import { restoreBackup } from '../../src/backup/restore.ts';
import { restoreUser } from '../../src/backup/user/restore-user.ts';
import {
  type ChangesPage,
  createList,
  createTask,
  type Database,
  deleteTask,
  openDatabase,
  purgeTasks,
  runMaintenance,
  updateTask,
} from '../../src/index.ts';
import { backUp, openEmpty, server } from '../backup/fixture.ts';
import { alice, asTools, atEnd, bob, connect, openBareDatabase } from '../fixture.ts';
import { Follower, readContents } from './follower.ts';

const cursorKey = 'the key of all servers of this database';

interface Opened {
  url: string;
  db: Database;
  sql: Client;
}

async function open(url: string): Promise<Opened> {
  const [db, sql] = [await openDatabase({ url, cursorKey }), await connect(url)];
  atEnd(() => db.close());
  return { url, db, sql };
}

const openNew = async () => open((await openBareDatabase()).url);

/** Restores a backup into another database, which clients then use instead of the first one. */
async function restore(file: string): Promise<Opened> {
  const url = await openEmpty();
  await restoreBackup({ url, source: readBackupFile(file) });
  return open(url);
}

/** Creates a list and two tasks of Alice. */
async function createSome({ db }: Opened): Promise<void> {
  const scope = db.asUser(alice);
  const { id } = await createList(scope, { name: 'home' });
  for (const title of ['one', 'two']) await createTask(scope, { title, listId: id });
}

async function expectSame(follower: Follower, { sql }: Opened, userId = alice): Promise<void> {
  expect(follower.contents).toEqual(await readContents(sql, userId));
}

const toResets = (pages: { isReset: boolean }[]) => pages.map(({ isReset }) => isReset);

test('a client whose cursor is older than the restored backup continues with it', async () => {
  const before = await openNew();
  await createSome(before);
  const follower = new Follower();
  await follower.catchUp(before.db.asUser(alice));
  await createTask(before.db.asUser(alice), { title: 'after the cursor' });
  const { file } = await backUp(before.url);
  const after = await restore(file);
  const pages = await follower.catchUp(after.db.asUser(alice));
  expect(pages).toMatchObject([{ isReset: false, tasks: [{ title: 'after the cursor' }], lists: [] }]);
  await createTask(after.db.asUser(alice), { title: 'after the restore' });
  await follower.catchUp(after.db.asUser(alice));
  await expectSame(follower, after);
});

test.each([0, 1, 2, 3, 4])(
  'a client that has 2 changes which a restore has lost starts a new copy, also after %i new changes',
  async (newChanges) => {
    const before = await openNew();
    await createSome(before);
    const { file } = await backUp(before.url);
    const scope = before.db.asUser(alice);
    const { id } = await createTask(scope, { title: 'lost' });
    await updateTask(scope, { id, title: 'lost too' });
    const follower = new Follower();
    await follower.catchUp(scope);
    const after = await restore(file);
    for (let change = 0; change < newChanges; change += 1) {
      await createTask(after.db.asUser(alice), { title: `${change}` });
    }
    expect(toResets(await follower.catchUp(after.db.asUser(alice), { limit: 1 }))[0]).toBe(true);
    expect(follower.contents.tasks).toHaveLength(2 + newChanges);
    await expectSame(follower, after);
  },
);

test('a copy that began before the restored backup continues, and a later one starts again', async () => {
  const before = await openNew();
  await createSome(before);
  const [early, late] = [new Follower(), new Follower()];
  await early.read(before.db.asUser(alice), { limit: 1 });
  const { file } = await backUp(before.url);
  await createTask(before.db.asUser(alice), { title: 'lost' });
  await late.read(before.db.asUser(alice), { limit: 1 });
  const after = await restore(file);
  expect(toResets(await early.catchUp(after.db.asUser(alice), { limit: 1 }))).not.toContain(true);
  expect(toResets(await late.catchUp(after.db.asUser(alice), { limit: 1 }))[0]).toBe(true);
  await expectSame(early, after);
  await expectSame(late, after);
});

test('a restore in the middle of a new copy starts the copy again', async () => {
  const before = await openNew();
  await createSome(before);
  const { file } = await backUp(before.url);
  const scope = before.db.asUser(alice);
  await createTask(scope, { title: 'lost' });
  const follower = new Follower();
  await follower.catchUp(scope);
  for (const pagesOfCopy of [1, 2, 3]) {
    const between = await restore(file);
    await createTask(between.db.asUser(alice), { title: 'lost with the second restore' });
    const pages: ChangesPage[] = [];
    while (pages.length < pagesOfCopy) pages.push(await follower.read(between.db.asUser(alice), { limit: 1 }));
    expect(pages.map(({ isReset, hasMore }) => [isReset, hasMore])).toEqual(pages.map((_, page) => [page === 0, true]));
    const after = await restore(file);
    await follower.catchUp(after.db.asUser(alice), { limit: 1 });
    await expectSame(follower, after);
    await createTask(after.db.asUser(alice), { title: 'lost with the next restore' });
    await follower.catchUp(after.db.asUser(alice));
  }
});

test.each(['a copy', 'the log'])(
  'a page in the middle of %s can contain changes that a restore loses, and then a new copy starts',
  async (middle) => {
    const before = await openNew();
    const scope = before.db.asUser(alice);
    const follower = new Follower();
    if (middle === 'the log') {
      await createSome(before);
      await follower.catchUp(scope);
    }
    const ids = [1, 2, 3, 4].map((digit) => `00000000-0000-4000-8000-00000000000${digit}`);
    for (const id of ids) await createTask(scope, { id, title: 'x' });
    await follower.read(scope, { limit: 1 });
    const { file } = await backUp(before.url);
    const [, changed, purged] = ids;
    await updateTask(scope, { id: changed!, title: 'lost' });
    await deleteTask(scope, { id: purged! });
    await purgeTasks(scope, { ids: [purged!] });
    await follower.read(scope, { limit: 2 });
    const after = await restore(file);
    expect(toResets(await follower.catchUp(after.db.asUser(alice), { limit: 1 }))[0]).toBe(true);
    await expectSame(follower, after);
  },
);

test('the restore of one user starts a new copy for the clients of this user only', async () => {
  const opened = await openNew();
  const { url, db } = opened;
  await createSome(opened);
  const { id } = await createTask(db.asUser(bob), { title: 'of Bob' });
  const { file } = await backUp(url);
  const [kept] = (await readContents(opened.sql, alice)).tasks;
  await deleteTask(db.asUser(alice), { id: kept!.id });
  await createTask(db.asUser(alice), { title: 'removed by the restore' });
  const [ofAlice, midway, ofBob] = [new Follower(), new Follower(), new Follower()];
  await ofAlice.catchUp(db.asUser(alice));
  await midway.read(db.asUser(alice), { limit: 1 });
  await ofBob.catchUp(db.asUser(bob));
  await restoreUser({ url, source: readBackupFile(file), server, user: alice, apply: true });
  await updateTask(db.asUser(bob), { id, title: 'changed' });
  for (const follower of [ofAlice, midway]) {
    expect(toResets(await follower.catchUp(db.asUser(alice), { limit: 1 }))[0]).toBe(true);
    await expectSame(follower, opened);
  }
  expect(ofAlice.contents.tasks.map(({ title }) => title).toSorted()).toEqual(['one', 'two']);
  expect(await ofBob.catchUp(db.asUser(bob))).toMatchObject([{ isReset: false, tasks: [{ title: 'changed' }] }]);
  await createTask(db.asUser(alice), { title: 'new' });
  expect(await ofAlice.catchUp(db.asUser(alice))).toMatchObject([{ isReset: false, tasks: [{ title: 'new' }] }]);
});

const runAllJobs = (url: string) => runMaintenance({ url, signal: new AbortController().signal, trashDays: 30 });

/** Makes all rows of a user's log older. */
const age = (sql: Client, userId: string, days: number) =>
  asTools(sql, 'update changes set at = at - make_interval(days => $2::int) where user_id = $1', [userId, days]);

test('a cursor that is older than 90 days starts a new copy, but not if nothing has changed since', async () => {
  const opened = await openNew();
  const { db, sql, url } = opened;
  const scope = db.asUser(alice);
  await createSome(opened);
  await age(sql, alice, 100);
  const [complete, midway, behind] = [new Follower(), new Follower(), new Follower()];
  await complete.catchUp(scope);
  await behind.catchUp(scope);
  await midway.read(scope, { limit: 1 });
  await runAllJobs(url);
  expect(toResets(await complete.catchUp(scope))).toEqual([false]);
  await createTask(scope, { title: 'new' });
  expect(toResets(await complete.catchUp(scope))).toEqual([false]);
  await runAllJobs(url);
  for (const follower of [behind, midway]) {
    expect(toResets(await follower.catchUp(scope, { limit: 1 }))[0]).toBe(true);
    await expectSame(follower, opened);
  }
  expect(toResets(await complete.catchUp(scope))).toEqual([false]);
});

test('a change that looks older than the previous one is never missed, because the log is removed in its order', async () => {
  const opened = await openNew();
  const { db, sql, url } = opened;
  const scope = db.asUser(alice);
  const { id } = await createTask(scope, { title: 'x' });
  await age(sql, alice, 100);
  await updateTask(scope, { id, title: 'seen' });
  const follower = new Follower();
  await follower.catchUp(scope);
  // A transaction has the time at which it began, and may have waited for another one.
  await updateTask(scope, { id, title: 'waited' });
  await asTools(sql, `update changes set at = at - interval '91 days' where user_id = $1 and revision = 3`, [alice]);
  await createTask(scope, { title: 'newest' });
  await runAllJobs(url);
  const pages = await follower.catchUp(scope);
  expect(toResets(pages)).toEqual([false]);
  await expectSame(follower, opened);
});

test('a client of a user whose rows were all removed starts a new copy, which is empty', async () => {
  const opened = await openNew();
  const { db, sql } = opened;
  const userId = randomUUID();
  await createTask(db.asUser(userId), { title: 'x' });
  const follower = new Follower();
  await follower.catchUp(db.asUser(userId));
  await asTools(sql, 'delete from users where id = $1', [userId]);
  const pages = await follower.catchUp(db.asUser(userId));
  expect(pages).toMatchObject([{ isReset: true, hasMore: false, cursor: null }]);
  expect(follower.contents).toEqual({ tasks: [], lists: [] });
});
