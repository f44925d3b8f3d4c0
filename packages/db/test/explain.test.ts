import { expect, test } from 'vitest';
import { explain, listStatements } from '../src/status/explain.ts';
import { connect, openBareDatabase } from './fixture.ts';

test('every statement has a plan for the role that runs it, and planning changes no data', async () => {
  const { url } = await openBareDatabase();
  const statements = listStatements();
  expect(statements.map(({ name }) => name)).toEqual([
    'label_list',
    'label_rename',
    'list_create',
    'list_delete',
    'list_list',
    'list_restore',
    'list_update',
    'log_label_renamed',
    'log_list_created',
    'log_list_deleted',
    'log_list_moved',
    'log_list_restored',
    'log_list_updated',
    'log_task',
    'log_task_operation',
    'log_tasks',
    'log_tasks_reorder',
    'log_tasks_update',
    'log_trash_purge',
    'log_trash_purge_before',
    'log_trash_restore',
    'task_count',
    'task_create',
    'task_delete',
    'task_get',
    'task_get_created',
    'task_get_several',
    'task_list_completed_by_index',
    'task_list_completed_by_index_bounded',
    'task_list_completed_sorted',
    'task_list_completed_sorted_bounded',
    'task_list_due_by_index',
    'task_list_due_by_index_bounded',
    'task_list_due_sorted',
    'task_list_due_sorted_bounded',
    'task_list_newest',
    'task_list_newest_bounded',
    'task_list_newest_by_index',
    'task_list_newest_by_index_bounded',
    'task_list_newest_filtered',
    'task_list_newest_filtered_bounded',
    'task_list_newest_sorted',
    'task_list_newest_sorted_bounded',
    'task_list_oldest',
    'task_list_oldest_bounded',
    'task_list_oldest_by_index',
    'task_list_oldest_by_index_bounded',
    'task_list_oldest_filtered',
    'task_list_oldest_filtered_bounded',
    'task_list_oldest_sorted',
    'task_list_oldest_sorted_bounded',
    'task_list_position_by_index',
    'task_list_position_by_index_bounded',
    'task_list_position_sorted',
    'task_list_position_sorted_bounded',
    'task_list_priority_sorted',
    'task_list_priority_sorted_bounded',
    'task_list_title_sorted',
    'task_list_title_sorted_bounded',
    'task_list_updated_sorted',
    'task_list_updated_sorted_bounded',
    'task_update',
    'tasks_create',
    'tasks_delete',
    'tasks_reorder_inbox',
    'tasks_reorder_list',
    'tasks_update',
    'trash_list',
    'trash_list_bounded',
    'trash_purge',
    'trash_restore',
    'user_get',
    'user_lock',
    'user_update',
  ]);
  for (const { name } of statements) expect((await explain(url, name)).join('\n')).toMatch(/\(cost=/);
  const sql = await connect(url);
  expect((await sql.query('select (select count(*) from users) + (select count(*) from tasks) as count')).rows).toEqual(
    [{ count: '0' }],
  );
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
