import { expect, test } from 'vitest';
import { explain, listStatements } from '../src/status/explain.ts';
import { connect, openBareDatabase } from './fixture.ts';

test('every statement has a plan for the role that runs it, and planning changes no data', async () => {
  const { url } = await openBareDatabase();
  const statements = listStatements();
  const names = statements.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  expect(names).toEqual(
    expect.arrayContaining(['task_count', 'task_create', 'task_list_due_by_index', 'task_list_newest', 'user_get']),
  );
  for (const { name } of statements) expect((await explain(url, name)).join('\n')).toMatch(/\(cost=/);
  const sql = await connect(url);
  expect((await sql.query('select (select count(*) from users) + (select count(*) from tasks) as count')).rows).toEqual(
    [{ count: '0' }],
  );
});

test('the plans of all statements read indexes, also if PostgreSQL knows that the tables are empty', async () => {
  const { url } = await openBareDatabase();
  const sql = await connect(url);
  for (const table of ['users', 'lists', 'tasks', 'changes']) await sql.query(`vacuum analyze ${table}`);
  for (const { name } of listStatements()) {
    const plan = (await explain(url, name)).join('\n');
    expect([name, plan.match(/Seq Scan on (?:users|lists|tasks|changes).*/g)]).toEqual([name, null]);
  }
});

test('the plan of a statement contains the filter of row-level security', async () => {
  const { url } = await openBareDatabase();
  expect((await explain(url, 'task_get')).join('\n')).toMatch(/app\.user_id/);
});

test('an unknown statement name is refused with a pointer to the list', async () => {
  await expect(explain('postgresql://127.0.0.1/unused', 'task_made_up')).rejects.toThrow(
    'Run pnpm db explain to list all statements',
  );
});
