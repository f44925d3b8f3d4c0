import type { TextRow } from '../scope/prepared-statement.ts';
import { internalsOf, type UserScope } from '../scope/user-scope.ts';
import { createCursor, parseCursor } from './cursor.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import { createIdAndTime } from './new-id.ts';
import {
  hasValues,
  type NewTaskValues,
  type TaskChanges,
  type TaskRecord,
  toTask,
  withInitialValues,
} from './record.ts';
import {
  createTaskStatement,
  deleteTaskStatement,
  findListStatement,
  getTaskStatement,
  listStart,
  type TaskOrder,
  updateTaskStatement,
} from './statements.ts';

/** The size of the largest possible task: 10,500 characters of 4 bytes, and its other fields. */
const taskBytesMax = 42_250;

export type NewTask = NewTaskValues & {
  /** UUID. Default: a new UUIDv7. */
  id?: string | undefined;
};

export type TaskChange = TaskChanges & {
  id: string;
  /** Apply the change only if the task has this version. */
  ifVersion?: number | undefined;
};

export interface TaskQuery {
  /** Maximum number of tasks. */
  limit: number;
  /** The `nextCursor` of the previous page. */
  cursor?: string | undefined;
  /** True for completed tasks only, false for open tasks only. Default: both. */
  completed?: boolean | undefined;
  /**
   * Size limit of the page in bytes of text. A page that reaches it ends early, with at least one task. Default: no limit.
   */
  maxBytes?: number | undefined;
  /** By time of creation, then by id. */
  order: TaskOrder;
}

export interface TaskPage {
  items: TaskRecord[];
  /** Null exactly if there are no more tasks. */
  nextCursor: string | null;
}

/**
 * Creates a task. If the user already has a task with the given id and the same content, returns that task and creates
 * nothing, so the call can be repeated safely.
 *
 * @throws TaskConflictError if the existing task has other content.
 */
export async function createTask(scope: UserScope, input: NewTask): Promise<TaskRecord> {
  const { id: newId, createdAt } = createIdAndTime();
  const values = withInitialValues(input);
  const [row] = await internalsOf(scope).run(createTaskStatement, {
    ...values,
    ...scope.profile,
    userId: scope.userId,
    id: input.id ?? newId,
    completedAt: values.completed ? createdAt : null,
    createdAt,
  });
  const task = toTask(row!);
  if (!hasValues(task, values)) throw new TaskConflictError('Another task has this ID. Use a new ID.', task);
  return task;
}

/** @throws TaskNotFoundError */
export async function getTask(scope: UserScope, { id }: { id: string }): Promise<TaskRecord> {
  const [row] = await internalsOf(scope).run(getTaskStatement, { userId: scope.userId, id });
  if (row === undefined) throw new TaskNotFoundError();
  return toTask(row);
}

/**
 * Returns one page of the user's tasks. Pages neither skip nor repeat a task that has not changed, even if other tasks
 * change between them.
 *
 * @throws InvalidCursorError for a cursor of another user, filter or order.
 */
export async function listTasks(scope: UserScope, query: TaskQuery): Promise<TaskPage> {
  const { limit, completed, order, maxBytes } = query;
  const { cursorKey, run } = internalsOf(scope);
  const list = `${scope.userId} ${completed} ${order}`;
  const after = query.cursor === undefined ? listStart[order] : parseCursor(cursorKey, list, query.cursor);
  // A page that cannot reach its limit does without the cost of measuring.
  const isBounded = maxBytes !== undefined && limit * taskBytesMax > maxBytes;
  const rows = await run(findListStatement(order, { isFiltered: completed !== undefined, isBounded }), {
    userId: scope.userId,
    rows: limit + 1,
    completed,
    afterCreatedAt: after.createdAt,
    afterId: after.id,
    maxBytes,
  });
  const isWithin = (row: TextRow) => !isBounded || Number(row.at(-1)) < maxBytes;
  const items = rows.slice(0, limit).filter(isWithin).map(toTask);
  const last = items.at(-1);
  const hasMore = rows.length > items.length && last !== undefined;
  return { items, nextCursor: hasMore ? createCursor(cursorKey, list, last) : null };
}

/**
 * Changes the given fields and no others; `null` clears a field. An update without an effect changes nothing, including
 * `updatedAt` and `version`.
 *
 * @throws TaskNotFoundError
 * @throws TaskConflictError if the task does not have the version `ifVersion`.
 */
export async function updateTask(scope: UserScope, input: TaskChange): Promise<TaskRecord> {
  const { ifVersion } = input;
  const changedAt = new Date().toISOString();
  const [row] = await internalsOf(scope).run(updateTaskStatement, {
    ...input,
    userId: scope.userId,
    ifVersion,
    changedAt,
  });
  return toResult(row, ifVersion);
}

/**
 * @throws TaskNotFoundError
 * @throws TaskConflictError if the task does not have the version `ifVersion`.
 */
export async function deleteTask(
  scope: UserScope,
  { id, ifVersion }: { id: string; ifVersion?: number | undefined },
): Promise<{ id: string }> {
  const [row] = await internalsOf(scope).run(deleteTaskStatement, { userId: scope.userId, id, ifVersion });
  return { id: toResult(row, ifVersion).id };
}

/** The task of a conditional statement, whose last column is `is_applied`. */
function toResult(row: TextRow | undefined, ifVersion: number | undefined): TaskRecord {
  if (row === undefined) throw new TaskNotFoundError();
  const task = toTask(row);
  if (row.at(-1) === 'f' && ifVersion !== undefined && task.version !== ifVersion) {
    throw new TaskConflictError(`The task has version ${task.version}, not ${ifVersion}. Read it again.`, task);
  }
  return task;
}
