import { beforeAll, expect, test } from 'vitest';
import { createTask, listTasks, type TaskQuery, updateTask, type UserScope } from '../src/index.ts';
import type { TextRow } from '../src/scope/prepared-statement.ts';
import { wrapScope } from '../src/scope/user-scope.ts';
import { explain, listStatements } from '../src/status/explain.ts';
import { alice, ask, asTools, openFixture } from './fixture.ts';

// One user has 100,000 tasks and 500 users have 100 each, so averages mislead the planner.

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
  'the plan of task.list uses an index without a scan or a sort: order $order, completed $completed, later page $isLater',
  async ({ order, completed, isLater }) => {
    const query = { limit: 50, order, completed };
    const { nextCursor } = await listTasks(db.asUser(alice), query);
    const plan = await explainList(db.asUser(alice), { ...query, cursor: isLater ? nextCursor! : undefined });
    expect(plan).toContain('Index Scan');
    expect(plan).not.toContain('Seq Scan');
    expect(plan).not.toContain('Sort');
    expect(plan).not.toContain('Bitmap');
    expect(plan).toMatch(/Index Cond: .*user_id/);
    // Only the page is read, and one more row that shows whether there is a next page.
    expect(Number(/Index Scan .*actual rows=(\d+)/.exec(plan)?.[1])).toBeLessThanOrEqual(51);
  },
);

const namedLike = (pattern: RegExp) => listStatements().filter(({ name }) => pattern.test(name));

test.each(namedLike(/^task_list_(?:newest|oldest)(?:_filtered)?(?:_bounded)?$/))(
  'the generic plan of $name reads an index in order',
  async ({ name }) => {
    const plan = (await explain(url, name)).join('\n');
    expect(plan).toMatch(
      name.endsWith('_bounded') ? /^Subquery Scan on measured\b.*\n.*\n.*WindowAgg[^]*-> {2}Limit/ : /^Limit/,
    );
    const index = name.includes('filtered') ? 'tasks_user_id_completed_created_at' : 'tasks_user_id_created_at';
    expect(plan).toMatch(new RegExp(`Index Scan (?:Backward )?using ${index} on tasks`));
    expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
  },
);

test.each(namedLike(/^task_(?:get|update|delete)/))(
  'the generic plan of $name reads only the given task',
  async ({ name }) => {
    const plan = withoutDeadBranches(await explain(url, name));
    const scans = plan.match(/\w+ Scan (?:using \w+ )?on tasks/g);
    expect([...new Set(scans)]).toEqual(['Index Scan using tasks_pkey on tasks']);
    expect(plan).toMatch(/Index Cond: .*user_id = .* AND \(id = /);
  },
);

test.each(namedLike(/^(?:log_)?tasks(?:_|$)/))(
  'the generic plan of $name finds the given tasks by the primary key',
  async ({ name }) => {
    const plan = withoutDeadBranches(await explain(url, name));
    const scans = new Set(plan.match(/\w+(?: \w+)* Scan (?:Backward )?(?:using \w+ )?on tasks/g));
    const ofList = 'using tasks_user_id_list_id_position on tasks';
    if (name.startsWith('tasks_reorder')) {
      for (const scan of [`Index Scan ${ofList}`, `Index Only Scan ${ofList}`]) scans.delete(scan);
      for (const scan of [`Index Scan Backward ${ofList}`, `Index Only Scan Backward ${ofList}`]) scans.delete(scan);
    }
    expect([...scans], plan).toEqual(['Index Scan using tasks_pkey on tasks']);
    expect(plan).not.toMatch(/Seq Scan on (?:tasks|changes)/);
    for (const [, condition] of plan.matchAll(/using tasks_pkey on tasks.*\n *Index Cond: (.*)/g)) {
      expect(condition).toMatch(/user_id = .* AND \(id = /);
    }
  },
);

test('an update of a title updates no index', async () => {
  await sql.query('begin; set local role holdfast_tools');
  await sql.query(`update tasks set title = 'changed' where created_at = '2026-01-01 00:01:00Z'`);
  const { rows } = await sql.query(`select pg_stat_get_xact_tuples_updated('tasks'::regclass) as changed,
    pg_stat_get_xact_tuples_hot_updated('tasks'::regclass) as on_their_pages`);
  await sql.query('rollback');
  expect(rows).toEqual([{ changed: '501', on_their_pages: '501' }]);
});

test('task.update of a title updates no index, although its statement sets every writable column', async () => {
  const scope = db.asUser(alice);
  const { id } = await createTask(scope, { title: 'before' });
  const [row] = await scope.transaction(async (inner) => {
    await updateTask(inner, { id, title: 'after' });
    return ask(
      inner,
      `select pg_stat_get_xact_tuples_updated('tasks'::regclass),
      pg_stat_get_xact_tuples_hot_updated('tasks'::regclass)`,
    );
  });
  expect(row).toEqual(['1', '1']);
});

const indentOf = (line: string) => line.search(/\S/);

/**
 * Leaves out branches that can never run. Up to PostgreSQL 15, a plan contains a scan below `One-Time Filter: false` for a
 * condition that is known to be false.
 */
function withoutDeadBranches(plan: string[]): string {
  const kept: string[] = [];
  let deadBelow = Infinity;
  for (const line of plan) {
    // A line of details belongs to the node above it.
    if (indentOf(line) >= deadBelow) continue;
    deadBelow = line.trim() === 'One-Time Filter: false' ? indentOf(line) : Infinity;
    kept.push(line);
  }
  return kept.join('\n');
}

/** The plan of the statement that the list runs, for the role that runs it. */
async function explainList(scope: UserScope, query: TaskQuery): Promise<string> {
  const rows: TextRow[] = [];
  const explaining = wrapScope(scope, (run) => async (statement, args) => {
    rows.push(...(await ask(scope, `explain (analyze, timing off) ${statement.text}`, statement.toValues(args))));
    return run(statement, args);
  });
  await listTasks(explaining, query);
  return rows.join('\n');
}
