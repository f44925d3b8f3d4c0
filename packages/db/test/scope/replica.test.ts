import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { createTask, listChanges, listTasks, openDatabase } from '../../src/index.ts';
import { dropDatabase, terminateClientsSql } from '../../src/testing/index.ts';
import { alice, atEnd, bob, openFixture } from '../fixture.ts';

const { db: seed, url } = await openFixture();
const newest = { limit: 10, order: 'newest' } as const;

/** A copy without replication, so that a result shows which server returned it. */
async function openCopy(): Promise<string> {
  const [name, copy] = [new URL(url).pathname.slice(1), `copy_${crypto.randomUUID().slice(0, 8)}`];
  const admin = new Client({ connectionString: inject('testServer').url });
  await admin.connect();
  atEnd(async () => {
    await dropDatabase(inject('testServer').url, copy);
    await admin.end();
  });
  await admin.query(terminateClientsSql(name));
  await admin.query(`create database ${copy} template ${name}`);
  return Object.assign(new URL(url), { pathname: `/${copy}` }).href;
}

test('reads with mayLag run on the replica, and all other work runs on the primary', async () => {
  await createTask(seed.asUser(alice), { title: 'old' });
  const replicaUrl = await openCopy();
  const db = await openDatabase({ url, replicaUrl, poolMax: 2 });
  const titles = async (options: { mayLag?: boolean; batchReads?: boolean }) =>
    (await listTasks(db.asUser(alice, options), newest)).items.map(({ title }) => title);
  await createTask(db.asUser(alice, { mayLag: true }), { title: 'new' });
  expect(await titles({})).toEqual(['new', 'old']);
  expect(await titles({ mayLag: true })).toEqual(['old']);
  expect(await titles({ mayLag: true, batchReads: true })).toEqual(['old']);
  const count = (options: { mayLag?: boolean; write?: boolean }) =>
    db.acrossAllUsers((em) => em.execute('select count(*)::int as tasks from tasks'), options);
  expect(await count({})).toEqual([{ tasks: 2 }]);
  expect(await count({ mayLag: true })).toEqual([{ tasks: 1 }]);
  expect(await count({ mayLag: true, write: true })).toEqual([{ tasks: 2 }]);
  expect(db.poolState()).toMatchObject({ max: 4 });

  await dropDatabase(inject('testServer').url, new URL(replicaUrl).pathname.slice(1));
  expect(await titles({ mayLag: true })).toEqual(['new', 'old']);
  await db.close();
});

test('a replica that lags behind never decides about a cursor, because changes are read from the primary', async () => {
  await createTask(seed.asUser(bob), { title: 'old' });
  const replicaUrl = await openCopy();
  const db = await openDatabase({ url, replicaUrl });
  atEnd(() => db.close());
  const { id } = await createTask(db.asUser(bob), { title: 'new' });
  const { cursor } = await listChanges(db.asUser(bob), { limit: 10 });
  for (const batchReads of [false, true]) {
    const scope = db.asUser(bob, { mayLag: true, batchReads });
    expect((await listChanges(scope, { limit: 10 })).tasks.map((task) => task.id)).toContain(id);
    expect(await listChanges(scope, { limit: 10, since: cursor! })).toMatchObject({ cursor, isReset: false });
  }
});

test('a replica without row-level security is refused', async () => {
  const replicaUrl = await openCopy();
  const owner = new Client({ connectionString: replicaUrl });
  await owner.connect();
  await owner.query('alter table tasks no force row level security');
  await owner.end();
  await expect(openDatabase({ url, replicaUrl })).rejects.toMatchObject({ code: 'ROW_SECURITY' });
});
