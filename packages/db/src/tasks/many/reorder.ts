import { createPositions, maxPositionLength } from '@holdfast/task-values';
import { type RawBuilder, sql } from 'kysely';
import { createStatement } from '../../scope/prepared-statement.ts';
import type { UserScope } from '../../scope/user-scope.ts';
import { findPrior } from '../../writes/conditions.ts';
import { createLogStatement } from '../../writes/log.ts';
import { type Repeatable, toOperationArgs } from '../../writes/operation.ts';
import { runWrite } from '../../writes/run-write.ts';
import { areTooLarge } from '../../writes/size-limit.ts';
import { hasList, isPresent, readRevision } from '../conditions.ts';
import { taskJsonBytes, taskColumns, type TaskRecord } from '../record.ts';
import { isGivenTask, type ManyArgs, selectIds, selectUnchanged, toManyResult, toUniqueIds } from './many-rows.ts';
import { createPrefix, createSuffix } from './reorder-keys.ts';

export interface Reordering extends Repeatable {
  /** UUID of the list; null for the inbox. */
  listId: string | null;
  /** UUIDs of 1 to 500 tasks of the list, in their new order. Repeated IDs count once. */
  ids: readonly string[];
}

interface ReorderArgs extends ManyArgs {
  listId: string | null;
  /** The positions if the call names all tasks of the list. */
  positions: string[];
  changedAt: string;
}

const isGiven = (id: string) => sql`${sql.ref(id)} in (select target_id from target)`;

type ListKind = 'inbox' | 'list';

/** The condition for a task of the list. With `is null` for the inbox, PostgreSQL can read the index. */
function isInList(kind: ListKind, { userId, listId }: { userId: string; listId: unknown }): RawBuilder<boolean> {
  const list = kind === 'inbox' ? sql`list_id is null` : sql`list_id = ${listId}::uuid`;
  return sql`user_id = ${userId}::uuid and ${list} and deleted_at is null`;
}

/**
 * The given tasks take their places in the list in the new order. The other tasks keep their places and positions.
 *
 * - `place`: the places of the given tasks. `lower` and `upper` are the positions of the nearest other tasks. If these are
 *   equal, no position fits between them, so `upper` is the next greater position.
 * - `fresh`: the given tasks with their new positions. Tasks between the same two others get evenly spaced positions. If
 *   these would be too long, the tasks keep the positions of their places.
 */
