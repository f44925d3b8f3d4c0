import { describe, expect, test } from 'vitest';
import { takeBackup } from '../../src/backup/backup.ts';
import { createTask, listChanges, listTasks, migrate, openDatabase } from '../../src/index.ts';
import { distribute } from '../../src/schema/distribute.ts';
import { findDrift } from '../../src/schema/drift.ts';
import { readStatus } from '../../src/status/status.ts';
import { alice, asTools, bob, connect, openBareDatabase } from '../fixture.ts';
import { hasCitus, openCluster, openHandle } from './fixture.ts';

const write = async () => {};
const cursorKey = 'key of the test';
const newest = { limit: 10, order: 'newest' } as const;

test('distribute refuses a database without Citus and a database without migrations', async () => {
  const { url } = await openBareDatabase();
  await expect(distribute({ url, apply: true })).rejects.toMatchObject({
    code: 'UNSUPPORTED_DATABASE',
    problems: ['The database has no extension Citus. Install it, and run: create extension citus;'],
  });
  const empty = await openBareDatabase({ empty: true });
  await expect(distribute({ url: empty.url })).rejects.toThrow(/^Migrations are missing \(0001-/);
});

describe.skipIf(!hasCitus)('on a Citus cluster', () => {
  test('distribute explains its changes, keeps all rows and the log, and finds nothing to change the second time', async () => {
    const { url } = await openCluster({ migrated: false });
    await migrate({ url });
    const before = await openDatabase({ url, cursorKey });
    const tasks = await Promise.all([alice, bob].map((user) => createTask(before.asUser(user), { title: user })));
    const sql = await connect(url);
    await asTools(sql, `insert into tasks (user_id, id, title) values ('${alice}', gen_random_uuid(), 'by hand')`);
    const changes = await listChanges(before.asUser(alice), { limit: 10 });
    await before.close();
    const planned = await distribute({ url });
    expect(planned.map(({ change }) => change)).toContain('Distribute the table public.users by id');
    expect((await sql.query('select from pg_dist_partition')).rowCount).toBe(0);
    const applied = await distribute({ url, apply: true });
    expect(applied.slice(0, planned.length)).toEqual(planned);
    expect(await distribute({ url, apply: true })).toEqual([]);
    const db = await openHandle(url, { cursorKey });
    for (const [at, user] of [alice, bob].entries()) {
      expect((await listTasks(db.asUser(user), newest)).items).toContainEqual(tasks[at]);
    }
    const { tasks: logged } = await listChanges(db.asUser(alice), { limit: 10 });
    expect(logged).toEqual(changes.tasks);
    expect(await listChanges(db.asUser(alice), { since: changes.cursor!, limit: 10 })).toMatchObject({ tasks: [] });
    expect((await readStatus(url)).problems).toEqual([]);
    expect(await findDrift({ url })).toEqual([]);
    expect(await migrate({ url })).toEqual([]);
  });

  test('distribute refuses while servers are connected, and if objects made by hand are in the way', async () => {
    const { url } = await openCluster({ migrated: false });
    await migrate({ url });
    await openHandle(url);
    const sql = await connect(url);
    await sql.query(`create table notes (user_id uuid references users (id) on delete cascade);
      create trigger by_hand after insert on tasks for each row execute function holdfast_unfold()`);
    await expect(distribute({ url, apply: true })).rejects.toMatchObject({
      problems: [
        'The foreign key notes_user_id_fkey on notes was made by hand. Remove it first.',
        'The trigger by_hand on tasks was made by hand. Remove it first.',
        'Servers are connected to the database. Stop all of them first.',
      ],
    });
    expect((await sql.query('select from pg_dist_partition')).rowCount).toBe(0);
  });

  test('servers do not start on tables that are distributed only in part, and distribute completes them', async () => {
    const { url } = await openCluster({ migrated: false });
    await migrate({ url });
    const sql = await connect(url);
    await sql.query(`set citus.enable_unsafe_triggers = on; select create_distributed_table('users', 'id')`);
    const problem = 'The tables are distributed only in part. Run: pnpm db distribute';
    await expect(openDatabase({ url })).rejects.toMatchObject({ code: 'UNSUPPORTED_DATABASE', problems: [problem] });
    expect((await readStatus(url)).problems).toContain(`${problem}.`);
    await distribute({ url, apply: true });
    const db = await openHandle(url);
    expect(await createTask(db.asUser(alice), { title: 'x' })).toMatchObject({ version: 1 });
  });

  test('servers do not start if one shard does not force row-level security', async () => {
    const { url, workerUrls } = await openCluster();
    const worker = await connect(workerUrls[0]!);
    await worker.query('set citus.override_table_visibility = off');
    await worker.query('set citus.enable_manual_changes_to_shards = on');
    const { rows } = await worker.query<{ name: string }>(
      `select relname as name from pg_class where relname ~ '^tasks_[0-9]+$' order by 1 limit 1`,
    );
    await worker.query(`alter table ${rows[0]!.name} no force row level security`);
    await expect(openDatabase({ url })).rejects.toMatchObject({
      code: 'ROW_SECURITY',
      problems: [expect.stringContaining(`for ${rows[0]!.name}.`)],
    });
  });

  test('a backup of distributed tables is refused with the alternative', async () => {
    const { url } = await openCluster();
    await expect(takeBackup({ url, write })).rejects.toMatchObject({
      code: 'TABLES_DISTRIBUTED',
      message: expect.stringContaining('Back up each node of the cluster instead.'),
    });
  });
});
