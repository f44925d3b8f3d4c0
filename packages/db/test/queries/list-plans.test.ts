import { beforeAll, expect, test } from 'vitest';
import { countTasks, listTasks, type TaskFilter, type TaskOrder, type TaskQuery } from '../../src/index.ts';
import { alice, asTools, openFixture } from '../fixture.ts';
import { orders } from './model.ts';
import { findTaskReads } from './plan.ts';

// One user has 100,000 tasks and 500 users have 100 each, so averages mislead the planner.

const { db, sql } = await openFixture();
const scope = db.asUser(alice);
const listOf = (number: number) => `0190a000-0000-7000-8000-0000000001${String(number).padStart(2, '0')}`;
const listId = listOf(5);

beforeAll(async () => {
  await asTools(
    sql,
    'insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 500)',
    [alice],
  );
  await asTools(sql, `insert into lists (user_id, id, name) select users.id, unnest($1::uuid[]), 'list' from users`, [
    Array.from({ length: 20 }, (_, number) => listOf(number)),
  ]);
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, completed, completed_at, created_at, updated_at, list_id, due_date, due_time,
      priority, labels, position, search, is_folded)
    select users.id, gen_random_uuid(), 'Task', n % 3 = 0, case when n % 3 = 0 then at end, at, at,
      case when n % 2 = 0 then ($2::uuid[])[1 + n / 2 % 20] end,
      case when n % 4 <> 0 then '2026-01-01'::date + n % 500 end, case when n % 8 = 1 then '09:30'::time end,
      n % 4, case when n % 5 = 0 then array['home'] else '{}' end, 'a' || md5(n::text), e'task\\n\\nhome', true
    from users, lateral generate_series(1, case when users.id = $1 then 100000 else 100 end) n,
      lateral (select '2026-01-01'::timestamptz + n * interval '1 s' as at) times`,
    [alice, Array.from({ length: 20 }, (_, number) => listOf(number))],
  );
  await sql.query('analyze tasks');
});

const indexed: [TaskOrder, TaskFilter, indexes: string[]][] = [
  ['newest', {}, ['created_at']],
  ['oldest', {}, ['created_at']],
  ['newest', { completed: false }, ['completed_created_at']],
  ['oldest', { completed: true }, ['completed_created_at']],
  ['position', {}, ['list_id_position']],
  ['position', { listId: null }, ['list_id_position']],
  ['position', { listId }, ['list_id_position']],
  ['due', {}, ['due']],
  ['due', { due: { from: '2026-02-01' } }, ['due']],
  ['due', { due: { until: '2026-02-01' } }, ['due']],
  ['due', { due: { from: '2026-02-01', until: '2026-03-01' } }, ['due']],
  ['completed', {}, ['completed_at']],
  ['completed', { completed: true }, ['completed_at']],
  ['completed', { completed: false }, ['completed_created_at']],
  ['completed', { completedAfter: '2026-01-02T00:00:00Z' }, ['completed_at']],
];

async function findLater(query: TaskQuery): Promise<TaskQuery> {
  let cursor: string | null = null;
  for (let page = 0; page < 10; page++) {
    const result = await listTasks(scope, { ...query, limit: 200, cursor: cursor ?? undefined });
    cursor = result.nextCursor;
  }
  return { ...query, cursor: cursor! };
}

test.each(
  indexed.flatMap(([order, filter, indexes]) => [false, true].map((isLater) => ({ order, filter, indexes, isLater }))),
)(
  'task.list reads only the page from an index: order $order, filter $filter, later page $isLater',
  async ({ order, filter, indexes, isLater }) => {
    for (const maxBytes of [undefined, 1_000_000]) {
      const start: TaskQuery = { limit: 50, order, ...filter, maxBytes };
      const query = isLater ? await findLater(start) : start;
      const reads = await findTaskReads(sql, scope, (watched) => listTasks(watched, query));
      expect(reads.indexes).toEqual(indexes.map((name) => `tasks_user_id_${name}`));
      expect(reads.nodes.filter((name) => /Seq Scan|Bitmap|Gather/.test(name))).toEqual([]);
      // One more row shows whether there is a next page.
      expect(reads.rows).toBe(51);
    }
  },
);

test('the tasks without a due date follow in order due without a sort of all tasks', async () => {
  const query: TaskQuery = { limit: 50, order: 'due', due: { none: true } };
  const reads = await findTaskReads(sql, scope, (watched) => listTasks(watched, query));
  expect(reads.indexes).toEqual(['tasks_pkey']);
  expect(reads.rows).toBeLessThan(1_000);
});

const narrow: [filter: TaskFilter, index: string, rows: number][] = [
  [{ listId }, 'list_id_position', 2_500],
  [{ due: { until: '2026-01-10' } }, 'due', 1_600],
  [{ completedAfter: '2026-01-02T02:46:40Z' }, 'completed_at', 1_300],
  [{ listId, due: { from: '2026-01-10' }, completed: false, label: 'home' }, 'list_id_position', 2_500],
];

test.each(orders.flatMap((order) => narrow.map(([filter, index, rows]) => ({ order, filter, index, rows }))))(
  'task.list reads only what the narrowest index of the filter holds: order $order, filter $filter',
  async ({ order, filter, index, rows }) => {
    const reads = await findTaskReads(sql, scope, (watched) => listTasks(watched, { limit: 50, order, ...filter }));
    // A page that was sorted is read by its IDs.
    expect(reads.indexes.filter((name) => name !== 'tasks_pkey')).toEqual([`tasks_user_id_${index}`]);
    expect(reads.nodes.filter((name) => /Seq Scan|Gather/.test(name))).toEqual([]);
    expect(reads.rows).toBeLessThanOrEqual(rows + 51);
  },
);

test.each([
  ...narrow,
  [{ listId: null }, 'list_id_position', 50_000],
  [{ completed: true }, 'completed_created_at', 33_333],
] as const)('task.count reads only what the narrowest index of the filter %j holds', async (filter, index, rows) => {
  const reads = await findTaskReads(sql, scope, (watched) => countTasks(watched, filter));
  expect(reads.indexes).toEqual([`tasks_user_id_${index}`]);
  expect(reads.rows).toBeLessThanOrEqual(rows);
});

const wide: TaskFilter[] = [
  {},
  { label: 'home' },
  { priority: 1 },
  { search: 'task' },
  { updatedAfter: '2026-01-02T00:00:00Z' },
];

test.each(orders.flatMap((order) => wide.map((filter) => ({ order, filter }))))(
  'task.list reads at most the tasks of the user, by an index: order $order, filter $filter',
  async ({ order, filter }) => {
    const reads = await findTaskReads(sql, scope, (watched) => listTasks(watched, { limit: 50, order, ...filter }));
    expect(reads.nodes.filter((name) => /Seq Scan|Gather/.test(name))).toEqual([]);
    expect(reads.rows).toBeLessThanOrEqual(100_051);
  },
);
