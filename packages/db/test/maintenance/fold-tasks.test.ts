import { randomUUID } from 'node:crypto';
import { fold } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { createTask, getTask, runMaintenance, updateTask } from '../../src/index.ts';
import { foldTasksJob } from '../../src/maintenance/fold-tasks.ts';
import { asTools, connect, openFixture } from '../fixture.ts';
import { runJobWith } from './fixture.ts';

const { db, sql, url } = await openFixture();

const run = (options: { batchMax?: number; onBatch?: (kind: string, rows: number) => void } = {}) =>
  runMaintenance({ url, signal: new AbortController().signal, trashDays: 30, ...options });

interface Unfolded {
  title?: string;
  description?: string | null;
  labels?: string[];
}

/** Inserts a task as the previous version and raw SQL do. */
async function insert({ title = 'x', description = null, labels = [] }: Unfolded = {}) {
  const [userId, id] = [randomUUID(), randomUUID()];
  await asTools(sql, 'insert into users (id) values ($1)', [userId]);
  await asTools(
    sql,
    'insert into tasks (user_id, id, title, description, labels, updated_at) values ($1, $2, $3, $4, $5, now())',
    [userId, id, title, description, labels],
  );
  return { userId, id };
}

async function read(id: string) {
  const { rows } = await asTools(sql, 'select *, revision::int from tasks where id = $1', [id]);
  return rows[0];
}

test('a task that other code has inserted is found by folded words after maintenance', async () => {
  const { id } = await insert({ title: 'Crème BRÛLÉE', description: 'Straße\n2', labels: ['Küche', 'a "b" \\ c'] });
  expect(await read(id)).toMatchObject({ search: '', is_folded: false });
  await run();
  for (const word of ['crème', 'brulee', 'Strasse', 'KÜCHE', 'a "b" \\ c']) {
    const { rows } = await asTools(sql, 'select is_folded from tasks where id = $1 and strpos(search, $2) > 0', [
      id,
      fold(word),
    ]);
    expect({ word, rows }).toEqual({ word, rows: [{ is_folded: true }] });
  }
});

test('the search text that maintenance makes equals that of task.create', async () => {
  const content = { title: 'Ölwechsel ½', description: 'Línea 1\nLínea 2', labels: ['Auto', 'Ärger, "x"'] };
  const { userId, id } = await insert(content);
  const created = await createTask(db.asUser(userId), content);
  await run();
  expect((await read(id)).search).toBe((await read(created.id)).search);
});

test('maintenance changes neither the version, the times nor the revision of a task', async () => {
  const { userId, id } = await insert();
  const { search: _, is_folded: __, ...before } = await read(id);
  const log = await asTools(sql, 'select * from changes');
  await run();
  const { search, is_folded, ...after } = await read(id);
  expect({ search, is_folded }).toEqual({ search: 'x\n\n', is_folded: true });
  expect(after).toEqual(before);
  const { rows } = await asTools(sql, 'select revision::int from users where id = $1', [userId]);
  // The insert has taken it.
  expect(rows).toEqual([{ revision: 1 }]);
  expect((await asTools(sql, 'select * from changes')).rows).toEqual(log.rows);
});

test('maintenance folds a task again after other code has changed its texts', async () => {
  const { id } = await createTask(db.asUser(randomUUID()), { title: 'before' });
  await asTools(sql, `update tasks set title = 'ÀFTER' where id = $1`, [id]);
  expect(await read(id)).toMatchObject({ is_folded: false });
  await run();
  expect(await read(id)).toMatchObject({ is_folded: true, search: 'after\n\n' });
});

test.each([
  ['title', `title = 'other'`],
  ['description', `description = 'other'`],
  ['labels', `labels = '{other}'`],
])('maintenance does not fold a task whose %s changes after it was read', async (_, change) => {
  const { id } = await insert();
  const before = () => asTools(sql, `update tasks set ${change} where id = $1`, [id]);
  expect(await runJobWith(url, foldTasksJob, { text: 'update public.tasks', before })).toBe(0);
  expect(await read(id)).toMatchObject({ is_folded: false, search: '' });
  await run();
  expect(await read(id)).toMatchObject({ is_folded: true, search: expect.stringMatching('other') });
});

test('maintenance does not overwrite the search text of a user’s update that came after it read the task', async () => {
  const { userId, id } = await insert();
  const scope = db.asUser(userId);
  const before = () => updateTask(scope, { id, title: 'New', description: 'Text', labels: [] });
  expect(await runJobWith(url, foldTasksJob, { text: 'update public.tasks', before })).toBe(0);
  expect(await read(id)).toMatchObject({ search: 'new\ntext\n' });
  expect(await getTask(scope, { id })).toMatchObject({ version: 2 });
});

test('maintenance skips a task that a request has locked, and folds it in the next run', async () => {
  const [locked, free] = [await insert(), await insert()];
  const request = await connect(url);
  await request.query('begin; set local role holdfast_tools');
  await request.query('select from tasks where id = $1 for update', [locked.id]);
  await run();
  expect([(await read(locked.id)).is_folded, (await read(free.id)).is_folded]).toEqual([false, true]);
  await request.query('rollback');
  await run();
  expect(await read(locked.id)).toMatchObject({ is_folded: true });
});

test('no batch folds more tasks than its limit or many more bytes than 250 kB, and one run folds all', async () => {
  const userId = randomUUID();
  await asTools(sql, 'insert into users (id) values ($1)', [userId]);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, description)
    select $1, gen_random_uuid(), 'x', case when n > 100 then repeat('😀', 10000) end from generate_series(1, 200) n`,
    [userId],
  );
  const batches: number[] = [];
  const onBatch = (kind: string, rows: number) => void (kind === 'search texts' && batches.push(rows));
  await run({ batchMax: 70, onBatch });
  expect(batches.reduce((sum, rows) => sum + rows)).toBe(200);
  expect(Math.max(...batches)).toBeLessThanOrEqual(70);
  // 100 descriptions of 40,000 bytes, at most 7 in a batch.
  expect(batches.filter((rows) => rows > 0).length).toBeGreaterThanOrEqual(15);
  const { rows } = await asTools(sql, 'select count(*)::int as n from tasks where not is_folded');
  expect(rows).toEqual([{ n: 0 }]);
});
