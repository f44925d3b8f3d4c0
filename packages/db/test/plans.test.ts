import { beforeAll, expect, test } from 'vitest';
import { listTasks, type TaskQuery, type TextRow, type UserScope } from '../src/index.ts';
import { explain, listStatements } from '../src/status/explain.ts';
import { alice, ask, asTools, openFixture } from './fixture.ts';

// One user has 100,000 tasks and many others have few: where averages lead astray.

const { db, sql, url } = await openFixture();

beforeAll(async () => {
  await asTools(
    sql,
    'insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 500)',
    [alice],
  );
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, completed, completed_at, created_at, updated_at)
    select users.id, gen_random_uuid(), 'task', n % 20 = 0, case when n % 20 = 0 then at end, at, at
    from users, lateral generate_series(1, case when users.id = $1 then 100000 else 100 end) n,
      lateral (select '2026-01-01'::timestamptz + n * interval '1 s' as at) times`,
    [alice],
  );
  await sql.query('analyze tasks');
});

const offers = (['newest', 'oldest'] as const).flatMap((order) =>
  [undefined, true, false].flatMap((completed) => [false, true].map((isLater) => ({ order, completed, isLater }))),
);

test.each(offers)(
  'no list scans the table or sorts: $order, completed $completed, later page $isLater',
  async ({ order, completed, isLater }) => {
    const query = { limit: 50, order, completed };
    const { nextCursor } = await listTasks(db.asUser(alice), query);
    const plan = await explainList(db.asUser(alice), { ...query, cursor: isLater ? nextCursor! : undefined });
    expect(plan).toContain('Index Scan');
    expect(plan).not.toContain('Seq Scan');
    expect(plan).not.toContain('Sort');
    expect(plan).not.toContain('Bitmap');
    expect(plan).toMatch(/Index Cond: .*user_id/);
    // Only what is shown is read: the page and the one row that tells of a next.
    expect(Number(/Index Scan .*actual rows=(\d+)/.exec(plan)?.[1])).toBeLessThanOrEqual(51);
  },
);

const namedLike = (pattern: RegExp) => listStatements().filter(({ name }) => pattern.test(name));

test.each(namedLike(/^task_list/))('the plan for whatever values reads in order: $name', async ({ name }) => {
  const plan = (await explain(url, name)).join('\n');
  expect(plan).toMatch(/^Limit/);
  const index = name.includes('filtered') ? 'tasks_user_id_completed_created_at' : 'tasks_user_id_created_at';
  expect(plan).toMatch(new RegExp(`Index Scan (?:Backward )?using ${index} on tasks`));
  expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
});

test.each(namedLike(/^task_(?:get|update|delete)/))(
  'no other task of the user is looked at: $name',
  async ({ name }) => {
    const plan = (await explain(url, name)).join('\n');
    const scans = plan.match(/\w+ Scan (?:using \w+ )?on tasks/g);
    expect([...new Set(scans)]).toEqual(['Index Scan using tasks_pkey on tasks']);
    expect(plan).toMatch(/Index Cond: .*user_id = .* AND \(id = /);
  },
);

test('a change of text touches no index', async () => {
  await sql.query('begin; set local role holdfast_tools');
  await sql.query(`update tasks set title = 'changed' where created_at = '2026-01-01 00:01:00Z'`);
  const { rows } = await sql.query(`select pg_stat_get_xact_tuples_updated('tasks'::regclass) as changed,
    pg_stat_get_xact_tuples_hot_updated('tasks'::regclass) as on_their_pages`);
  await sql.query('rollback');
  expect(rows).toEqual([{ changed: '501', on_their_pages: '501' }]);
});

/** The plan of exactly the statement that the list runs, as the role that runs it. */
async function explainList(scope: UserScope, query: TaskQuery): Promise<string> {
  const rows: TextRow[] = [];
  const explaining: UserScope = {
    ...scope,
    run: async (statement, args) => {
      rows.push(...(await ask(scope, `explain (analyze, timing off) ${statement.text}`, statement.toValues(args))));
      return scope.run(statement, args);
    },
  };
  await listTasks(explaining, query);
  return rows.join('\n');
}
