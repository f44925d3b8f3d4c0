import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultRetention, takeScheduledBackup } from '../../src/backup/scheduled-backup.ts';
import {
  createCalendarFeed,
  createList,
  createTask,
  eraseRecords,
  eraseUser,
  openAuthStore,
  openDatabase,
  UserErasedError,
} from '../../src/index.ts';
import { findTablesWith } from '../../src/testing/index.ts';
import { atEnd, connect, openBareDatabase } from '../fixture.ts';
import { backUp, makeFolder, openEmpty, runCli, server } from './fixture.ts';

const { url } = await openBareDatabase();
const sql = await connect(url);
const db = await openDatabase({ url });
atEnd(() => db.close());
const store = openAuthStore({ url });
atEnd(() => store.close());

async function createUser(): Promise<string> {
  const id = randomUUID();
  await sql.query(
    `insert into auth."user" (id, name, email, "emailVerified") values ($1, 'Ada', $1::uuid || '@example.org', false)`,
    [id],
  );
  await sql.query(`insert into auth.verification (identifier, value, "expiresAt") values ('x', $1, now())`, [id]);
  const { id: listId } = await createList(db.asUser(id), { name: 'list' });
  await createTask(db.asUser(id), { title: 'task', listId });
  await createCalendarFeed(db.asUser(id));
  return id;
}

async function erase(id: string): Promise<void> {
  await eraseRecords(db.asUser(id));
  await eraseUser(store, id);
}

const everywhere = [
  'auth.user',
  'auth.verification',
  'public.calendar_feeds',
  'public.changes',
  'public.lists',
  'public.tasks',
  'public.users',
];

test('a backup of a folder does not bring back a user who was deleted before a later backup of the folder', async () => {
  const folder = makeFolder();
  const options = { url, folder, retention: { ...defaultRetention, last: 10 }, server };
  const [deleted, other] = [await createUser(), await createUser()];
  const { file } = await takeScheduledBackup(options);
  await erase(deleted);
  await takeScheduledBackup(options);
  const list = join(folder, 'holdfast-erased-users.txt');
  expect(readFileSync(list, 'utf8')).toContain(`\n${deleted}\n`);
  expect(statSync(list).mode & 0o777).toBe(0o600);
  // The database forgets the deletion, but the list does not.
  await sql.query('delete from auth.erased_users');
  await takeScheduledBackup(options);
  const target = await openEmpty();
  const { code, stdout } = await runCli(target, ['restore', file]).ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining('Removed 1 user of the backup, who were deleted later.')]);
  expect(await findTablesWith(target, deleted)).toEqual(['auth.erased_users']);
  expect(await findTablesWith(target, other)).toEqual(everywhere);
  const restored = await openDatabase({ url: target });
  await expect(createTask(restored.asUser(deleted), { title: 'x' })).rejects.toThrow(UserErasedError);
  await createTask(restored.asUser(other), { title: 'x' });
  await restored.close();
});

test('restore --erased removes the users that erased has listed, and blocks IDs that the backup does not contain', async () => {
  const [deleted, later] = [await createUser(), randomUUID()];
  const { file } = await backUp(url);
  await erase(deleted);
  const { code, stdout } = await runCli(url, ['erased']).ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining(`\n${deleted}\n`)]);
  const list = join(makeFolder(), 'erased.txt');
  writeFileSync(list, `${stdout}\n  ${later.toUpperCase()}\r\n`);
  const target = await openEmpty();
  expect((await runCli(target, ['restore', file, '--erased', list]).ended).code).toBe(0);
  for (const id of [deleted, later]) expect(await findTablesWith(target, id)).toEqual(['auth.erased_users']);
});

test('a list with a line that is no ID is refused with its number, before anything is restored', async () => {
  const { file } = await backUp(url);
  const list = join(makeFolder(), 'erased.txt');
  const target = await openEmpty();
  for (const [text, message] of [
    [`# list\n${randomUUID()}\nada@example.org\n`, `Line 3 of ${list} is no user ID. Write one UUID per line.`],
    [undefined, `${list}x cannot be read. Check the path and its permissions.`],
  ] as const) {
    if (text !== undefined) writeFileSync(list, text);
    const path = text === undefined ? `${list}x` : list;
    const { code, stderr } = await runCli(target, ['restore', file, '--erased', path]).ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  }
  expect(await findTablesWith(target, '')).toEqual([]);
});
