import { beforeAll, expect, test } from 'vitest';
import { explain } from '../../src/status/explain.ts';
import { trashStatements } from '../../src/trash/statements.ts';
import { alice, asTools, openFixture } from '../fixture.ts';

// One user has a large trash and 100 users have a small one, so averages mislead the planner.

const { sql, url } = await openFixture();

beforeAll(async () => {
  await asTools(
    sql,
    'insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 100)',
    [alice],
  );
  await asTools(
    sql,
    `insert into tasks (user_id, id, title, created_at, updated_at, deleted_at)
    select users.id, gen_random_uuid(), 'task', at, at, case when n % 5 = 0 then at end
    from users, lateral generate_series(1, case when users.id = $1 then 20000 else 100 end) n,
      lateral (select '2026-01-01'::timestamptz + n * interval '1 s' as at) times`,
    [alice],
  );
  await sql.query('analyze tasks');
});

const namedLike = (pattern: RegExp) => trashStatements.filter(({ name }) => pattern.test(name));

test.each(namedLike(/^trash_list/))('the generic plan of $name reads an index in order', async ({ name }) => {
  const plan = (await explain(url, name)).join('\n');
  expect(plan).toContain('Index Scan Backward using tasks_user_id_deleted_at on tasks');
  expect(plan).toMatch(/Index Cond: \(+user_id = .* AND \(ROW\(deleted_at, id\) </);
  expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
});

test.each(namedLike(/^(?:log_)?trash_(?:restore|purge)$/))(
  'the generic plan of $name reads only the given tasks',
  async ({ name }) => {
    const plan = (await explain(url, name)).join('\n');
    const scans = plan.match(/\w+ Scan (?:using \w+ )?on tasks/g)!;
    expect([...new Set(scans)]).toEqual(['Index Scan using tasks_pkey on tasks']);
    expect(plan.match(/Index Cond: .*user_id = .* AND \(id = \w+\.id\)/g)).toHaveLength(scans.length);
  },
);

test('the generic plan of a purge by time reads only tasks that were deleted before that time', async () => {
  const plan = (await explain(url, 'log_trash_purge_before')).join('\n');
  expect(plan).toMatch(/Limit.*\n.*\n.*\n.*Index Only Scan using tasks_user_id_deleted_at on tasks/);
  expect(plan).toMatch(/Index Cond: \(+user_id = .* AND \(deleted_at < /);
  expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
});
