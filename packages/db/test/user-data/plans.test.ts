import { beforeAll, expect, test } from 'vitest';
import { explain } from '../../src/status/explain.ts';
import { userDataStatements } from '../../src/user-data/statements.ts';
import { alice, asTools, openFixture } from '../fixture.ts';

// One user has many tasks and lists and 100 users have few, so averages mislead the planner.

const { sql, url } = await openFixture();

beforeAll(async () => {
  await asTools(
    sql,
    'insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 100)',
    [alice],
  );
  for (const [table, column] of [
    ['tasks', 'title'],
    ['lists', 'name'],
  ]) {
    await asTools(
      sql,
      `insert into ${table} (user_id, id, ${column})
      select users.id, gen_random_uuid(), 'x'
      from users, lateral generate_series(1, case when users.id = $1 then 20000 else 100 end) n`,
      [alice],
    );
  }
  await sql.query('analyze tasks, lists');
});

const getPlan = async (name: string) => (await explain(url, name)).join('\n');

/** The scans of a table, without those of the results of other parts of the statement. */
const scansOf = (plan: string, table: string) =>
  new Set(plan.match(new RegExp(String.raw`\w+(?: \w+)* Scan (?:Backward )?(?:using \w+ )?on ${table}\b`, 'g')));

test('these tests cover every statement on all data of a user', () => {
  expect(userDataStatements.map(({ name }) => name)).toEqual([
    'user_export_tasks',
    'user_import',
    'log_user_import',
    'user_erase_tasks',
    'user_erase_lists',
  ]);
});

test.each([
  ['user_export_tasks', 'tasks'],
  ['changes_copy_lists', 'lists'],
] as const)('the generic plan of %s reads its page of %s in the order of the primary key', async (name, table) => {
  const plan = await getPlan(name);
  expect(plan).toMatch(/Limit/);
  expect([...scansOf(plan, table)]).toEqual([`Index Scan using ${table}_pkey on ${table}`]);
  expect(plan).toMatch(/Index Cond: \(+user_id = .* AND \(id >= /);
  expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap/);
});

test.each(['user_import', 'log_user_import'])(
  'the generic plan of %s finds the given rows by their keys',
  async (name) => {
    const plan = await getPlan(name);
    expect([...scansOf(plan, 'tasks')]).toEqual(['Index Scan using tasks_pkey on tasks']);
    expect([...scansOf(plan, 'lists')]).toEqual(['Index Scan using lists_pkey on lists']);
    for (const [, condition] of plan.matchAll(/using tasks_pkey on tasks.*\n *Index Cond: (.*)/g)) {
      expect(condition).toMatch(/user_id = .* AND \(id = /);
    }
    expect(plan).not.toMatch(/Seq Scan|Bitmap/);
  },
);

test.each([
  ['user_erase_tasks', 'tasks'],
  ['user_erase_lists', 'lists'],
] as const)('the generic plan of %s removes a range of %s in the primary key', async (name, table) => {
  const plan = await getPlan(name);
  expect(plan).toMatch(new RegExp(`Limit[^]*Index Only Scan using ${table}_pkey on ${table}`));
  expect(plan).toMatch(
    new RegExp(
      String.raw`Index Scan using ${table}_pkey on ${table}(?:_1)? .*\n *Index Cond: \(+user_id = .* AND \(id <= `,
    ),
  );
  expect(plan).not.toMatch(/Sort|Seq Scan|Bitmap|Join|Nested Loop/);
});
