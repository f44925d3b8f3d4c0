import { beforeAll, expect, test } from 'vitest';
import { explain } from '../../src/status/explain.ts';
import { alice, asTools, openFixture } from '../fixture.ts';

const { sql, url } = await openFixture();

// One user has 20,000 tasks in 400 lists, and 500 users have 20 tasks in two lists each.
beforeAll(async () => {
  const withUsers = (text: string) => asTools(sql, text, [alice]);
  await withUsers('insert into users (id) select $1 union all select gen_random_uuid() from generate_series(1, 500)');
  await withUsers(`insert into lists (user_id, id, name, position)
    select users.id, gen_random_uuid(), 'list', 'a' || n % 10
    from users, generate_series(1, case when users.id = $1 then 400 else 2 end) n`);
  await withUsers(`insert into tasks (user_id, id, title, list_id, labels, deleted_at)
    select lists.user_id, gen_random_uuid(), 'task', lists.id, '{home}', case when n % 20 = 0 then now() end
    from lists, generate_series(1, case when lists.user_id = $1 then 50 else 10 end) n`);
  await sql.query('analyze lists; analyze tasks; analyze users');
});

test('the generic plan of list_list reads only the lists of the user that are not in the trash', async () => {
  const plan = (await explain(url, 'list_list')).join('\n');
  expect(plan).toMatch(/Index Scan (?:using|on) lists_user_id_position/);
  expect(plan).toMatch(/Index Cond: .*user_id/);
});

test.each([
  ['list_create', 'lists_pkey'],
  ['list_update', 'lists_pkey'],
  ['log_list_created', 'lists_pkey'],
  ['log_list_updated', 'lists_pkey'],
])('the generic plan of %s reads no table completely and finds its list with %s', async (name, index) => {
  const plan = (await explain(url, name)).join('\n');
  expect(plan).not.toMatch(/Seq Scan on (?:lists|tasks|users|changes)/);
  expect(plan).toContain(`using ${index} on lists`);
});

test.each(['list_delete', 'log_list_restored'])(
  'the generic plan of %s finds the tasks of the list with the index of their order',
  async (name) => {
    const plan = (await explain(url, name)).join('\n');
    expect(plan).not.toContain('Seq Scan on tasks');
    expect(plan).toMatch(/tasks_user_id_list_id_position/);
  },
);

test.each(['list_restore', 'log_list_deleted'])(
  'the generic plan of %s finds the tasks in the trash by their time',
  async (name) => {
    const plan = (await explain(url, name)).join('\n');
    expect(plan).not.toContain('Seq Scan on tasks');
    expect(plan).toMatch(/tasks_user_id_deleted_at/);
  },
);

test.each(['label_list', 'label_rename', 'log_label_renamed', 'log_list_moved'])(
  'the generic plan of %s reads only the tasks of the user, and joins no table with itself',
  async (name) => {
    const plan = (await explain(url, name)).join('\n');
    expect(plan).not.toContain('Seq Scan on tasks');
    expect(plan).not.toMatch(/Hash Join|Merge Join/);
    expect(plan).toMatch(/Index Cond: .*user_id/);
  },
);