function createReorderStatement(kind: ListKind) {
  return createStatement<ReorderArgs>(`tasks_reorder_${kind}`, (db, { value }) => {
    const [userId, ids, listId] = [value('userId'), value('ids'), value('listId')];
    const inList = isInList(kind, { userId, listId });
    // A task that has left the list counts only if an earlier call has done this write.
    const isVisible = sql`((${inList}) or exists (select from prior))`;
    // Only in an order that starts with `list_id` can PostgreSQL read the index of the inbox.
    const neighbor = (comparison: '<' | '>') => {
      const direction = sql.raw(comparison === '<' ? 'desc' : 'asc');
      return sql`(select position, id from public.tasks
        where ${inList} and (position, id) ${sql.raw(comparison)} (target.position, target.target_id)
        order by list_id ${direction}, position ${direction}, id ${direction} limit 1)`;
    };
    return (
      db
        .with('prior', (query) => findPrior(query, userId, value('operationId')))
        .with(
          (cte) => cte('target').materialized(),
          () => sql<{
            target_id: string;
          }>`(select task.id as target_id, task.position, task.bytes from (${selectIds(ids)}) as wanted
          cross join lateral (
            select id, position, ${taskJsonBytes} as bytes from public.tasks
            where user_id = ${userId}::uuid and tasks.id = wanted.id and ${isVisible} limit 1
          ) as task)`,
        )
        .with(
          (cte) => cte('state').materialized(),
          () => sql<{
            prior_hash: string | null;
            has_list: boolean;
            is_too_large: boolean;
            is_ready: boolean;
          }>`(select (select request_hash from prior) as prior_hash, has_list, is_too_large,
            has_list and not is_too_large and found = cardinality(${ids}::uuid[]) and not exists (select from prior) as is_ready
          from (select ${hasList(userId, listId)} as has_list, count(*) as found, ${areTooLarge} as is_too_large
            from target) as conditions)`,
        )
        .with(
          'place',
          () => sql<{ place: number }>`(select place, position, lower,
            case when next is null or next > lower then next else (
              select position from public.tasks
              where ${inList} and position > lower and not ${isGiven('id')} order by list_id, position limit 1
            ) end as upper
          from (
            select row_number() over (order by target.position, target_id) as place, target.position,
              max(case when before.id is null then '' when not ${isGiven('before.id')} then before.position end)
                over (order by target.position, target_id rows unbounded preceding) as lower,
              min(case when not ${isGiven('after.id')} then after.position end)
                over (order by target.position desc, target_id desc rows unbounded preceding) as next
            from target left join lateral ${neighbor('<')} as before on true
            left join lateral ${neighbor('>')} as after on true
            where (select is_ready from state)
          ) as measured)`,
        )
        .with(
          (cte) => cte('fresh').materialized(),
          () => sql<{ fresh_id: string; fresh_position: string }>`(select (${ids}::uuid[])[place] as fresh_id,
            case when length(key) <= ${sql.lit(maxPositionLength)} then key else position end as fresh_position
          from (
            select place, position, case when lower = '' and upper is null then (${value('positions')}::text[])[place]
              else ${createPrefix(sql`lower`, sql`upper`)} || ${createSuffix(sql`number`, sql`size`)} end as key
            from (
              select *, row_number() over (partition by lower order by place) as number,
                count(*) over (partition by lower) as size
              from place
            ) as grouped
            offset 0
          ) as keyed
          limit cardinality(${ids}::uuid[]))`,
        )
        .with('changed', (query) =>
          query
            .updateTable('tasks')
            .from('fresh')
            .set({
              position: sql`fresh_position`,
              updated_at: sql`greatest(updated_at, ${value('changedAt')})`,
              version: sql`version + 1`,
              revision: readRevision(userId) as never,
            })
            .where(inList)
            .whereRef('id', '=', 'fresh_id')
            .where(sql<boolean>`position <> fresh_position`)
            .returning(taskColumns),
        )
        // The other given tasks.
        .with('unchanged', () => selectUnchanged({ userId, ids }, isVisible))
        .selectFrom('state')
        .leftJoin(
          sql<
            Record<(typeof taskColumns)[number], string>
          >`(select * from changed union all select * from unchanged)`.as('task'),
          (join) => join.onTrue(),
        )
        .select(taskColumns.map((column) => `task.${column}` as const))
        .select(['prior_hash', 'has_list', 'is_too_large'])
    );
  });
}

export const reorderStatements = { inbox: createReorderStatement('inbox'), list: createReorderStatement('list') };

export const logReorderStatement = createLogStatement<ReorderArgs>('log_tasks_reorder', {
  tasks: ({ value }) => isGivenTask(value('ids')),
  isAccepted: ({ value }) => sql<boolean>`(
    select count(*) = cardinality(${value('ids')}::uuid[]) and not ${areTooLarge}
    from (${selectIds(value('ids'))}) as wanted
    cross join lateral (
      select ${taskJsonBytes} as bytes from public.tasks
      where user_id = ${value('userId')}::uuid and tasks.id = wanted.id and ${isPresent}
        and list_id is not distinct from ${value('listId')}::uuid limit 1
    ) as task
  ) and ${hasList(value('userId'), value('listId'))}`,
});

/**
 * Brings tasks of one list into a new order. The tasks take the places that they have now, in the order of the IDs. All
 * other tasks of the list keep their places, so the call can name a part of the list. It also makes positions short.
 *
 * Between tasks with equal positions there is no place for new ones. A task from there moves behind them.
 *
 * @returns The tasks, in the order of the IDs.
 * @throws ListNotFoundError
 * @throws TaskNotFoundError with the IDs of all tasks that are not in the list.
 * @throws TooManyTasksError if the tasks together are too large.
 * @throws OperationConflictError
 */
export async function reorderTasks(scope: UserScope, input: Reordering): Promise<{ items: TaskRecord[] }> {
  const { listId } = input;
  const ids = toUniqueIds(input.ids);
  const request = { ...input, ids };
  const args: ReorderArgs = {
    ...toOperationArgs('task.reorder', request),
    userId: scope.userId,
    ids,
    listId,
    positions: createPositions(ids.length),
    changedAt: new Date().toISOString(),
  };
  const write = { statement: reorderStatements[listId === null ? 'inbox' : 'list'], args };
  return { items: await toManyResult(await runWrite(scope, write, { statement: logReorderStatement, args }), args) };
}
