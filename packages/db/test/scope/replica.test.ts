import { Client } from 'pg';
import { beforeEach, expect, inject, test } from 'vitest';
import {
  createTask,
  type Database,
  type DatabaseOptions,
  listChanges,
  listTasks,
  migrate,
  openDatabase,
  type UserOptions,
} from '../../src/index.ts';
import { dropDatabase, openReplicatedServer, terminateClientsSql } from '../../src/testing/index.ts';
import { alice, atEnd, openFixture } from '../fixture.ts';

const servers = await openReplicatedServer();
atEnd(() => servers.stop());
const { primaryUrl: url, standbyUrl: replicaUrl } = servers;
await migrate({ url });

const anyLag = { replicaMaxLagMs: 3_600_000 };

/** Opens the database, and waits until the replica serves reads. */
async function openReplicated(options: Partial<DatabaseOptions> = anyLag): Promise<Database> {
  const db = await openDatabase({ url, replicaUrl, poolMax: 2, ...options });
  atEnd(() => db.close());
  await untilServed(db, true);
  return db;
}

const isServedByReplica = async (db: Database) => {
  const [row] = await db.acrossAllUsers((em) => em.execute('select pg_is_in_recovery() as replica'), { mayLag: true });
  return row!.replica as boolean;
};
const untilServed = (db: Database, byReplica: boolean) => expect.poll(() => isServedByReplica(db)).toBe(byReplica);

async function listTitles(db: Database, options: UserOptions): Promise<string[]> {
  const { items } = await listTasks(db.asUser(alice, options), { limit: 10, order: 'newest' });
  return items.map(({ title }) => title);
}

beforeEach(async () => {
  const owner = new Client({ connectionString: url });
  await owner.connect();
  await owner.query('truncate users cascade');
  await owner.end();
});

/** Creates the task `old`, which the replica has, and then the task `new`, which it lacks. @returns Their revisions. */
async function createOldAndNew(db: Database): Promise<number[]> {
  const revisions: number[] = [];
  const scope = db.asUser(alice, { mayLag: true, onWrite: (revision) => revisions.push(revision) });
  await createTask(scope, { title: 'old' });
  const replica = await openDatabase({ url: replicaUrl });
  await expect.poll(() => listTitles(replica, {})).toEqual(['old']);
  await replica.close();
  await servers.pause();
  atEnd(() => servers.resume());
  await createTask(scope, { title: 'new' });
  return revisions;
}

test('reads with mayLag run on the replica, and all other work runs on the primary', async () => {
  const db = await openReplicated();
  await createOldAndNew(db);
  expect(await listTitles(db, {})).toEqual(['new', 'old']);
  expect(await listTitles(db, { mayLag: true })).toEqual(['old']);
  expect(await listTitles(db, { mayLag: true, batchReads: true })).toEqual(['old']);
  expect(await isServedByReplica(db)).toBe(true);
  const write = db.acrossAllUsers((em) => em.execute('select pg_is_in_recovery() as replica'), {
    mayLag: true,
    write: true,
  });
  expect(await write).toEqual([{ replica: false }]);
  expect(db.poolState()).toMatchObject({ max: 4 });
});

test('a read that names the revision of a write contains the write, whatever the replica has', async () => {
  const db = await openReplicated();
  const [old, latest] = await createOldAndNew(db);
  expect(latest).toBe(old! + 1);
  for (const batchReads of [false, true]) {
    expect(await listTitles(db, { batchReads, mayLag: { minRevision: old } })).toEqual(['old']);
    expect(await listTitles(db, { batchReads, mayLag: { minRevision: latest } })).toEqual(['new', 'old']);
  }
  await servers.resume();
  await expect.poll(() => listTitles(db, { mayLag: true })).toEqual(['new', 'old']);
});

test('a replica that lags more than the limit serves no reads until it has caught up', async () => {
  const db = await openReplicated({ replicaMaxLagMs: 1500 });
  await createOldAndNew(db);
  await expect.poll(() => listTitles(db, { mayLag: true })).toEqual(['new', 'old']);
  await untilServed(db, false);
  await servers.resume();
  await untilServed(db, true);
});

test('a read can set a lower limit than the database handle, but no higher one', async () => {
  const db = await openReplicated({ replicaMaxLagMs: 1500 });
  await createOldAndNew(db);
  expect(await listTitles(db, { mayLag: { maxLagMs: 0 } })).toEqual(['new', 'old']);
  await expect.poll(() => listTitles(db, { mayLag: { maxLagMs: 3_600_000 } })).toEqual(['new', 'old']);
});

test('a replica that lags behind never decides about a cursor, because changes are read from the primary', async () => {
  const db = await openReplicated();
  await createOldAndNew(db);
  const { cursor, tasks } = await listChanges(db.asUser(alice), { limit: 10 });
  for (const batchReads of [false, true]) {
    const scope = db.asUser(alice, { mayLag: true, batchReads });
    expect((await listChanges(scope, { limit: 10 })).tasks).toEqual(tasks);
    expect(await listChanges(scope, { limit: 10, since: cursor! })).toMatchObject({ cursor, isReset: false });
  }
});

/** A copy of the test's database, which follows no other server. */
async function openCopy(): Promise<{ url: string; copyUrl: string }> {
  const { url } = await openFixture();
  const [name, copy] = [new URL(url).pathname.slice(1), `copy_${crypto.randomUUID().slice(0, 8)}`];
  const admin = new Client({ connectionString: inject('testServer').url });
  await admin.connect();
  atEnd(async () => {
    await dropDatabase(inject('testServer').url, copy);
    await admin.end();
  });
  await admin.query(terminateClientsSql(name));
  await admin.query(`create database ${copy} template ${name}`);
  return { url, copyUrl: Object.assign(new URL(url), { pathname: `/${copy}` }).href };
}

test('a server that follows no other one serves no reads, because its lag is not known', async () => {
  const copy = await openCopy();
  const db = await openDatabase({ url: copy.url, replicaUrl: copy.copyUrl, ...anyLag });
  atEnd(() => db.close());
  await createTask(db.asUser(alice), { title: 'new' });
  for (let reads = 0; reads < 20; reads += 1) expect(await listTitles(db, { mayLag: true })).toEqual(['new']);
});

test('a replica without row-level security is refused', async () => {
  const copy = await openCopy();
  const owner = new Client({ connectionString: copy.copyUrl });
  await owner.connect();
  await owner.query('alter table tasks no force row level security');
  await owner.end();
  const opened = openDatabase({ url: copy.url, replicaUrl: copy.copyUrl });
  await expect(opened).rejects.toMatchObject({ code: 'ROW_SECURITY' });
});

test('while the replica cannot be reached, the primary serves its reads', async () => {
  const db = await openReplicated();
  await createTask(db.asUser(alice), { title: 'task' });
  await servers.stopStandby();
  expect(await listTitles(db, { mayLag: true })).toEqual(['task']);
});
