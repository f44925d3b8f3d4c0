import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createTask, runMaintenance } from '../../src/index.ts';
import { asTools, openFixture } from '../fixture.ts';

const { db, sql, url } = await openFixture();

const run = (options: { batchMax?: number; onBatch?: (kind: string, rows: number) => void } = {}) =>
  runMaintenance({ url, signal: new AbortController().signal, trashDays: 30, ...options });

/** Creates a user with one row of the log for each age in days, the oldest first. */
async function createUser(ages: number[]): Promise<string> {
  const userId = randomUUID();
  await asTools(sql, 'insert into users (id, revision) values ($1, $2)', [userId, ages.length]);
  await asTools(
    sql,
    `insert into changes (user_id, revision, at)
    select $1, revision, now() - make_interval(days => days) from unnest($2::int[]) with ordinality as given (days, revision)`,
    [userId, ages],
  );
  return userId;
}

/** The revisions in the log of each user. */
async function readRevisions(...userIds: string[]): Promise<number[][]> {
  const { rows } = await asTools(
    sql,
    `select array(select revision::int from changes where user_id = id order by 1) as revisions
    from unnest($1::uuid[]) with ordinality as given (id, at) order by at`,
    [userIds],
  );
  return rows.map(({ revisions }) => revisions);
}

test('maintenance removes rows of the log that are older than 90 days', async () => {
  const userId = await createUser([200, 91, 89, 1]);
  await run();
  expect(await readRevisions(userId)).toEqual([[3, 4]]);
});

test('maintenance never removes the newest row of a user’s log', async () => {
  const users = [await createUser([400, 300, 200]), await createUser([100])];
  await run();
  expect(await readRevisions(...users)).toEqual([[3], [1]]);
  await run();
  expect(await readRevisions(...users)).toEqual([[3], [1]]);
});

test('no batch removes more rows of the log than its limit, and one run removes all old rows', async () => {
  const ages = Array.from({ length: 45 }, () => 100);
  const users = [await createUser(ages), await createUser(ages), await createUser([100, 100, 1])];
  const batches: number[] = [];
  const onBatch = (kind: string, rows: number) => void (kind === 'changes' && batches.push(rows));
  await run({ batchMax: 20, onBatch });
  expect(await readRevisions(...users)).toEqual([[45], [45], [3]]);
  expect(Math.max(...batches)).toBe(20);
});

test('an operation is remembered until its row of the log is removed', async () => {
  const userId = randomUUID();
  const scope = db.asUser(userId);
  const input = { id: randomUUID(), title: 'x' };
  await createTask(scope, input);
  await createTask(scope, { title: 'newer' });
  await run();
  expect(await createTask(scope, input)).toMatchObject({ id: input.id, version: 1 });
  expect((await readRevisions(userId))[0]).toHaveLength(2);
});
