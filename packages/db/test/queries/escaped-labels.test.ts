import { countTurns } from '@holdfast/operation/testing';
import { expect, test } from 'vitest';
import { createTask, getTask, listTasks } from '../../src/index.ts';
import { readTexts } from '../../src/records/fields.ts';
import { readManyRows } from '../../src/tasks/many/many-rows.ts';
import { taskColumns } from '../../src/tasks/record.ts';
import { asTools, openFixture } from '../fixture.ts';

const { db, sql } = await openFixture();

const labels = [
  'plain',
  'null',
  'two words',
  'a,b',
  '{a}',
  '"',
  '\\',
  '\\"',
  '"\\n"',
  'a\\\\"b',
  '\u0001',
  '\u001f"\u0002\\',
  '\t\\',
  'é😀\u2028"',
];

test('labels with characters that PostgreSQL escapes are returned as they were given', async () => {
  const scope = db.asUser(crypto.randomUUID());
  const { id } = await createTask(scope, { title: 'x', labels });
  expect((await getTask(scope, { id })).labels).toEqual(labels);
  expect((await listTasks(scope, { limit: 1, order: 'newest' })).items[0]!.labels).toEqual(labels);
});

test.each(labels.map((label) => [label]))('an array of %j is read from its text', async (label) => {
  for (const texts of [[label], [label, '\\'], ['\\', label, 'a']]) {
    const { rows } = await sql.query<{ text: string }>('select $1::text[]::text as text', [texts]);
    expect(readTexts(rows[0]!.text)).toEqual(texts);
  }
});

test('other work runs while tasks with long escaped labels are read', async () => {
  const scope = db.asUser(crypto.randomUUID());
  const many = Array.from({ length: 20 }, (_, label) => `${'"\\'.repeat(22)}${label}`);
  await createTask(scope, { title: 'x', labels: many });
  const columns = taskColumns.map((column) => `${column}::text`).join();
  const { rows } = await asTools(sql, `select ${columns} from tasks where user_id = $1`, [scope.userId]);
  const row = taskColumns.map((column) => rows[0][column] as string | null);
  const { result, turns } = await countTurns(() => readManyRows(Array.from({ length: 5000 }, () => row)));
  expect([...result.tasks.values()]).toMatchObject([{ labels: many }]);
  expect(turns).toBeGreaterThan(5);
});

test('tasks are found by long labels of which folding makes several hundred bytes', async () => {
  const scope = db.asUser(crypto.randomUUID());
  const long = ['\u2057'.repeat(50), '😀'.repeat(50), `b${'\u2057'.repeat(49)}`, '\uFDFA'.repeat(50)];
  for (const label of long) await createTask(scope, { title: label, labels: [label] });
  for (const label of long) {
    const { items } = await listTasks(scope, { limit: 10, order: 'newest', label });
    expect(items.map(({ title }) => title)).toEqual([label]);
  }
  expect((await listTasks(scope, { limit: 10, order: 'newest', label: '\u2057'.repeat(49) })).items).toEqual([]);
});
