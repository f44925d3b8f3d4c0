import type { PoolClient } from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { foldTasksJob } from '../../src/maintenance/fold-tasks.ts';
import { acrossUsersSql } from '../../src/maintenance/job.ts';
import { pruneChangesJob } from '../../src/maintenance/prune-changes.ts';
import { purgeListsJob, purgeTasksJob } from '../../src/maintenance/purge-trash.ts';
import { asTools, openFixture } from '../fixture.ts';

// One user has a hundred times as many rows as 500 others, so averages mislead the planner.

const { sql } = await openFixture();

beforeAll(async () => {
  await asTools(sql, 'insert into users (id, revision) select gen_random_uuid(), 5000 from generate_series(1, 500)');
  const rows = `(select id as user_id, case when row_number() over (order by id) = 1 then 2000 else 20 end as n from users) u,
    generate_series(1, u.n) as at`;
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at, deleted_at, is_folded)
    select user_id, gen_random_uuid(), 'x', '2020-01-01', '2020-01-01', case when at % 2 = 0 then '2020-02-01'::timestamptz end, at > 5
    from ${rows}`,
  );
  await asTools(
    sql,
    `insert into lists (user_id, id, name, created_at, updated_at, deleted_at)
    select user_id, gen_random_uuid(), 'x', '2020-01-01', '2020-01-01', case when at % 2 = 0 then '2020-02-01'::timestamptz end
    from ${rows}`,
  );
  await asTools(
    sql,
    `insert into changes (user_id, revision, at)
    select user_id, at, case when at < 5 then '2020-01-01'::timestamptz else now() end from ${rows}`,
  );
  await sql.query('analyze');
});

test.each([purgeTasksJob, purgeListsJob, pruneChangesJob, foldTasksJob])(
  'every statement of the maintenance of $kind reads tables only through their indexes',
  async (job) => {
    const plans: string[] = [];
    const query = async (text: string, values: unknown[]) => {
      const { rows } = await sql.query(`explain (analyze, costs off, timing off) ${text}`, values);
      plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      await sql.query('rollback to savepoint start; savepoint start');
      return sql.query(text, values);
    };
    await sql.query(`begin; ${acrossUsersSql}; savepoint start`);
    const { rows } = await job.runBatch({ query } as unknown as PoolClient, {
      rowsMax: 50,
      after: null,
      trashDays: 30,
      isDistributed: false,
    });
    await sql.query('rollback');
    expect(rows).toBe(50);
    expect(plans.length).toBeGreaterThanOrEqual(2);
    for (const plan of plans) {
      expect(plan).not.toMatch(/(?:Seq|Bitmap Heap) Scan on (?:users|tasks|lists|changes)/);
      // No step reads all rows of the user with many rows.
      const most = Math.max(
        ...[...plan.matchAll(/on (?:tasks|changes).*actual rows=([\d.]+)/g)].map(([, n]) => Number(n)),
        0,
      );
      expect(most).toBeLessThanOrEqual(500);
    }
  },
);
