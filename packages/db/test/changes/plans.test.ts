import { beforeAll, expect, test } from 'vitest';
import { copyTasksStatement } from '../../src/changes/copy-statements.ts';
import { readFeedStatement, readQuickFeedStatement } from '../../src/changes/feed-statements.ts';
import { changesStatements } from '../../src/changes/statements.ts';
import type { Statement } from '../../src/scope/prepared-statement.ts';
import { explain } from '../../src/status/explain.ts';
import { alice, ask, asTools, openFixture } from '../fixture.ts';

// One user has 50,000 tasks and a large log, and 500 users have 50 tasks each, so averages mislead the planner.

const { db, sql, url } = await openFixture();

beforeAll(async () => {
  const withUsers = (text: string) => asTools(sql, text, [alice]);
  await withUsers('insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 500)');
  await withUsers(`insert into tasks (user_id, id, title)
    select users.id, gen_random_uuid(), 'task' from users, generate_series(1, case when users.id = $1 then 50000 else 50 end)`);
  await withUsers(`insert into lists (user_id, id, name)
    select users.id, gen_random_uuid(), 'list' from users, generate_series(1, case when users.id = $1 then 400 else 5 end)`);
  // Triggers have logged these tasks and lists.
  await asTools(sql, 'delete from changes');
  await asTools(
    sql,
    `insert into changes (user_id, revision, at, task_ids)
    select user_id, row_number() over (partition by user_id), now(), array[id] from tasks`,
  );
  // Rows with more IDs than any call can log.
  await withUsers(`insert into changes (user_id, revision, at, task_ids)
    select $1, 100000 + n, now(), array(select id from tasks where user_id = $1 limit 20000) from generate_series(1, 20) n`);
  await sql.query('analyze');
});

test.each(changesStatements)(
  'the generic plan of $name finds all rows by primary keys, in their order',
  async ({ name }) => {
    const plan = (await explain(url, name)).join('\n');
    const scans = [...plan.matchAll(/\w+(?: \w+)* Scan.*/g)]
      .map(([scan]) => scan)
      .filter((scan) => scan.includes(' on '));
    for (const scan of scans) {
      expect(scan).toMatch(/Subquery Scan|Index (?:Only )?Scan (?:Backward )?using (?:changes|tasks|lists)_pkey on/);
    }
    expect(scans.length).toBeGreaterThan(0);
    const conditions = [...plan.matchAll(/_pkey on .*\n *Index Cond: (.*)/g)].map(([, condition]) => condition);
    expect(conditions.length).toBeGreaterThan(0);
    for (const condition of conditions) expect(condition).toMatch(/user_id = \$\d/);
    // Only the newest row of the log needs no further condition.
    expect(conditions.filter((condition) => !/ AND \(\(?(?:id|revision) [>=<]/.test(condition!))).toHaveLength(
      name === 'changes_copy_tasks' || name === 'changes_feed' ? 1 : 0,
    );
    expect(plan).not.toMatch(/Seq Scan|Bitmap|Hash Join|Merge Join/);
  },
);

/** The plan of a statement that runs for Alice, with the number of rows of each step. */
async function explainRun<Args>(statement: Statement<Args>, args: Args): Promise<string> {
  const scope = db.asUser(alice);
  const rows = await ask(scope, `explain (analyze, timing off) ${statement.text}`, statement.toValues(args));
  return rows.join('\n');
}

/** The greatest number of rows of a step, added up over its loops. */
function findMostRows(plan: string): number {
  const steps = [...plan.matchAll(/actual rows=(\d+)(?:\.\d+)? loops=(\d+)/g)];
  return Math.max(...steps.map(([, rows, loops]) => Number(rows) * Number(loops)));
}

const page = { userId: alice, known: '100020', rows: 102, maxBytes: 500_000 };

test.each([
  ['the first changes', '1', undefined],
  ['a row of the log with 20,000 IDs', '100000', undefined],
  ['the middle of such a row', '100005', 10_000],
  ['the last row of the log', '100020', undefined],
])('a page after %s reads only its own rows and one more', async (_, revision, sent) => {
  const plan = await explainRun(readFeedStatement, { ...page, revision, sent });
  expect(findMostRows(plan)).toBeLessThanOrEqual(page.rows);
  if (sent !== undefined) return;
  expect(findMostRows(await explainRun(readQuickFeedStatement, { ...page, revision }))).toBeLessThanOrEqual(page.rows);
});

test.each([undefined, '80000000-0000-0000-0000-000000000000', 'fff00000-0000-0000-0000-000000000000'])(
  'a page of a copy after the task %s reads only its own rows',
  async (after) => {
    const from = after ?? '00000000-0000-0000-0000-000000000000';
    const plan = await explainRun(copyTasksStatement, { ...page, from, after, revision: '100020' });
    expect(findMostRows(plan)).toBeLessThanOrEqual(page.rows);
  },
);
