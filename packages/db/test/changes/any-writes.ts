import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import type { Client } from 'pg';
import {
  createList,
  createTask,
  createTasks,
  deleteList,
  deleteTask,
  purgeTasks,
  renameLabel,
  restoreList,
  restoreTasks,
  updateList,
  updateTask,
  type UserScope,
} from '../../src/index.ts';
import { asTools } from '../fixture.ts';

/** A write that picks its task or list by a number. */
export const write = fc.tuple(
  fc.constantFrom(
    ...(['create', 'create many', 'update', 'delete', 'restore', 'purge', 'rename label', 'nothing'] as const),
    ...(['create list', 'update list', 'delete list', 'empty list', 'restore list'] as const),
  ),
  fc.nat(1_000),
);

export interface Target {
  sql: Client;
  scope: UserScope;
}

export async function apply({ sql, scope }: Target, [kind, number]: [string, number]): Promise<void> {
  const { tasks, lists, trash } = await readState(sql, scope.userId);
  const pick = (ids: string[]) => ids[number % Math.max(1, ids.length)] ?? randomUUID();
  const [id, listId] = [pick(tasks), pick(lists)];
  const [title, text] = [`${number}`, 'x'.repeat(number)];
  const someList = number % 2 === 0 ? null : (lists[number % Math.max(1, lists.length)] ?? null);
  const writes: Record<string, () => Promise<unknown>> = {
    create: () => createTask(scope, { title, description: text, listId: someList, labels: ['x'] }),
    'create many': () =>
      createTasks(
        scope,
        Array.from({ length: 4 }, () => ({ title, listId: someList })),
      ),
    update: () => updateTask(scope, { id, title, listId: someList }),
    delete: () => deleteTask(scope, { id }),
    restore: () => restoreTasks(scope, { ids: [id] }),
    purge: () => purgeTasks(scope, number % 3 === 0 ? { before: '2900-01-01' } : { ids: [id] }),
    'rename label': () => renameLabel(scope, { from: 'x', to: `y${number}` }),
    nothing: () => updateTask(scope, { id, operationId: randomUUID() }),
    'create list': () => createList(scope, { name: title }),
    'update list': () => updateList(scope, { id: listId, name: title }),
    'delete list': () => deleteList(scope, { id: listId }),
    'empty list': () => deleteList(scope, { id: listId, moveTo: null }),
    'restore list': () => restoreList(scope, { id: pick(trash) }),
  };
  await writes[kind]!().catch((error: Error) => {
    if (!['TaskNotFoundError', 'ListNotFoundError'].includes(error.name)) throw error;
  });
}

async function readState(sql: Client, userId: string): Promise<Record<'tasks' | 'lists' | 'trash', string[]>> {
  const { rows } = await asTools(
    sql,
    `select array(select id::text from tasks where user_id = $1 order by id) as tasks,
      array(select id::text from lists where user_id = $1 and deleted_at is null order by id) as lists,
      array(select id::text from lists where user_id = $1 and deleted_at is not null order by id) as trash`,
    [userId],
  );
  return rows[0];
}

export interface PageLimits {
  limit: number;
  maxBytes: number;
}

export const page: fc.Arbitrary<PageLimits> = fc.record({
  limit: fc.constantFrom(1, 2, 3, 7, 60, 500),
  maxBytes: fc.constantFrom(1, 600, 1_500, 20_000, 10_000_000),
});
