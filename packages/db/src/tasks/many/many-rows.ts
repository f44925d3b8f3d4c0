import { mapInSlices } from '@holdfast/operation';
import { type RawBuilder, sql } from 'kysely';
import { ListNotFoundError } from '../../lists/errors.ts';
import type { TextRow } from '../../scope/prepared-statement.ts';
import { createLogStatement } from '../../writes/log.ts';
import { assertSameRequest, type OperationArgs } from '../../writes/operation.ts';
import { assertSize } from '../../writes/size-limit.ts';
import { TaskNotFoundError } from '../errors.ts';
import { taskColumns, type TaskRecord, toTask } from '../record.ts';

/** Arguments of a write to the tasks with the given IDs. */
export interface ManyArgs extends OperationArgs {
  userId: string;
  /** Different UUIDs in lower case. */
  ids: string[];
}

/** The IDs in lower case, each once. */
export function toUniqueIds(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.toLowerCase()))];
}

/**
 * The given IDs. Because of the limit, the planner expects one row and looks up each ID in the primary key. Without it,
 * PostgreSQL may read all of the user's tasks in another index, which is slow for a user with many tasks.
 */
export function selectIds(ids: unknown): RawBuilder<{ id: string }> {
  return sql`select id from unnest(${ids}::uuid[]) as each (id) limit cardinality(${ids}::uuid[])`;
}

/** The given tasks that are visible and that the write has not changed, unless the tasks are too large for one call. */
export function selectUnchanged({ userId, ids }: Pick<ManyArgs, 'userId' | 'ids'>, isVisible: RawBuilder<unknown>) {
  return sql<{ id: string }>`(select task.* from (${selectIds(ids)}) as wanted
    cross join lateral (
      select ${sql.join(taskColumns.map((column) => sql.ref(column)))} from public.tasks
      where user_id = ${userId}::uuid and tasks.id = wanted.id and ${isVisible} limit 1
    ) as task
    where wanted.id not in (select id from changed) and not (select is_too_large from state))`;
}

/** The condition of a log statement: the task is one of the given ones. */
export function isGivenTask(ids: unknown): RawBuilder<boolean> {
  return sql<boolean>`id in (${selectIds(ids)})`;
}

/** The last statement of a write to several tasks that changes at least one task unless it is refused. */
export const logTasksStatement = createLogStatement<ManyArgs>('log_tasks', {
  tasks: ({ value }) => isGivenTask(value('ids')),
  isAccepted: () => sql<boolean>`false`,
});

/** The result of a write to several tasks. */
export interface ManyResult {
  /** The tasks, as they are now. If a task is missing, the write changed nothing. */
  tasks: Map<string, TaskRecord>;
  /** The columns after those of the tasks, which are the same in each row. */
  flags: TextRow;
}

/** Converts the rows of a write to several tasks. If there is no task, the only row has no ID. */
export async function readManyRows(rows: readonly TextRow[]): Promise<ManyResult> {
  const given = rows.filter((row) => row[0] !== null);
  const tasks = await mapInSlices(given, toTask);
  return {
    tasks: new Map(tasks.map((task) => [task.id, task])),
    flags: rows[0]!.slice(taskColumns.length),
  };
}

/**
 * Returns the tasks in the order of the IDs.
 *
 * @throws TaskNotFoundError with the IDs of all missing tasks.
 */
export function pickTasks(tasks: ReadonlyMap<string, TaskRecord>, ids: readonly string[]): TaskRecord[] {
  const missing = ids.filter((id) => !tasks.has(id));
  if (missing.length > 0) throw new TaskNotFoundError(missing);
  return ids.map((id) => tasks.get(id)!);
}

/**
 * Returns the tasks of a write whose flags start with the hash of the earlier call, whether the target list exists, and
 * whether the tasks are too large for one call.
 *
 * @throws OperationConflictError
 * @throws TooManyTasksError
 * @throws ListNotFoundError
 * @throws TaskNotFoundError
 */
export async function toManyResult(rows: readonly TextRow[], args: ManyArgs): Promise<TaskRecord[]> {
  const { tasks, flags } = await readManyRows(rows);
  const [priorHash, hasTargetList, tooLarge] = flags as [string | null, string, string?];
  assertSameRequest(priorHash, args);
  assertSize(tooLarge);
  if (priorHash === null && hasTargetList === 'f') throw new ListNotFoundError('listId');
  return pickTasks(tasks, args.ids);
}
