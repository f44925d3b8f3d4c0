import { v7 } from 'uuid';
import type { TextRow } from '../scope/prepared-statement.ts';
import type { UserScope } from '../scope/user-scope.ts';
import { createCursor, parseCursor } from './cursor.ts';
import { TaskConflictError, TaskNotFoundError } from './errors.ts';
import { type TaskRecord, toTask } from './record.ts';
import {
  createTaskStatement,
  deleteTaskStatement,
  getTaskStatement,
  listTasksStatement,
  updateTaskStatement,
} from './statements.ts';

export interface NewTask {
  /** A UUID of the caller's choice; without it the task gets a UUIDv7. */
  id?: string | undefined;
  title: string;
  description?: string | null | undefined;
  completed?: boolean | undefined;
}

export interface TaskChange {
  id: string;
  title?: string | undefined;
  description?: string | null | undefined;
  completed?: boolean | undefined;
  /** Change the task only if it is still at this version. */
  ifVersion?: number | undefined;
}

export interface TaskQuery {
  /** How many tasks at the most. */
  limit: number;
  /** The `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** Only tasks that are completed, or only those that are not. */
  completed?: boolean | undefined;
  /** By time of creation, ties by id. */
  order: 'newest' | 'oldest';
}

export interface TaskPage {
  items: TaskRecord[];
  /** Null exactly when there is no further task. */
  nextCursor: string | null;
}

/**
 * Keeps a new task. Asked again with an id that the user's tasks already hold, it changes nothing and gives back the
 * stored task, so that a create may be repeated safely.
 *
 * @throws TaskConflictError when the task with that id has another content.
 */
export async function createTask(scope: UserScope, input: NewTask): Promise<TaskRecord> {
  // One clock reading gives id and time, so that the order of creation is the order of the ids made here.
  const fresh = v7();
  const createdAt = timeOf(fresh);
  const { id = fresh, title, description = null, completed = false } = input;
  const [row] = await scope.run(createTaskStatement, {
    userId: scope.userId,
    ...scope.profile,
    id,
    title,
    description,
    completed,
    completedAt: completed ? createdAt : null,
    createdAt,
  });
  const task = toTask(row!);
  if (task.title !== title || task.description !== description || task.completed !== completed) {
    throw new TaskConflictError('There is already another task with this id.', task);
  }
  return task;
}

/** @throws TaskNotFoundError */
export async function getTask(scope: UserScope, { id }: { id: string }): Promise<TaskRecord> {
  const [row] = await scope.run(getTaskStatement, { userId: scope.userId, id });
  if (row === undefined) throw new TaskNotFoundError();
  return toTask(row);
}

/**
 * One page of the user's tasks. A task that nobody touches is neither skipped nor repeated from page to page, whatever
 * is written meanwhile.
 *
 * @throws InvalidCursorError for a cursor of another user, filter or order, or one that was not made here.
 */
export async function listTasks(scope: UserScope, query: TaskQuery): Promise<TaskPage> {
  const { limit, completed, order } = query;
  const list = `${scope.userId} ${completed} ${order}`;
  const after = query.cursor === undefined ? undefined : parseCursor(scope.cursorKey, list, query.cursor);
  const rows = await scope.run(listTasksStatement(order, completed !== undefined, after !== undefined), {
    userId: scope.userId,
    rows: limit + 1,
    completed,
    afterCreatedAt: after?.createdAt,
    afterId: after?.id,
  });
  const items = rows.slice(0, limit).map(toTask);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? createCursor(scope.cursorKey, list, last) : null };
}

/**
 * Changes the fields that are given and no others; `null` clears. What makes no difference leaves `updatedAt` and
 * `version` as they are.
 *
 * @throws TaskNotFoundError
 * @throws TaskConflictError when the task is no longer at `ifVersion`.
 */
export async function updateTask(scope: UserScope, input: TaskChange): Promise<TaskRecord> {
  const { id, title, description, completed, ifVersion } = input;
  const statement = updateTaskStatement(
    title !== undefined,
    description !== undefined,
    completed !== undefined,
    ifVersion !== undefined,
  );
  const changedAt = new Date().toISOString();
  const [row] = await scope.run(statement, {
    userId: scope.userId,
    id,
    title,
    description,
    completed,
    ifVersion,
    changedAt,
  });
  return confirm(row, ifVersion);
}

/**
 * @throws TaskNotFoundError
 * @throws TaskConflictError when the task is no longer at `ifVersion`.
 */
export async function deleteTask(
  scope: UserScope,
  { id, ifVersion }: { id: string; ifVersion?: number | undefined },
): Promise<{ id: string }> {
  const statement = deleteTaskStatement(ifVersion !== undefined);
  const [row] = await scope.run(statement, { userId: scope.userId, id, ifVersion });
  return { id: confirm(row, ifVersion).id };
}

/** The task of a conditional statement, whose last column tells whether the statement did what it was for. */
function confirm(row: TextRow | undefined, ifVersion: number | undefined): TaskRecord {
  if (row === undefined) throw new TaskNotFoundError();
  const task = toTask(row);
  if (row.at(-1) === 'f' && ifVersion !== undefined && task.version !== ifVersion) {
    throw new TaskConflictError(`The task is at version ${task.version}, not ${ifVersion}.`, task);
  }
  return task;
}

function timeOf(uuidV7: string): string {
  return new Date(Number.parseInt(uuidV7.slice(0, 8) + uuidV7.slice(9, 13), 16)).toISOString();
}
