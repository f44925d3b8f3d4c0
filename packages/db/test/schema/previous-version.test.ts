import { isPosition } from '@holdfast/task-values';
import { expect, test } from 'vitest';
import { createTask, getTask } from '../../src/index.ts';
import type { Text } from '../../src/scope/prepared-statement.ts';
import { alice, ask, asTools, bob, openFixture } from '../fixture.ts';
import statements from '../fixtures/previous-statements.json' with { type: 'json' };

// While servers are replaced one by one, those of the previous version use the new schema. The fixture contains the SQL of all
// their statements.

const { db, sql } = await openFixture();
const scope = db.asUser(alice);

/** Runs a statement of the previous version, as that version does. */
function run(name: keyof typeof statements, values: Text[]) {
  return ask(scope, statements[name], values);
}

/** Runs a statement, and returns the first columns of its first row. */
async function runFirst(name: keyof typeof statements, values: Text[], columns = 2) {
  return (await run(name, values))[0]?.slice(0, columns);
}

const now = '2026-01-01T00:00:00.000Z';
const createValues = (id: string, title: string, userId = alice): Text[] => [
  userId,
  null,
  null,
  title,
  null,
  'f',
  id,
  null,
  now,
];

async function create(title: string): Promise<string> {
  const id = crypto.randomUUID();
  const [row] = await run('task_create', createValues(id, title));
  expect(row).toEqual([id, title, null, 'f', null, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00', '1']);
  return id;
}

interface Update {
  title?: string;
  completed?: 't' | 'f';
  ifVersion?: string;
}

/** Whether a field is given, and its value. */
const toFlag = (value: Text | undefined): Text[] => (value === undefined ? ['f', null] : ['t', value]);

async function update(id: string, { title, completed, ifVersion }: Update) {
  const changes = [...toFlag(title), 'f', null, ...toFlag(completed)];
  const [row] = await run('task_update', [...changes, '2026-02-02T00:00:00.000Z', alice, id, ifVersion ?? null]);
  return row === undefined ? undefined : { title: row[1], version: row[7], isApplied: row[8] };
}

test('a task that the previous version creates has a position, no list, no due date and no labels', async () => {
  const id = await create('of the previous version');
  const task = await getTask(scope, { id });
  expect(task).toMatchObject({ listId: null, due: null, priority: 0, labels: [], deletedAt: null, version: 1 });
  expect(isPosition(task.position)).toBe(true);
});

test('the previous version returns the task if it creates it twice', async () => {
  const id = await create('once');
  expect(await runFirst('task_create', createValues(id, 'twice'))).toEqual([id, 'once']);
});

test('the previous version reads, lists, changes and deletes tasks of this version', async () => {
  const { id, createdAt } = await createTask(scope, {
    title: 'of this version',
    labels: ['kept'],
    due: { date: '2026-05-05' },
  });
  expect(await runFirst('task_get', [alice, id])).toEqual([id, 'of this version']);
  expect(await runFirst('task_get_several', [`{${id}}`, alice])).toEqual([id, 'of this version']);
  const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
  const after = { newest: [createdAt, lastId], oldest: [createdAt, '00000000-0000-0000-0000-000000000000'] };
  for (const order of ['newest', 'oldest'] as const) {
    for (const [name, values] of [
      [`task_list_${order}`, [alice, ...after[order], '1']],
      [`task_list_${order}_bounded`, [alice, ...after[order], '1', '100000']],
      [`task_list_${order}_filtered`, [alice, 'f', ...after[order], '1']],
      [`task_list_${order}_filtered_bounded`, [alice, 'f', ...after[order], '1', '100000']],
    ] as const) {
      expect(await runFirst(name, [...values]), name).toEqual([id, 'of this version']);
    }
  }
  expect(await update(id, { title: 'changed', completed: 't', ifVersion: '1' })).toEqual({
    title: 'changed',
    version: '2',
    isApplied: 't',
  });
  expect(await update(id, { title: 'stale', ifVersion: '1' })).toMatchObject({ title: 'changed', isApplied: 'f' });
  expect(await update(id, { title: 'changed' })).toEqual({ title: 'changed', version: '2', isApplied: 'f' });
  expect(await getTask(scope, { id })).toMatchObject({
    title: 'changed',
    completed: true,
    labels: ['kept'],
    due: { date: '2026-05-05' },
    version: 2,
  });
  expect((await runFirst('task_delete', [alice, id, '1'], 9))?.at(-1)).toBe('f');
  expect((await runFirst('task_delete', [alice, id, '2'], 9))?.at(-1)).toBe('t');
  await expect(getTask(scope, { id })).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
});

test('the previous version reads and writes the row of a user', async () => {
  const user = [alice, 'alice@example.com', 'Alice'];
  expect(await runFirst('user_get', user, 3)).toEqual(user);
  expect(await runFirst('user_get', [alice, null, null], 3)).toEqual(user);
});

test('the previous version cannot create a task for another user', async () => {
  await expect(run('task_create', createValues(crypto.randomUUID(), 'x', bob))).rejects.toThrow('refused access');
});

async function readIsFolded(id: string): Promise<boolean> {
  return (await asTools(sql, 'select is_folded from tasks where id = $1', [id])).rows[0].is_folded;
}

test('a task whose texts the previous version or SQL has changed is marked, so that its search text is made again', async () => {
  expect(await readIsFolded(await create('new'))).toBe(false);
  const { id } = await createTask(scope, { title: 'Folded', labels: ['one'] });
  expect(await readIsFolded(id)).toBe(true);
  await update(id, { completed: 't' });
  expect(await readIsFolded(id)).toBe(true);
  await update(id, { title: 'changed' });
  expect(await readIsFolded(id)).toBe(false);
  for (const change of [`title = 'x'`, `description = 'x'`, `labels = '{two}'`]) {
    const task = await createTask(scope, { title: 'Folded', labels: ['one'] });
    await asTools(sql, `update tasks set ${change} where id = $1`, [task.id]);
    expect(await readIsFolded(task.id), change).toBe(false);
  }
});

test('a writer that folds the search text itself leaves the mark as it is', async () => {
  const { id } = await createTask(scope, { title: 'Folded' });
  await asTools(sql, `update tasks set title = 'Own', search = e'own\\n\\n', revision = revision + 1 where id = $1`, [
    id,
  ]);
  expect(await readIsFolded(id)).toBe(true);
});
